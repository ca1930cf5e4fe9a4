/** A reader without a mouse: from the worklist to the signature, every step by keys. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test as nodeTest } from 'node:test';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { type App, noBrowser, startApp } from './app.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

describe('a reader without a mouse', { skip: noBrowser() ?? false, timeout: 280_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-keyboard-'));
  let app: App;
  before(async () => {
    const who = {
      name: 'Keys^Karla',
      id: 'KEYS-1',
      birthDate: '1963-02-14',
      studyDate: '2026-06-01',
      studyTime: '09:30:00',
      description: 'Keys CT',
      accession: 'K1',
      key: 'keyboard-flow',
    };
    const line = 'nodule 24mm right upper contrast female age 63';
    await writePhantom(phantom(`ct 128x128x56 spacing 3 5 ${line}`, { seed: 3 }), who, join(folder, 'axial'), 1);
    await writePhantom(phantom('ct 64x64x28 coronal', { seed: 3 }), who, join(folder, 'coronal'), 2);
    const storeFolder = join(folder, 'store');
    const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
    try {
      const { studies, jobs } = backend.domains;
      for (const name of ['axial', 'coronal'])
        await jobs.ended(studies.importPath(join(folder, name), { copy: true, label: name }).jobId);
    } finally {
      await backend.close();
    }
    app = await startApp({ storeFolder });
  });
  after(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  // Each step stands on the one before it.
  let broken = '';
  const test = (name: string, work: () => Promise<void>): void => {
    nodeTest(name, async () => {
      assert.equal(broken, '', 'an earlier step failed');
      try {
        await work();
        assert.deepEqual(app.errors, []);
      } catch (error) {
        broken = name;
        await app.picture('keyboard-failed').catch(() => {});
        throw error;
      }
    });
  };
  const at = (id: string) => app.page.getByTestId(id);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await app.page.keyboard.press(key);
  };
  const stack = (more: string) => app.page.waitForSelector(`[data-testid="viewport-stack"]${more}`);
  const said = async (view: string, attribute: string): Promise<string> =>
    (await at(`viewport-${view}`).getAttribute(`data-${attribute}`)) ?? '';
  /** Waits until the attribute of the view is another; answers it. */
  const changed = async (view: string, attribute: string, before: string): Promise<string> => {
    await app.page.waitForSelector(`[data-testid="viewport-${view}"]:not([data-${attribute}="${before}"])`);
    return said(view, attribute);
  };
  const inText = (id: string) =>
    app.page.waitForFunction((name) => document.activeElement?.getAttribute('data-testid') === name, id);

  test('a study is found and opened, series are changed, images scrolled', async () => {
    await at('study-row').first().waitFor();
    await press('/');
    await app.page.keyboard.type('Karla');
    await press('Escape', 'ArrowDown', 'Enter');
    await stack('[data-state="ready"][data-frame-count="56"]');
    await press(']');
    await stack('[data-state="ready"][data-frame-count="28"]');
    await press('[');
    await stack('[data-state="ready"][data-frame-count="56"]');
    await press('Home');
    await stack('[data-image-number="1"]');
    await press('PageDown', 'ArrowDown', 'ArrowUp', 'ArrowDown');
    await stack('[data-image-number="12"]');
    await press('End');
    await stack('[data-image-number="56"]');
    // Written while the images are looked at, as a reader would have it.
    await press('Control+d');
  });

  test('windows: by steps, as numbers, kept under a name and had again by one key', async () => {
    await press('1');
    await stack('[data-window="400/40"]');
    await press('Alt+ArrowRight');
    await stack('[data-window="460/40"]');
    await press('Alt+ArrowLeft', 'Alt+PageUp');
    await stack('[data-window="400/64"]');
    await press('Alt+PageDown');
    await stack('[data-window="400/40"]');
    await press('Alt+w');
    await inText('type-width');
    await app.page.keyboard.type('95');
    await press('Tab');
    await app.page.keyboard.type('35,5');
    await press('Enter');
    await stack('[data-window="95/35.5"]');
    await press('Alt+k');
    await inText('keep-window-name');
    await app.page.keyboard.type('Stroke');
    await press('Enter');
    await at('keep-window').waitFor({ state: 'detached' });
    await press('2');
    await stack('[data-window="1500/-600"]');
    await press('7');
    await stack('[data-window="95/35.5"]');
    await press('b');
    const seen = await changed('stack', 'window', '95/35.5');
    assert.ok(Number(seen.split('/')[0]) > 800, `a body in air: ${seen}`);
    await press('i');
    await stack('[data-inverted="true"]');
    await press('i', 'Shift+I');
    await stack('[data-colors="hot-iron"]');
    await at('color-bar').waitFor();
    await press('r');
    await stack('[data-colors="grey"]');
  });

  test('zoom, pan, turns, mirror, the lens', async () => {
    await press('j');
    assert.equal(Number(await changed('stack', 'zoom', '1')), 1.2);
    await press('Shift+J');
    await stack('[data-zoom="1"]');
    const bar = () => app.page.locator('[data-testid="viewport-stack"] .bar svg').first().boundingBox();
    assert.ok(await bar());
    await press('Shift+ArrowRight', 'Shift+ArrowDown', '0');
    await press(')', 'Alt+(');
    await stack('[data-degrees="14"]');
    await press('Shift+R');
    await stack('[data-degrees="104"]');
    await press('h', 'r');
    await stack('[data-degrees="0"]');
    await press('g');
    await at('lens').waitFor();
    await press('g');
    await at('lens').waitFor({ state: 'detached' });
    // Held, it goes when the key is let go.
    await app.page.keyboard.down('g');
    await at('lens').waitFor();
    await app.page.waitForTimeout(500);
    await app.page.keyboard.up('g');
    await at('lens').waitFor({ state: 'detached' });
    await press(' ');
    await app.page.locator('[aria-label="Stop"]').waitFor();
    await press('>', ' ');
    await at('speed').filter({ hasText: '20/s' }).waitFor();
  });

  test('layouts and planes, the crosshair and the bar beside the images', async () => {
    await press('Alt+4', '.', '.', 'Alt+3', 'Alt+2');
    for (const plane of ['axial', 'sagittal', 'coronal'])
      await app.page.waitForSelector(`[data-testid="viewport-${plane}"][data-state="ready"]`);
    const before = [await said('sagittal', 'frame-index'), await said('coronal', 'frame-index')] as const;
    await press('ArrowRight', 'ArrowRight', 'ArrowRight');
    const across = await changed('sagittal', 'frame-index', before[0]);
    assert.equal(Math.abs(Number(across) - Number(before[0])), 3);
    await press('Shift+PageDown');
    const down = await changed('coronal', 'frame-index', before[1]);
    assert.equal(Math.abs(Number(down) - Number(before[1])), 1);
    await press(',');
    await app.page.waitForSelector('[data-testid="viewport-sagittal"]:focus');
    await press('ArrowDown');
    await changed('sagittal', 'frame-index', across);
    await press('Alt+1');
    await stack('[data-state="ready"]');
    await at('scroll-bar').focus();
    await press('Home', 'PageDown', 'ArrowDown');
    await stack('[data-image-number="12"]');
    assert.equal(await at('scroll-bar').getAttribute('aria-valuenow'), '12');
    assert.match((await at('scroll-bar').getAttribute('aria-valuetext')) ?? '', /^Image 12 of 56/);
  });

  test('a length is measured, moved and named', async () => {
    await press('F6', 'F6');
    await app.page.waitForSelector('[data-testid="viewport-stack"]:focus');
    await press('d', 'Enter');
    await at('measurement').waitFor();
    const lines = async () => (await at('measurement').getAttribute('data-lines')) ?? '';
    const drawn = await lines();
    assert.match(drawn, /\d mm/);
    await press('Shift+ArrowRight');
    await app.page.waitForFunction(
      (was) => document.querySelector('[data-testid="measurement"]')?.getAttribute('data-lines') !== was,
      drawn,
    );
    assert.match((await at('scroll-bar').getAttribute('aria-valuetext')) ?? '', /1 measurement/);
    await press('Escape', 'Escape');
  });

  test('a draft is written, its sentence leads to its image, and is corrected', async () => {
    await at('sentence').first().waitFor({ timeout: 180_000 });
    await press('Home', 'Alt+ArrowDown');
    await app.page.waitForSelector('[data-testid="sentence"]:focus');
    const regioned = app.page.locator('[data-testid="sentence"]:has([data-testid="sentence-region"])');
    assert.ok((await regioned.count()) > 0, 'no sentence of the draft points at the image');
    const wanted = await regioned.first().getAttribute('data-sentence-id');
    for (let n = 0; n < 40; n++) {
      if ((await app.page.locator(':focus').getAttribute('data-sentence-id')) === wanted) break;
      await press('Alt+ArrowDown');
    }
    // Chosen, it has led there already; from elsewhere its key does.
    await press('Home');
    await stack('[data-image-number="1"]');
    await press('g');
    await changed('stack', 'image-number', '1');
    await app.page.waitForSelector('[data-testid="viewport-stack"] [data-testid="region"][data-marked="true"]');
    await app.picture('keyboard-draft');
    await press('e');
    await inText('sentence-input');
    await press('End');
    await app.page.keyboard.type(' Seen without a mouse.');
    await press('Escape');
    await at('sentence').filter({ hasText: 'without a mouse' }).waitFor();
    // A box for the sentence, drawn by keys.
    const regions = await at('sentence-region').count();
    await press('Shift+B');
    await at('draw-box').first().waitFor();
    await press('Enter', 'Shift+ArrowLeft', 'Control+ArrowDown', 'Enter');
    await at('sentence-region').nth(regions).waitFor();
  });

  test('a sentence and the draft are rated, and the report is signed', async () => {
    await app.page.waitForSelector('[data-testid="sentence"]:focus');
    await press('r', '1');
    await app.page
      .locator('[data-testid="grade-right"][aria-checked="true"], [data-testid="grade-right"][aria-pressed="true"]')
      .first()
      .waitFor();
    await at('score-1').focus();
    await press('4');
    await app.page.locator('[data-testid="score-4"][aria-checked="true"]').waitFor();
    await press('Control+Enter');
    await at('sign-dialog').waitFor();
    await at('sign-name').focus();
    await press('Control+a');
    await app.page.keyboard.type('Dr. Karla Keys');
    await at('sign-accept-all').focus();
    await press(' ');
    await at('sign-confirm').focus();
    await press('Enter');
    await at('signed').waitFor();
    await press('Control+l');
    await at('worklist').waitFor();
  });
});
