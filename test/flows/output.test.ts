import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { decode } from 'fast-png';
import type { Page } from 'playwright-core';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { type Phantom, phantom } from '../../models/kit/phantom/index.ts';
import type { Frame } from '../../preload/contract/index.ts';
import { type App, noBrowser, startApp } from './app.ts';
import { truthOverlay } from './phantom-study.ts';

type Ct = Extract<Phantom, { kind: 'ct' }>;

const QUERY = {
  text: '',
  modality: null,
  status: null,
  from: null,
  to: null,
  order: 'newest',
  limit: 10,
  offset: 0,
} as const;

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const context = { signal: new AbortController().signal };
const SIDE = 96;
const WHO = {
  name: 'Picturesque^Paula',
  id: 'PICTURE-77',
  birthDate: '1970-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom CT',
  accession: 'ACC-4711',
  key: 'output',
};

interface Truth {
  readonly frames: readonly Frame[];
  /** Stored values of each frame. */
  readonly stored: readonly Int16Array[];
}

/** A study with a presentation state and a key object selection among its files, and a report that is begun. */
const fill = async (storeFolder: string, folder: string, made: Ct): Promise<Truth> => {
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
  try {
    const { studies, jobs, keyImages, presentations, reports } = backend.domains;
    const take = (path: string) => jobs.ended(studies.importPath(path, { copy: true, label: 'flow' }).jobId);
    await take(join(folder, 'ct'));
    const { studies: all } = await backend.handlers.studies.list({ ...QUERY }, context);
    const studyId = all[0]?.id ?? '';
    const series = studies.study(studyId).series[0];
    assert.ok(series);
    const marks = truthOverlay(made, series.id);
    const maker = { kind: 'model', package: 'some-organs', version: '1.2.3', jobId: 'j1' } as const;
    await studies.putOverlay({ ...marks.overlay, maker }, marks.bytes);
    const { frames } = await studies.images(series.id);
    const { instanceUid } = frames[5] as Frame;
    const image = { seriesId: series.id, instanceUid, frameNumber: 1 };
    await keyImages.handlers.keyImages.put({ opId: 'k1', revision: 0, image, note: 'From elsewhere' }, context);
    await presentations.handlers.presentations.put(
      {
        opId: 'p1',
        id: 'p1',
        seriesId: series.id,
        presentation: {
          label: 'Turned',
          description: 'Turned lung',
          images: frames.map((frame) => ({ instanceUid: frame.instanceUid, frameNumbers: [] })),
          rescale: { slope: frames[0]?.slope ?? 1, intercept: frames[0]?.intercept ?? 0, type: 'HU' },
          windows: [{ images: [], window: { center: -600, width: 1500, name: 'Lung' }, table: null }],
          inverted: true,
          quarterTurns: 1,
          flipped: false,
          areas: [{ images: [], from: [24, 24], to: [72, 72], mode: 'fit', magnification: null, spacingMm: null }],
          shutter: null,
          graphics: [
            {
              images: [{ instanceUid: frames[10]?.instanceUid ?? '', frameNumbers: [] }],
              layer: 'ANNOTATION',
              shapes: [
                {
                  units: 'image',
                  kind: 'ellipse',
                  points: [
                    [30, 48],
                    [60, 48],
                    [45, 40],
                    [45, 56],
                  ],
                  filled: false,
                },
              ],
              texts: [
                {
                  text: 'Look here',
                  units: 'image',
                  box: [
                    [40, 30],
                    [60, 36],
                  ],
                  anchor: null,
                },
              ],
            },
          ],
        },
      },
      context,
    );
    for (const [media, address] of [
      [keyImages.media, `key-images/${studyId}.dcm`],
      [presentations.media, 'presentation/p1.dcm'],
    ] as const) {
      const answer = await media(new Request(`http://x/${address}`), address.split('/'));
      const path = join(folder, address.replace('/', '-'));
      writeFileSync(path, Buffer.from((await answer?.arrayBuffer()) ?? new ArrayBuffer(0)));
      await take(path);
    }
    await keyImages.handlers.keyImages.remove({ opId: 'k2', revision: 1, image }, context);
    await presentations.handlers.presentations.remove({ opId: 'p2', id: 'p1' }, context);
    const report = await reports.handlers.reports.begin({ studyId, draftId: null, replace: false }, context);
    let { revision } = report;
    for (const text of ['First sentence.', 'Second sentence.']) {
      const sentence = {
        id: text.slice(0, 5),
        section: 'findings',
        text,
        regions: [] as [],
        findingKey: '',
        side: null,
        kind: 'finding',
      } as const;
      const edited = await reports.handlers.reports.edit(
        { reportId: report.id, opId: text.slice(0, 5), revision, edit: { kind: 'add', sentence, beforeId: null } },
        context,
      );
      revision = edited.revision;
    }
    const decoded = await studies.decoded(series.id, context.signal);
    const bytes = readFileSync(decoded.path);
    decoded.release();
    const stored = frames.map(
      (frame) =>
        new Int16Array(Uint8Array.from(bytes.subarray(frame.byteOffset, frame.byteOffset + SIDE * SIDE * 2)).buffer),
    );
    return { frames, stored };
  } finally {
    await backend.close();
  }
};

/** PS3.3 C.11.2.1.2.1, to the nearest of 256 greys. */
const linear = (value: number, center: number, width: number): number => {
  const y = ((value - (center - 0.5)) / (width - 1) + 0.5) * 255;
  return Math.min(255, Math.max(0, Math.floor(y + 0.5)));
};

/** Types of the chunks of a PNG. */
const chunksOf = (png: Buffer): string[] => {
  const types: string[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) types.push(png.toString('latin1', at + 4, at + 8));
  return types;
};

describe('what goes in and out of the viewer', () => {
  let app: App | null = null;
  let folder = '';
  let storeFolder = '';
  let truth: Truth;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-phantom-'));
    const made = phantom(`ct ${SIDE}x${SIDE}x20`, { seed: 11 }) as Ct;
    await writePhantom(made, WHO, join(folder, 'ct'), 1);
    if (noBrowser() !== null) return;
    storeFolder = mkdtempSync(join(tmpdir(), 'sightline-flow-'));
    truth = await fill(storeFolder, folder, made);
    app = await startApp({ storeFolder });
    app.page.setDefaultTimeout(30_000);
    await app.page.goto(`${new URL(app.page.url()).origin}/?painter=canvas`);
    await app.page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await app.page.locator('[data-testid="study-row"]').first().dblclick();
    await ready(app.page);
  });
  after(async () => {
    await app?.close();
    for (const made of [folder, storeFolder]) rmSync(made, { recursive: true, force: true });
  });
  const ready = (page: Page, index?: number) =>
    page.waitForSelector(
      `[data-testid="viewport-stack"][data-state="ready"]${index === undefined ? '' : `[data-frame-index="${index}"]`}`,
    );
  const flow = (name: string, run: (app: App, page: Page) => Promise<void>): void => {
    test(name, async (t) => {
      const missing = noBrowser();
      if (missing !== null) return t.skip(missing);
      assert.ok(app);
      await run(app, app.page);
      assert.deepEqual(app.errors, []);
    });
  };
  const focusView = (page: Page) => page.locator('[data-testid="viewport-stack"]').focus();
  /** To an image by its number from 1, by keys. */
  const goTo = async (page: Page, number: number) => {
    await focusView(page);
    await page.keyboard.press('Home');
    for (let n = 1; n < number; n++) await page.keyboard.press('ArrowDown');
    await page.waitForSelector(`[data-testid="viewport-stack"][data-state="ready"][data-image-number="${number}"]`);
  };
  const frameHere = async (page: Page): Promise<number> =>
    Number(await page.locator('[data-testid="viewport-stack"]').getAttribute('data-frame-index'));

  flow(
    'key images are marked, noted, listed, found again after a reload, and go into the report',
    async (_app, page) => {
      // The one of the file is listed, and cannot be changed.
      await page.waitForSelector('[data-testid="key-row"][data-own="false"]');
      await page.locator('[data-testid="key-go"]').first().click();
      await ready(page, 5);
      await page.waitForSelector('[data-testid="key-star"][data-own="false"]');
      assert.equal(await page.locator('[data-testid="key-remove"]').count(), 0);

      await goTo(page, 9);
      await page.keyboard.press(';');
      await page.waitForSelector('[data-testid="key-star"][data-own="true"]');
      await page.keyboard.press('Alt+j');
      await page.locator('[data-testid="key-note"]').fill('Nodule here');
      await page.keyboard.press('Enter');
      await page.waitForSelector('[data-testid="key-panel"][data-unsaved="0"]');
      assert.match((await page.locator('[data-testid="rail-star"]').textContent()) ?? '', /2/);
      assert.equal(await page.locator('[data-testid="key-tick"]').count(), 2);
      const marked = await frameHere(page);

      await page.reload();
      await page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
      await page.locator('[data-testid="study-row"]').first().dblclick();
      await ready(page);
      await page.waitForSelector('[data-testid="key-row"][data-own="true"]');
      await goTo(page, 1);
      await page.keyboard.press('Shift+End');
      await page.keyboard.press('Shift+End');
      await page.keyboard.press('Shift+End');
      const visited = new Set<number>();
      for (let n = 0; n < 2; n++) {
        await page.keyboard.press('Shift+End');
        await page.waitForTimeout(150);
        visited.add(await frameHere(page));
      }
      assert.deepEqual(visited, new Set([5, marked]));
      await page.locator('[data-testid="key-row"][data-own="true"] [data-testid="key-go"]').click();
      await ready(page, marked);
      assert.match((await page.locator('[data-testid="key-star"]').textContent()) ?? '', /Nodule here/);
      await app?.picture('key-images');

      await focusView(page);
      await page.keyboard.press('Alt+q');
      await page.locator('[data-testid="report-pane"]').getByText('Nodule here.').waitFor();
      await focusView(page);
      await page.keyboard.press(';');
      await page.waitForSelector('[data-testid="key-star"][data-own="true"]', { state: 'detached' });
      await page.keyboard.press(';');
      await page.waitForSelector('[data-testid="key-panel"][data-unsaved="0"]');
    },
  );

  const picture = async (
    page: Page,
    wish: { size: 'screen' | 'image'; marks: boolean; patient: boolean },
    view = 'stack',
  ): Promise<Buffer> => {
    await page.locator(`[data-testid="viewport-${view}"]`).focus();
    await page.keyboard.press('Control+s');
    const dialog = page.locator('[data-testid="picture-dialog"]');
    await dialog.waitFor();
    // 3D has no pixels of its own.
    if (view !== '3d')
      await page.locator('[data-testid="picture-size"]').selectOption({ index: wish.size === 'screen' ? 0 : 1 });
    const set = async (name: RegExp, on: boolean) => {
      const toggle = dialog.getByRole('switch', { name });
      if ((await toggle.isChecked()) !== on && (await toggle.isEnabled())) await toggle.click({ force: true });
    };
    await set(/marks/, wish.marks);
    await set(/patient/, wish.patient);
    await page.waitForSelector('[data-testid="picture-save"]:not(:disabled)');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-testid="picture-save"]').click(),
    ]);
    assert.match(
      download.suggestedFilename(),
      view === 'stack' ? /^CT-series-1-image-\d+\.png$/ : view === '3d' ? /-3d\.png$/ : /-axial-\d+\.png$/,
    );
    await dialog.waitFor({ state: 'detached' });
    return readFileSync(await download.path());
  };
  /** Greys of a picture; colours are told by their distance from grey. */
  const pixelsOf = (png: Buffer) => {
    const { width, height, data, channels } = decode(png);
    const at = (x: number, y: number): readonly [number, number, number] => {
      const from = (y * width + x) * channels;
      return [Number(data[from]), Number(data[from + 1]), Number(data[from + 2])];
    };
    return { width, height, at };
  };
  const expected = (frameIndex: number, center = 40, width = 400): number[] => {
    const frame = truth.frames[frameIndex];
    const stored = truth.stored[frameIndex];
    assert.ok(frame && stored);
    return Array.from(stored, (value) => linear(value * frame.slope + frame.intercept, center, width));
  };

  flow('a picture one to one has exactly the greys of the window, and no text of any kind', async (_app, page) => {
    await goTo(page, 10);
    await page.keyboard.press('1');
    await page.waitForSelector('[data-testid="viewport-stack"][data-window="400/40"]');
    const png = await picture(page, { size: 'image', marks: false, patient: true });
    const { width, height, at } = pixelsOf(png);
    assert.deepEqual([width, height], [SIDE, SIDE]);
    const greys = expected(await frameHere(page));
    assert.ok(new Set(greys).size > 60, 'the image has many greys');
    const wrong = greys.filter((grey, n) => at(n % SIDE, Math.floor(n / SIDE)).some((part) => part !== grey)).length;
    assert.equal(wrong, 0, `${wrong} of ${greys.length} pixels are other`);
    console.log(`picture one to one: ${greys.length} pixels compared, ${wrong} other`);
    assert.deepEqual(
      chunksOf(png).filter((type) => !['IHDR', 'sRGB', 'gAMA', 'cHRM', 'sBIT', 'pHYs', 'IDAT', 'IEND'].includes(type)),
      [],
    );
    for (const word of ['Picturesque', 'Paula', 'PICTURE-77', '19700203', 'ACC-4711'])
      assert.ok(!png.includes(word), `${word} is in the file`);

    await page.keyboard.press('Shift+R');
    const turned = pixelsOf(await picture(page, { size: 'image', marks: false, patient: false }));
    // By a quarter clockwise: column x of the image is row x, its foot at the left.
    const other = greys.filter((grey, n) => turned.at(SIDE - 1 - Math.floor(n / SIDE), n % SIDE)[0] !== grey).length;
    assert.equal(other, 0, 'turned');
    await page.keyboard.press('r');
  });

  flow(
    'marks and letters are in the picture of the screen, the patient only where that is asked for',
    async (app, page) => {
      await page.waitForSelector('[data-testid="key-panel"]');
      await goTo(page, 10);
      await page.keyboard.press('1');
      const box = await page.locator('[data-testid="viewport-stack"]').boundingBox();
      assert.ok(box);
      await page.keyboard.press('d');
      await page.mouse.move(box.x + box.width / 2 - 60, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2, { steps: 4 });
      await page.mouse.up();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.waitForSelector('[data-testid="measurements"][data-unsaved="0"]');
      const [plain, marked, named] = [
        pixelsOf(await picture(page, { size: 'screen', marks: false, patient: false })),
        pixelsOf(await picture(page, { size: 'screen', marks: true, patient: false })),
        pixelsOf(await picture(page, { size: 'screen', marks: true, patient: true })),
      ];
      const size = [Math.round(box.width), Math.round(box.height)];
      for (const one of [plain, marked, named]) assert.deepEqual([one.width, one.height], size);
      const differing = (a: typeof plain, b: typeof plain, x0: number, y0: number, x1: number, y1: number): number => {
        let count = 0;
        for (let y = y0; y < y1; y++)
          for (let x = x0; x < x1; x++) if (a.at(x, y).some((part, n) => part !== b.at(x, y)[n])) count++;
        return count;
      };
      // Where the name stands on the screen there is nothing but the image; where it is asked for there is text.
      assert.equal(differing(plain, marked, 0, 0, 260, 54), 0, 'no name');
      assert.ok(differing(marked, named, 0, 0, 260, 54) > 100, 'the name');
      const right = Math.round(box.width) - 220;
      assert.ok(differing(marked, named, right, 0, right + 200, 60) > 30, 'the date');
      // The measurement is drawn where it is, and the letters at the sides.
      const [mx, my] = [Math.round(box.width / 2), Math.round(box.height / 2)];
      assert.ok(differing(plain, marked, mx - 50, my - 2, mx + 50, my + 3) > 100, 'the line');
      assert.ok(differing(plain, marked, 0, my - 20, 40, my + 40) > 20, 'the letter at the left');
      const letters = pixelsOf(await picture(page, { size: 'image', marks: true, patient: false }));
      assert.deepEqual([letters.width, letters.height], [SIDE, SIDE]);
      // Copied: the same picture, as far as the browser permits.
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await focusView(page);
      await page.keyboard.press('Alt+s');
      await page.getByText('The picture is on the clipboard.').waitFor();
      const types = await page.evaluate(async () =>
        (await navigator.clipboard.read()).flatMap((item) => [...item.types]),
      );
      assert.deepEqual(types, ['image/png']);

      // 3D has no pixels of its own: as on the screen.
      await page.keyboard.press('Alt+2');
      await page.locator('[data-testid="viewport-3d"]').click({ position: { x: 12, y: 120 } });
      await page.keyboard.press('Control+s');
      await page.waitForSelector('[data-testid="picture-save"]:not(:disabled)');
      await app.picture('picture-dialog');
      assert.equal(await page.locator('[data-testid="picture-size"]').count(), 0);
      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('[data-testid="picture-save"]').click(),
      ]);
      assert.equal(saved.suggestedFilename(), 'CT-series-1-3d.png');
      const scene = await page.locator('[data-testid="viewport-3d"]').boundingBox();
      const solid = pixelsOf(readFileSync(await saved.path()));
      assert.deepEqual([solid.width, solid.height], [Math.round(scene?.width ?? 0), Math.round(scene?.height ?? 0)]);
      await page.locator('[data-testid="viewport-axial"]').focus();
      await page.keyboard.press('Alt+1');
      await ready(page);
    },
  );

  flow(
    'colours, turns, turned planes, slabs and 3D: the picture of the screen is what the screen shows, and names the model',
    async (_app, page) => {
      type Pixels = ReturnType<typeof pixelsOf>;
      /** Part of the pixels that differ by more than the edge of a letter does, without the rim where the controls are. */
      const otherPart = (a: Pixels, b: Pixels): number => {
        assert.deepEqual([a.width, a.height], [b.width, b.height]);
        let other = 0;
        const rim = 24;
        for (let y = rim; y < a.height - rim; y++)
          for (let x = rim; x < a.width - rim; x++)
            if (a.at(x, y).some((part, n) => Math.abs(part - (b.at(x, y)[n] ?? 0)) > 40)) other++;
        return other / ((a.width - 2 * rim) * (a.height - 2 * rim));
      };
      /** As on the screen, and in a picture with marks and without. */
      const both = async (view: string) => {
        await page.mouse.move(2, 2);
        await page.waitForTimeout(300);
        const screen = pixelsOf(await page.locator(`[data-testid="viewport-${view}"]`).screenshot());
        const saved = async (marks: boolean) =>
          pixelsOf(await picture(page, { size: 'screen', marks, patient: true }, view));
        return { screen, bare: await saved(false), full: await saved(true) };
      };
      /** The words of a view stand in the picture with marks, and in none without. */
      const saysIn = async (view: string, words: RegExp, full: Pixels, bare: Pixels): Promise<void> => {
        const holder = page.locator(`[data-testid="viewport-${view}"]`);
        const line = holder.locator('span').filter({ hasText: words }).first();
        const [outer, box] = [await holder.boundingBox(), await line.boundingBox()];
        assert.ok(outer && box, `${words} on ${view}`);
        const color = (await line.evaluate((element) => getComputedStyle(element).color)).match(/\d+/g)?.map(Number);
        const lit = ({ at }: Pixels): number => {
          let count = 0;
          for (let y = Math.floor(box.y - outer.y); y < box.y - outer.y + box.height; y++)
            for (let x = Math.floor(box.x - outer.x); x < box.x - outer.x + box.width; x++)
              if (at(x, y).every((part, n) => Math.abs(part - (color?.[n] ?? 0)) < 30)) count++;
          return count;
        };
        assert.ok(
          lit(full) > lit(bare) + 40,
          `${words} in the picture of ${view}: ${lit(full)} and ${lit(bare)} pixels`,
        );
      };

      await goTo(page, 10);
      await page.keyboard.press('1');
      const grey = await both('stack');
      assert.ok(otherPart(grey.screen, grey.full) < 0.01, 'greys');
      await saysIn('stack', /^Labels: some-organs 1\.2\.3$/, grey.full, grey.bare);
      await saysIn('stack', /^Not for clinical use$/, grey.full, grey.bare);
      await page.keyboard.press('Shift+I');
      await page.keyboard.press(')');
      const colored = await both('stack');
      const off = otherPart(colored.screen, colored.full);
      assert.ok(off < 0.01, `colours and turns: ${off}`);
      assert.ok(otherPart(colored.full, grey.full) > 0.2, 'they are seen');
      await saysIn('stack', /colours {2}turned 15°/, colored.full, colored.bare);
      // Without the text of the image the marks still say whose they are.
      await page.keyboard.press('t');
      await page.waitForSelector('[data-testid="viewport-stack"] [data-testid="model-words"]');
      const quiet = await both('stack');
      await saysIn('stack', /^Labels: some-organs/, quiet.full, quiet.bare);
      await page.keyboard.press('t');
      await page.keyboard.press('o');
      await page.waitForSelector('[data-testid="model-words"]', { state: 'detached' });
      await page.keyboard.press('o');
      await page.keyboard.press('r');

      await page.keyboard.press('Alt+2');
      await page.locator('[data-testid="viewport-axial"]').focus();
      await page.keyboard.press('Control+Shift+ArrowUp');
      await page.keyboard.press('u');
      await page.waitForSelector('[data-testid="viewport-axial"][data-state="ready"][data-grain="1"]');
      const oblique = await both('axial');
      assert.ok(otherPart(oblique.screen, oblique.full) < 0.02, 'a turned plane');
      await saysIn('axial', /^Oblique, resampled$/, oblique.full, oblique.bare);
      await saysIn('axial', /^MIP /, oblique.full, oblique.bare);
      await saysIn('axial', /^Labels: some-organs/, oblique.full, oblique.bare);
      await page.keyboard.press('Shift+P');

      await page.locator('[data-testid="viewport-3d"]').focus();
      await page.keyboard.press('Alt+g');
      await page.waitForSelector(
        '[data-testid="viewport-3d"][data-state="ready"][data-fine="true"]:not([data-volume=""]):not([data-surfaces="0"])',
      );
      const solid = await both('3d');
      const offScene = otherPart(solid.screen, solid.full);
      assert.ok(offScene < 0.02, `3D: ${offScene}`);
      let drawn = 0;
      for (let y = 0; y < solid.bare.height; y++)
        for (let x = 0; x < solid.bare.width; x++) if (Math.max(...solid.bare.at(x, y)) > 60) drawn++;
      assert.ok(drawn > 2_000, `the picture of the 3D view shows something: ${drawn} pixels`);
      await saysIn('3d', /^Labels: some-organs/, solid.full, solid.bare);
      await saysIn('3d', /volume rendering, not for measuring/, solid.full, solid.bare);
      await page.keyboard.press('Alt+Shift+G');
      await page.locator('[data-testid="viewport-axial"]').focus();
      await page.keyboard.press('Alt+1');
      await ready(page);
    },
  );

  flow(
    'a presentation of a file is applied and left by one key, one of the reader is kept and saved',
    async (app, page) => {
      await goTo(page, 10);
      await page.keyboard.press('r');
      await page.keyboard.press('1');
      const view = page.locator('[data-testid="viewport-stack"]');
      const zoom = await view.getAttribute('data-zoom');
      await page.keyboard.press('Alt+y');
      await page.waitForSelector('[data-testid="presentation-applied"]');
      assert.match((await page.locator('[data-testid="presentation-applied"]').textContent()) ?? '', /Turned lung/);
      assert.equal(await frameHere(page), 10);
      assert.match((await page.locator('[data-testid="presentation-graphics"]').textContent()) ?? '', /Look here/);
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="1500/-600"]');
      assert.ok(Math.abs(Number(await view.getAttribute('data-zoom')) - 2) < 0.01, 'half of the image fills the view');
      const shown = pixelsOf(await picture(page, { size: 'image', marks: false, patient: false }));
      const greys = expected(await frameHere(page), -600, 1500);
      const other = greys.filter(
        (grey, n) => Math.abs(shown.at(SIDE - 1 - Math.floor(n / SIDE), n % SIDE)[0] - (255 - grey)) > 1,
      );
      assert.equal(other.length, 0, 'turned by a quarter, inverted, through its window');
      await app.picture('presentation-applied');
      await focusView(page);
      await page.keyboard.press('Alt+y');
      await page.waitForSelector('[data-testid="presentation-applied"]', { state: 'detached' });
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="400/40"]');
      assert.equal(await view.getAttribute('data-zoom'), zoom);

      await page.keyboard.press('3');
      await page.keyboard.press('i');
      await page.keyboard.press('Alt+h');
      await page.locator('[data-testid="presentation-name"]').fill('Bone, inverted');
      await page.locator('[data-testid="presentation-keep"]').click();
      await page.waitForSelector('[data-testid="keep-presentation"]', { state: 'detached' });
      await focusView(page);
      await page.keyboard.press('r');
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="400/40"]');
      const menu = page.locator('[data-testid="output-menu"]');
      await menu.click();
      await page.getByRole('menuitemradio', { name: 'Bone, inverted' }).click();
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="1800/450"]');
      // What was measured is drawn once: by the measurement itself.
      assert.equal(await page.locator('[data-testid="presentation-graphics"]').count(), 0);
      await menu.click();
      await app.picture('output-menu');
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: /DICOM presentation state/ }).click(),
      ]);
      const bytes = readFileSync(await file.path());
      assert.equal(bytes.toString('latin1', 128, 132), 'DICM');
      assert.ok(bytes.includes('BONE INVERTED'));
      await menu.click();
      const [volume] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: /NIfTI/ }).click(),
      ]);
      assert.equal(gunzipSync(readFileSync(await volume.path())).toString('latin1', 344, 347), 'n+1');
      await page.locator('[data-testid="presentation-leave"]').click();
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="400/40"]');
    },
  );

  flow('a second window keeps in step, both ways, and nothing is lost where one is closed', async (app, page) => {
    await goTo(page, 4);
    const [second] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Alt+n')]);
    second.setDefaultTimeout(30_000);
    await ready(second, await frameHere(page));
    await page.waitForSelector('[data-testid="in-step"]');
    await second.waitForSelector('.study[data-arrangement="images"]');
    await goTo(page, 12);
    await ready(second, await frameHere(page));
    await goTo(second, 7);
    await ready(page, await frameHere(second));

    // A key image marked there is marked here.
    await second.keyboard.press(';');
    await second.waitForSelector('[data-testid="key-star"][data-own="true"]');
    await page.waitForSelector('[data-testid="key-star"][data-own="true"]');

    // The sentence selected here is selected there.
    await second.keyboard.press('Alt+6');
    const sentence = (of: Page, text: string) => of.locator('[data-testid="sentence"]').filter({ hasText: text });
    await sentence(page, 'First sentence').click();
    await second.waitForSelector('[data-testid="sentence"][aria-current="true"]');

    // Typed here and, before it is left, there: both stay.
    const type = async (of: Page, id: string, words: string) => {
      const row = of.locator(`[data-testid="sentence"][data-sentence-id="${id}"]`);
      await row.click();
      await row.and(of.locator('[aria-current="true"]')).waitFor();
      // Where it was selected already the click begins typing.
      if ((await of.locator('[data-testid="sentence-input"]').count()) === 0) await of.keyboard.press('e');
      await of.locator('[data-testid="sentence-input"]').waitFor();
      await of.keyboard.press('End');
      await of.keyboard.type(words);
    };
    await app.picture('first-window');
    await second.screenshot({ path: join('test/output/pictures', 'second-window.png') });
    await type(page, 'First', ' Here.');
    await type(second, 'Secon', ' There.');
    await sentence(second, 'First sentence. Here.').waitFor();
    await sentence(page, 'Second sentence. There.').waitFor();
    assert.equal(await page.locator('[data-testid="sentence-input"]').inputValue(), 'First sentence. Here.');

    await second.close();
    await page.waitForSelector('[data-testid="in-step"]', { state: 'detached' });
    await page.reload();
    await page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await page.locator('[data-testid="study-row"]').first().dblclick();
    await sentence(page, 'First sentence. Here.').waitFor();
    await sentence(page, 'Second sentence. There.').waitFor();
  });
});
