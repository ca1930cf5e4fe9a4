import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createBackend } from '../../main/backend.ts';
import { file, type TestElement } from '../../main/dicom/test-bytes.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { type App, noBrowser, startApp } from './app.ts';
import { ready } from './phantom-study.ts';

/** A series of two echoes, and one with uneven gaps, as the window shows them. */
const SIDE = 48;
const STUDY = '1.2.826.0.1.3680043.8.498.78';

interface Slice {
  readonly series: number;
  readonly description: string;
  readonly n: number;
  readonly z: number;
  readonly echo: number;
}

/** A disc that grows with the slice, brighter in the first echo. */
const bytesOf = ({ series, description, n, z, echo }: Slice): Buffer => {
  const pixels = Array.from({ length: SIDE * SIDE }, (_, at) => {
    const r = Math.hypot((at % SIDE) - SIDE / 2, Math.floor(at / SIDE) - SIDE / 2);
    return r < 6 + n * 2 ? 900 / echo : 40;
  });
  const elements: TestElement[] = [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.4'],
    [0x00080018, 'UI', `${STUDY}.${series}.${echo}.${n}`],
    [0x00080020, 'DA', '20260601'],
    [0x00080060, 'CS', 'MR'],
    [0x0008103e, 'LO', description],
    [0x00100010, 'PN', 'Teil^Thea'],
    [0x00100020, 'LO', 'PART-1'],
    [0x00100030, 'DA', '19600203'],
    [0x00180081, 'DS', String(echo * 40)],
    [0x0020000d, 'UI', STUDY],
    [0x0020000e, 'UI', `${STUDY}.${series}`],
    [0x00200011, 'IS', String(series)],
    [0x00200013, 'IS', String(n * 2 + echo)],
    [0x00200032, 'DS', `0\\0\\${z}`],
    [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x00200052, 'UI', `${STUDY}.9`],
    [0x00280002, 'US', 1],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', SIDE],
    [0x00280011, 'US', SIDE],
    [0x00280030, 'DS', '2\\2'],
    [0x00280100, 'US', 16],
    [0x00280101, 'US', 16],
    [0x00280102, 'US', 15],
    [0x00280103, 'US', 0],
    [0x00281050, 'DS', '500'],
    [0x00281051, 'DS', '1000'],
    [0x7fe00010, 'OW', pixels],
  ];
  return file('1.2.840.10008.1.2.1', elements);
};

const silent = { info: () => {}, warn: () => {}, error: () => {} };

describe('series that are not one volume', () => {
  let app: App | null = null;
  const folder = mkdtempSync(join(tmpdir(), 'sightline-parts-'));
  const storeFolder = join(folder, 'store');

  before(async () => {
    if (noBrowser() !== null) return;
    const files = join(folder, 'files');
    mkdirSync(files);
    mkdirSync(storeFolder);
    const echoes = [1, 2].flatMap((echo) =>
      Array.from({ length: 8 }, (_, n) => ({ series: 1, description: 'T2 double echo', n, z: n * 4, echo })),
    );
    const uneven = [0, 1.14, 5.36, 12.74, 20.12].map((z, n) => ({ series: 2, description: 'Uneven', n, z, echo: 1 }));
    for (const [n, slice] of [...echoes, ...uneven].entries()) writeFileSync(join(files, `${n}.dcm`), bytesOf(slice));
    const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
    try {
      const { studies, jobs } = backend.domains;
      await jobs.ended(studies.importPath(files, { copy: true, label: 'parts' }).jobId);
    } finally {
      await backend.close();
    }
    app = await startApp({ storeFolder });
    await app.page.locator('[data-testid="study-row"]').first().dblclick();
    await ready(app.page, 'stack');
  });
  after(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('echoes are volumes of their own, and follow one another in place', async (t) => {
    const missing = noBrowser();
    if (missing !== null) return t.skip(missing);
    assert.ok(app);
    const { page } = app;
    const items = page.locator('[data-testid="series-item"]');
    assert.deepEqual(
      (await items.allInnerTexts()).map((text) => text.split('\n').at(-1)),
      ['T2 double echo · TE 40 ms', 'T2 double echo · TE 80 ms', 'Uneven'],
    );
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const at = await page.getAttribute('[data-testid="viewport-stack"]', 'data-frame-index');
    const first = await page.getAttribute('[data-testid="viewport-stack"]', 'data-series-id');
    await items.nth(1).click();
    const second = await items.nth(1).getAttribute('data-series-id');
    assert.notEqual(first, second);
    await page.waitForSelector(
      `[data-testid="viewport-stack"][data-series-id="${second}"][data-state="ready"][data-frame-index="${at}"]`,
    );
    await page.keyboard.press('Alt+2');
    for (const view of ['axial', 'sagittal', 'coronal']) await ready(page, view);
    await app.picture('parts-planes');
    await page.keyboard.press('Alt+1');
    assert.deepEqual(app.errors, []);
  });

  test('uneven gaps: a stack that says why, and at each image how far the next one is', async (t) => {
    const missing = noBrowser();
    if (missing !== null) return t.skip(missing);
    assert.ok(app);
    const { page } = app;
    await page.locator('[data-testid="series-item"]').nth(2).click();
    const id = await page.locator('[data-testid="series-item"]').nth(2).getAttribute('data-series-id');
    await page.waitForSelector(`[data-testid="viewport-stack"][data-series-id="${id}"][data-state="ready"]`);
    assert.match(await page.locator('[role="toolbar"] .why').innerText(), /uneven gaps: 1\.14 \/ 4\.22 \/ 7\.38 mm/);
    assert.equal(await page.locator('[data-testid="layout-planes"]').isDisabled(), true);
    await page.keyboard.press('Home');
    const gaps = page.locator('[data-testid="gaps"]');
    // Read from the head down: the highest first.
    assert.equal(await gaps.innerText(), 'Uneven: previous –, next 7.38 mm');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await gaps.innerText(), 'Uneven: previous 7.38 mm, next 4.22 mm');
    await app.picture('parts-uneven');
    assert.deepEqual(app.errors, []);
  });
});
