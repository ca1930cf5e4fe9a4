import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createBackend } from '../../main/backend.ts';
import { parse } from '../../main/dicom/index.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { type Phantom, phantom } from '../../models/kit/phantom/index.ts';
import { type App, noBrowser, startApp } from './app.ts';

type Ct = Extract<Phantom, { kind: 'ct' }>;
type Xray = Extract<Phantom, { kind: 'xray' }>;
type Spot = readonly [number, number];

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const WHO = {
  name: 'Measured^Meta',
  id: 'MEASURE-1',
  birthDate: '1970-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom CT and X-ray',
  accession: 'A1',
  key: 'measure',
};

/** Both taken in as one study. */
const fill = async (storeFolder: string, folder: string): Promise<void> => {
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
  try {
    const { studies, jobs } = backend.domains;
    await jobs.ended(studies.importPath(folder, { copy: true, label: 'flow' }).jobId);
  } finally {
    await backend.close();
  }
};

const ready = (page: Page, view: string, index?: number) =>
  page.waitForSelector(
    `[data-testid="viewport-${view}"][data-state="ready"]${index === undefined ? '' : `[data-frame-index="${index}"]`}`,
  );

/** Numbers of a text. */
const numbers = (text: string): number[] => [...text.matchAll(/-?\d+(?:\.\d+)?/g)].map(([number]) => Number(number));
const near = (actual: number | undefined, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= tolerance, `${what}: ${actual} for ${expected.toFixed(3)}`);

describe('measuring', () => {
  let app: App | null = null;
  let folder = '';
  let storeFolder = '';
  let ct: Ct;
  let xray: Xray;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-phantom-'));
    ct = phantom('ct 96x96x60 nodule 24mm left upper', { seed: 11 }) as Ct;
    xray = phantom('xray 256x256', { seed: 3 }) as Xray;
    await writePhantom(ct, WHO, join(folder, 'ct'), 1);
    await writePhantom(xray, WHO, join(folder, 'xray'), 2);
    if (noBrowser() !== null) return;
    storeFolder = mkdtempSync(join(tmpdir(), 'sightline-flow-'));
    await fill(storeFolder, folder);
    app = await startApp({ storeFolder });
    app.page.setDefaultTimeout(30_000);
    await app.page.goto(`${new URL(app.page.url()).origin}/?painter=canvas`);
    await app.page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await app.page.locator('[data-testid="study-row"]').first().dblclick();
    await ready(app.page, 'stack');
  });
  after(async () => {
    await app?.close();
    for (const made of [folder, storeFolder]) rmSync(made, { recursive: true, force: true });
  });

  const flow = (name: string, run: (app: App, page: Page) => Promise<void>): void => {
    test(name, async (t) => {
      const missing = noBrowser();
      if (missing !== null) return t.skip(missing);
      assert.ok(app);
      await run(app, app.page);
      assert.deepEqual(app.errors, []);
    });
  };

  /** From image points of a fitted, unturned view to the page. mm: size of a pixel, where it is not square. */
  const placer = async (page: Page, view: string, columns: number, rows: number, size: Spot = [1, 1]) => {
    const box = await page.locator(`[data-testid="viewport-${view}"]`).boundingBox();
    assert.ok(box);
    const scale = Math.min(box.width / (columns * size[0]), box.height / (rows * size[1]));
    return ([x, y]: Spot): { x: number; y: number } => ({
      x: box.x + box.width / 2 + (x - columns / 2) * size[0] * scale,
      y: box.y + box.height / 2 + (y - rows / 2) * size[1] * scale,
    });
  };
  const drag = async (page: Page, to: (spot: Spot) => { x: number; y: number }, spots: readonly Spot[]) => {
    const [first, ...rest] = spots.map(to);
    assert.ok(first);
    await page.mouse.move(first.x, first.y);
    await page.mouse.down();
    for (const at of rest) await page.mouse.move(at.x, at.y, { steps: 4 });
    await page.mouse.up();
  };
  const click = async (page: Page, to: (spot: Spot) => { x: number; y: number }, spot: Spot) => {
    const at = to(spot);
    await page.mouse.click(at.x, at.y);
  };
  const linesOf = async (page: Page, kind: string): Promise<string> => {
    const found = page.locator(`[data-testid="measurement"][data-kind="${kind}"]`).last();
    await found.waitFor({ state: 'attached' });
    return (await found.getAttribute('data-lines')) ?? '';
  };
  const kept = (page: Page) => page.waitForSelector('[data-testid="measurements"][data-unsaved="0"]');
  const pick = async (page: Page, key: string, kind: string) => {
    await page.keyboard.press(key);
    await page.waitForSelector(`[data-testid="viewport-stack"][data-tool="${kind}"]`);
  };

  const SLICE = 40;
  /** By the keys; a study that has just been opened may still be taken to where it was left. */
  const goToSlice = async (page: Page, index: number): Promise<void> => {
    const view = page.locator('[data-testid="viewport-stack"]');
    await page.waitForSelector('[data-testid="viewport-stack"][data-complete="true"]');
    await view.focus();
    const upward = ct.image.affineVoxelToPatient[10] > 0;
    for (let tries = 0; tries < 200; tries++) {
      const at = Number(await view.getAttribute('data-frame-index'));
      if (at === index) return void (await ready(page, 'stack', index));
      await page.keyboard.press(at < index === upward ? 'ArrowUp' : 'ArrowDown');
    }
    assert.fail(`slice ${index} was not reached`);
  };
  /** Values of the CT's voxels whose centre is inside, by a test of its own. */
  const voxelsWhere = (inside: (x: number, y: number) => boolean, k = SLICE): number[] => {
    const [nx, ny] = ct.image.dims;
    const found: number[] = [];
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++)
        if (inside(i + 0.5, j + 0.5)) found.push(ct.image.data[i + nx * (j + ny * k)] ?? Number.NaN);
    return found;
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]): number =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

  flow('each tool on the CT tells what the voxels tell', async (current, page) => {
    const [nx, ny] = ct.image.dims;
    const [rowMm, columnMm] = ct.pixelSpacingMm;
    await goToSlice(page, SLICE);
    const to = await placer(page, 'stack', nx, ny);

    await pick(page, 'd', 'length');
    await drag(page, to, [
      [20, 30],
      [50, 70],
    ]);
    near(numbers(await linesOf(page, 'length'))[0], Math.hypot(30 * columnMm, 40 * rowMm), 0.06, 'length');

    await pick(page, 'Shift+D', 'bidirectional');
    await drag(page, to, [
      [60, 20],
      [80, 20],
    ]);
    const [long, short] = numbers(await linesOf(page, 'bidirectional'));
    near(long, 20 * columnMm, 0.06, 'long axis');
    near(short, 10 * columnMm, 0.06, 'short axis');

    await pick(page, 'Shift+A', 'angle');
    await drag(page, to, [
      [10, 60],
      [10, 80],
    ]);
    await click(page, to, [30, 80]);
    near(numbers(await linesOf(page, 'angle'))[0], 90, 0.1, 'angle');

    await pick(page, 'k', 'cobb');
    await drag(page, to, [
      [60, 40],
      [80, 40],
    ]);
    await drag(page, to, [
      [80, 60],
      [60, 60 - 20 * Math.tan(Math.PI / 9)],
    ]);
    near(numbers(await linesOf(page, 'cobb'))[0], 20, 0.1, 'Cobb');

    await pick(page, 'Shift+E', 'ellipse');
    await drag(page, to, [
      [30, 10],
      [46, 22],
    ]);
    const inEllipse = voxelsWhere((x, y) => ((x - 38) / 8) ** 2 + ((y - 16) / 6) ** 2 <= 1);
    const ellipse = await linesOf(page, 'ellipse');
    near(numbers(ellipse)[0], (Math.PI * 8 * columnMm * 6 * rowMm) / 100, 0.006, 'area, cm²');
    near(numbers(/mean (\S+)/.exec(ellipse)?.[1] ?? '')[0], mean(inEllipse), 0.06, 'mean');
    near(numbers(/SD (\S+)/.exec(ellipse)?.[1] ?? '')[0], deviation(inEllipse), 0.06, 'deviation');
    assert.equal(numbers(/n (\d+)/.exec(ellipse)?.[1] ?? '')[0], inEllipse.length);
    assert.match(ellipse, new RegExp(`min ${Math.min(...inEllipse)} {2}max ${Math.max(...inEllipse)} HU`));

    await pick(page, 'Shift+S', 'rectangle');
    await drag(page, to, [
      [56.3, 66.3],
      [76.7, 80.7],
    ]);
    const inRectangle = voxelsWhere((x, y) => x > 56.3 && x < 76.7 && y > 66.3 && y < 80.7);
    const rectangle = await linesOf(page, 'rectangle');
    near(numbers(/mean (\S+)/.exec(rectangle)?.[1] ?? '')[0], mean(inRectangle), 0.06, 'mean');
    assert.equal(numbers(/n (\d+)/.exec(rectangle)?.[1] ?? '')[0], inRectangle.length);

    await pick(page, 'Shift+F', 'freehand');
    // A diamond, whose voxels are told by its four edges.
    await drag(page, to, [
      [40, 74.1],
      [50.3, 84],
      [40, 93.9],
      [29.7, 84],
      [40, 74.3],
    ]);
    const inDiamond = voxelsWhere((x, y) => Math.abs(x - 40) / 10.3 + Math.abs(y - 84) / 9.9 < 1);
    const free = await linesOf(page, 'freehand');
    near(numbers(/n (\d+)/.exec(free)?.[1] ?? '')[0], inDiamond.length, 4, 'voxels of a diamond drawn by hand');
    near(numbers(/mean (\S+)/.exec(free)?.[1] ?? '')[0], mean(inDiamond), 8, 'mean of the diamond');

    await pick(page, 'Shift+V', 'probe');
    await click(page, to, [48.5, 52.5]);
    assert.equal(await linesOf(page, 'probe'), `${ct.image.data[48 + nx * (52 + ny * SLICE)]} HU`);

    await pick(page, 'y', 'arrow');
    await drag(page, to, [
      [70, 55],
      [84, 62],
    ]);
    await page.waitForSelector('[data-testid="measure-words"]');
    await page.keyboard.type('look here');
    await page.keyboard.press('Enter');
    assert.equal(await linesOf(page, 'arrow'), 'look here');

    await pick(page, 'Shift+Y', 'text');
    await click(page, to, [12, 12]);
    await page.waitForSelector('[data-testid="measure-words"]');
    await page.keyboard.type('seen with Dr. A.');
    await page.keyboard.press('Enter');
    assert.equal(await linesOf(page, 'text'), 'seen with Dr. A.');
    await kept(page);
    await current.picture('measure-stack');
  });

  const attribute = async (page: Page, kind: string, name: string): Promise<string> =>
    (await page.locator(`[data-testid="measurement"][data-kind="${kind}"]`).last().getAttribute(name)) ?? '';
  const allLines = async (page: Page): Promise<string[]> =>
    (
      await page
        .locator('[data-testid="measurement"]')
        .evaluateAll((all) => all.map((one) => `${one.getAttribute('data-name')}: ${one.getAttribute('data-lines')}`))
    ).sort();

  flow('a handle moves by hand and by keys; every step can be taken back', async (_, page) => {
    const [nx, ny] = ct.image.dims;
    const [, columnMm] = ct.pixelSpacingMm;
    const to = await placer(page, 'stack', nx, ny);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-testid="viewport-stack"][data-tool="window"]');
    await pick(page, 'd', 'length');
    await drag(page, to, [
      [20, 50],
      [40, 50],
    ]);
    near(numbers(await linesOf(page, 'length'))[0], 20 * columnMm, 0.06, 'drawn');
    // Its end goes on, though the tool still draws.
    await drag(page, to, [
      [40, 50],
      [44, 50],
    ]);
    near(numbers(await linesOf(page, 'length'))[0], 24 * columnMm, 0.06, 'pulled');
    assert.equal(await page.locator('[data-testid="measurement"][data-kind="length"]').count(), 2);
    await page.keyboard.press('ArrowRight');
    near(numbers(await linesOf(page, 'length'))[0], 25 * columnMm, 0.06, 'by a key');
    await page.keyboard.press('Shift+ArrowRight');
    near(numbers(await linesOf(page, 'length'))[0], 35 * columnMm, 0.06, 'by ten');
    for (const expected of [25, 24, 20]) {
      await page.keyboard.press('Control+z');
      near(numbers(await linesOf(page, 'length'))[0], expected * columnMm, 0.06, 'taken back');
    }
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.querySelectorAll('[data-kind="length"][data-measurement]').length === 1);
    for (let n = 0; n < 4; n++) await page.keyboard.press('Control+y');
    near(numbers(await linesOf(page, 'length'))[0], 35 * columnMm, 0.06, 'done again');
    await kept(page);
  });

  flow('removed with Delete, brought back with undo; the label is dragged', async (_, page) => {
    const [nx, ny] = ct.image.dims;
    const to = await placer(page, 'stack', nx, ny);
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-testid="viewport-stack"][data-tool="length"]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-testid="viewport-stack"][data-tool="window"]');
    // The rectangle, by its edge.
    await click(page, to, [66, 66.3]);
    await page.waitForSelector('[data-kind="rectangle"] circle');
    const before = await allLines(page);
    await page.keyboard.press('Delete');
    await page.waitForFunction(() => document.querySelector('[data-kind="rectangle"][data-measurement]') === null);
    await page.keyboard.press('Control+z');
    await page.waitForSelector('[data-kind="rectangle"][data-measurement]');
    assert.deepEqual(await allLines(page), before);
    const label = page.locator('[data-testid="measurement"][data-kind="probe"] .label');
    const box = await label.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 10, box.y + 7);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 57, { steps: 5 });
    await page.mouse.up();
    const moved = await label.boundingBox();
    near(moved?.x, box.x + 50, 1, 'label across');
    near(moved?.y, box.y + 50, 1, 'label down');
    await kept(page);
  });

  flow('all of it is there after a restart of the window', async (current, page) => {
    const before = await allLines(page);
    assert.equal(before.length, 11);
    await page.waitForTimeout(1500);
    await page.reload();
    await page.waitForSelector('[data-testid="study-row"]');
    await page.locator('[data-testid="study-row"]').first().dblclick();
    await ready(page, 'stack', SLICE);
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="measurement"]').length === 11);
    await page.waitForFunction(() => !document.querySelector('[data-lines="…"]'));
    assert.deepEqual(await allLines(page), before);
    await page.waitForSelector('[data-testid="measure-panel"]');
    assert.equal(await page.locator('[data-testid="measure-row"]').count(), 11);
    await page.locator('[data-testid="measure-row"][data-kind="ellipse"] [data-testid="measure-go"]').click();
    await page.waitForSelector('[data-testid="histogram"]');
    await current.picture('measure-panel');
  });

  flow('the list renames, hides and finds', async (_, page) => {
    await page.keyboard.press('Home');
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="measurement"]').length === 0);
    const row = page.locator('[data-testid="measure-row"][data-kind="bidirectional"]');
    await row.locator('[data-testid="measure-go"]').click();
    await ready(page, 'stack', SLICE);
    await page.waitForSelector('[data-kind="bidirectional"] circle');
    await row.locator('[data-testid="measure-rename"]').click();
    await page.keyboard.type('Nodule');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid="measurement"][data-name="Nodule"]');
    await row.locator('button').first().click();
    await page.waitForFunction(() => document.querySelector('[data-kind="bidirectional"][data-measurement]') === null);
    await row.locator('button').first().click();
    await page.waitForSelector('[data-testid="measurement"][data-name="Nodule"]');
  });

  flow('one key puts it into the report, linked to its place', async (current, page) => {
    await page.locator('[data-testid="measure-row"][data-kind="bidirectional"] [data-testid="measure-go"]').click();
    await page.waitForSelector('[data-kind="bidirectional"] circle');
    const lines = await attribute(page, 'bidirectional', 'data-lines');
    await page.keyboard.press('q');
    const sentence = page.locator('[data-testid="sentence"]').last();
    await sentence.waitFor();
    assert.ok((await sentence.innerText()).includes(`Nodule: ${lines.replace('×', 'x')}.`), await sentence.innerText());
    await page.locator('[data-testid="viewport-stack"]').focus();
    await page.keyboard.press('Home');
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="measurement"]').length === 0);
    await page.locator('[data-testid="sentence-region"]').last().click();
    await ready(page, 'stack', SLICE);
    await page.waitForSelector('[data-testid="region"][data-marked="true"]');
    await current.picture('measure-report');
  });

  flow('in planes lengths are those in the patient', async (current, page) => {
    await page.keyboard.press('Alt+2');
    for (const view of ['axial', 'sagittal', 'coronal']) await ready(page, view);
    const [nx, , nz] = ct.image.dims;
    const m = ct.image.affineVoxelToPatient;
    const [iMm, kMm] = [Math.hypot(m[0], m[4], m[8]), Math.hypot(m[2], m[6], m[10])];
    const to = await placer(page, 'coronal', nx, nz, [iMm, kMm]);
    await page.locator('[data-testid="viewport-coronal"]').focus();
    await page.keyboard.press('d');
    await page.waitForSelector('[data-testid="viewport-coronal"][data-tool="length"]');
    await drag(page, to, [
      [30, 10],
      [60, 40],
    ]);
    const drawn = page.locator('[data-testid="viewport-coronal"] [data-testid="measurement"]');
    await drawn.waitFor({ state: 'attached' });
    near(numbers((await drawn.getAttribute('data-lines')) ?? '')[0], Math.hypot(30 * iMm, 30 * kMm), 0.3, 'length');
    await kept(page);
    const line = await drawn.getAttribute('data-lines');
    await current.picture('measure-planes');
    // Found again from the stack: its plane comes back with it.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Alt+1');
    await ready(page, 'stack');
    await page.locator('[data-testid="measure-row"] [data-testid="measure-go"]').last().click();
    await page.waitForSelector('[data-testid="viewport-coronal"] [data-testid="measurement"]');
    assert.equal(await drawn.getAttribute('data-lines'), line);
    await page.keyboard.press('Alt+1');
  });

  flow('on the X-ray: millimetres by its magnification, and the ratio of heart to thorax', async (current, page) => {
    await page.locator('[data-testid="series-item"]').nth(1).click();
    await ready(page, 'stack', 0);
    await page.waitForSelector('[data-testid="viewport-stack"][data-frame-count="1"]');
    const [columns, rows] = xray.image.dims;
    const to = await placer(page, 'stack', columns, rows);
    await pick(page, 'Shift+C', 'cardiothoracic');
    await drag(page, to, [
      [90, 160],
      [170, 160],
    ]);
    await drag(page, to, [
      [40, 190],
      [210, 190],
    ]);
    const [ratio, heart, thorax] = numbers(await linesOf(page, 'cardiothoracic'));
    const mm = xray.detectorSpacingMm[1] / xray.magnification;
    near(ratio, 80 / 170, 0.0051, 'ratio');
    near(heart, 80 * mm, 0.06, 'heart');
    near(thorax, 170 * mm, 0.06, 'thorax');
    await kept(page);
    await current.picture('measure-xray');
  });

  flow('without a mouse: drawn, moved, named for a screen reader, left', async (_, page) => {
    await page.locator('[data-testid="viewport-stack"]').focus();
    await pick(page, 'd', 'length');
    await page.keyboard.press('Enter');
    const grip = page.locator('[data-testid="measurement"][data-kind="length"] .grip');
    await grip.waitFor({ state: 'attached' });
    const start = numbers(await linesOf(page, 'length'))[0] ?? 0;
    assert.match((await grip.getAttribute('aria-label')) ?? '', /^Length \d+: \d+\.\d mm/);
    assert.match(
      (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? '',
      /^Length \d+, point 1 of 2$/,
    );
    for (let n = 0; n < 3; n++) await page.keyboard.press('Shift+ArrowLeft');
    const mm = xray.detectorSpacingMm[1] / xray.magnification;
    near(numbers(await linesOf(page, 'length'))[0], start + 30 * mm, 0.11, 'longer by thirty pixels');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    near(numbers(await linesOf(page, 'length'))[0], start + 31 * mm, 0.11, 'the other end by one');
    await page.keyboard.press('Delete');
    await page.waitForFunction(() => document.querySelector('[data-kind="length"][data-measurement]') === null);
    await page.keyboard.press('Escape');
    await page.waitForSelector('[data-testid="viewport-stack"][data-tool="window"]');
    await kept(page);
  });

  flow('saved as a DICOM SR where exports are', async (current, page) => {
    await page.locator('[data-testid="screen-exports"]').click();
    const row = page.locator('[data-testid="export-measurements"] li').first();
    await row.locator('summary').click();
    await page.waitForFunction(() =>
      /11 written\. 2 left out: Arrows/.test(
        document.querySelector('[data-testid="export-measured"]')?.textContent ?? '',
      ),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      row.locator('[data-testid="export-measurements-file"]').click(),
    ]);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.subarray(128, 132).toString('latin1'), 'DICM');
    assert.equal(parse(bytes).dataSet.code(0x00080060), 'SR');
    assert.equal(parse(bytes).dataSet.code(0x00080016), '1.2.840.10008.5.1.4.1.1.88.34');
    await current.picture('measure-export');
  });
});
