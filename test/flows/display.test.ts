import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createBackend } from '../../main/backend.ts';
import { file, type TestElement, type TestItem } from '../../main/dicom/test-bytes.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { colorTable } from '../../renderer/viewer/display/color-maps.ts';
import { type App, noBrowser, startApp } from './app.ts';

/**
 * How values become greys on the screen: small files of 8 x 8 pixels, so that each is a large square of one grey, and
 * what pydicom 3.0.2 makes of the same values (apply_modality_lut, apply_voi, apply_windowing, apply_color_lut).
 */
const SIDE = 8;
const EXPLICIT = '1.2.840.10008.1.2.1';

interface Series {
  readonly number: number;
  readonly description: string;
  readonly modality?: string;
  readonly elements: TestItem;
}

const bytesOf = ({ number, description, modality = 'OT', elements }: Series): Buffer => {
  const uid = `1.2.826.0.1.3680043.8.498.77.${number}`;
  const common: TestElement[] = [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.7'],
    [0x00080018, 'UI', `${uid}.1`],
    [0x00080020, 'DA', '20260601'],
    [0x00080060, 'CS', modality],
    [0x0008103e, 'LO', description],
    [0x00100010, 'PN', 'Grey^Greta'],
    [0x00100020, 'LO', 'GREY-1'],
    [0x00100030, 'DA', '19600203'],
    [0x0020000d, 'UI', '1.2.826.0.1.3680043.8.498.77'],
    [0x0020000e, 'UI', uid],
    [0x00200011, 'IS', String(number)],
    [0x00200013, 'IS', '1'],
    [0x00280002, 'US', 1],
    [0x00280010, 'US', SIDE],
    [0x00280011, 'US', SIDE],
  ];
  const all = [...common, ...elements].sort((a, b) => a[0] - b[0]);
  return file(EXPLICIT, all);
};

/** 8 by 8 stored values: column n holds values[n]. */
const columns = (values: readonly number[]): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, n) => values[n % SIDE] ?? 0);
const grey16 = (values: readonly number[], signed: boolean, photometric = 'MONOCHROME2'): TestElement[] => [
  [0x00280004, 'CS', photometric],
  [0x00280100, 'US', 16],
  [0x00280101, 'US', 16],
  [0x00280102, 'US', 15],
  [0x00280103, 'US', signed ? 1 : 0],
  [0x7fe00010, 'OW', columns(values).map((value) => value & 0xffff)],
];

const VALUES = [-1000, -160, -60, 0, 40, 90, 240, 800];
const TABLE: TestItem = [
  [0x00283002, 'SS', [6, -60, 12]],
  [0x00283003, 'LO', 'HARD'],
  [0x00283006, 'US', [0, 4095, 2048, 1024, 512, 3000]],
];
/** 8 x 8 bits, the first row and the first column set. */
const FRAME_BITS = Uint8Array.from({ length: SIDE }, (_, row) => (row === 0 ? 0xff : 0x01));

const SERIES: readonly Series[] = [
  {
    number: 1,
    description: 'windows',
    elements: [
      ...grey16(VALUES, true),
      [0x00281050, 'DS', '40\\40'],
      [0x00281051, 'DS', '400\\200'],
      [0x00281055, 'LO', 'WIDE\\NARROW'],
      [0x00281056, 'CS', 'LINEAR_EXACT'],
    ],
  },
  {
    number: 2,
    description: 'sigmoid',
    elements: [
      ...grey16(VALUES, true),
      [0x00281050, 'DS', '40'],
      [0x00281051, 'DS', '400'],
      [0x00281056, 'CS', 'SIGMOID'],
    ],
  },
  {
    number: 3,
    description: 'table and window',
    elements: [
      ...grey16([-100, -60, -59, -58, -57, -56, -55, 10], true),
      [0x00281050, 'DS', '-50'],
      [0x00281051, 'DS', '101'],
      [0x00283010, 'SQ', [TABLE]],
    ],
  },
  {
    number: 4,
    description: 'modality table, inverse',
    elements: [
      ...grey16([0, 1, 2, 3, 4, 5, 6, 9], false),
      [
        0x00283000,
        'SQ',
        [
          [
            [0x00283002, 'US', [6, 1, 16]],
            [0x00283004, 'LO', 'US'],
            [0x00283006, 'US', [10, 30, 70, 150, 200, 255]],
          ],
        ],
      ],
      [0x00281050, 'DS', '128'],
      [0x00281051, 'DS', '256'],
      [0x20500020, 'CS', 'INVERSE'],
    ],
  },
  {
    number: 5,
    description: 'monochrome 1 with fill',
    elements: [
      ...grey16([0, 1, 51, 102, 153, 204, 255, 300], false, 'MONOCHROME1'),
      [0x00280120, 'US', 0],
      [0x00281050, 'DS', '128'],
      [0x00281051, 'DS', '256'],
    ],
  },
  {
    number: 6,
    description: 'shutter and planes',
    elements: [
      ...grey16([200, 200, 200, 200, 200, 200, 200, 200], false),
      [0x00181600, 'CS', 'RECTANGULAR'],
      [0x00181602, 'IS', '1'],
      [0x00181604, 'IS', '6'],
      [0x00181606, 'IS', '1'],
      [0x00181608, 'IS', '8'],
      [0x00181622, 'US', 0x8000],
      [0x00281050, 'DS', '128'],
      [0x00281051, 'DS', '256'],
      [0x60000010, 'US', SIDE],
      [0x60000011, 'US', SIDE],
      [0x60000040, 'CS', 'G'],
      [0x60000050, 'SS', [1, 1]],
      [0x60000100, 'US', 1],
      [0x60000102, 'US', 0],
      [0x60003000, 'OW', FRAME_BITS],
    ],
  },
  {
    number: 7,
    description: 'palette',
    elements: [
      [0x00280004, 'CS', 'PALETTE COLOR'],
      [0x00280100, 'US', 8],
      [0x00280101, 'US', 8],
      [0x00280102, 'US', 7],
      [0x00280103, 'US', 0],
      [0x00281101, 'US', [4, 1, 16]],
      [0x00281102, 'US', [4, 1, 16]],
      [0x00281103, 'US', [4, 1, 16]],
      [0x00281201, 'OW', [0x0000, 0xff00, 0x8000, 0xffff]],
      [0x00281202, 'OW', [0x4000, 0x0000, 0x8000, 0xffff]],
      [0x00281203, 'OW', [0x0000, 0x0000, 0xff00, 0xffff]],
      [0x7fe00010, 'OB', Uint8Array.from(columns([0, 1, 2, 3, 4, 5, 2, 3]))],
    ],
  },
  {
    number: 8,
    description: 'supplemental palette',
    elements: [
      ...grey16([0, 50, 100, 150, 199, 200, 201, 300], false),
      [0x00089205, 'CS', 'COLOR'],
      [0x00281050, 'DS', '100'],
      [0x00281051, 'DS', '200'],
      [0x00281056, 'CS', 'LINEAR_EXACT'],
      [0x00281101, 'US', [2, 200, 16]],
      [0x00281102, 'US', [2, 200, 16]],
      [0x00281103, 'US', [2, 200, 16]],
      [0x00281201, 'OW', [0xff00, 0x0000]],
      [0x00281202, 'OW', [0x0000, 0x4000]],
      [0x00281203, 'OW', [0x0000, 0xff00]],
    ],
  },
  {
    number: 9,
    description: 'bitmap shutter',
    elements: [
      ...grey16([200, 200, 200, 200, 200, 200, 200, 200], false),
      [0x00181600, 'CS', 'BITMAP'],
      [0x00181622, 'US', 0x8000],
      [0x00181623, 'US', 0x6002],
      [0x00281050, 'DS', '128'],
      [0x00281051, 'DS', '255'],
      [0x00281056, 'CS', 'LINEAR_EXACT'],
      [0x60020010, 'US', SIDE],
      [0x60020011, 'US', SIDE],
      [0x60020040, 'CS', 'G'],
      [0x60020050, 'SS', [1, 1]],
      [0x60020100, 'US', 1],
      [0x60020102, 'US', 0],
      [0x60023000, 'OW', FRAME_BITS],
    ],
  },
  {
    number: 10,
    description: 'uptake',
    modality: 'PT',
    elements: [
      ...grey16([0, 100, 200, 300, 400, 500, 600, 700], false),
      [0x00281050, 'DS', '350'],
      [0x00281051, 'DS', '700'],
      [0x00281056, 'CS', 'LINEAR_EXACT'],
      [
        0x00409096,
        'SQ',
        [
          [
            [
              0x004008ea,
              'SQ',
              [
                [
                  [0x00080100, 'SH', 'g/ml{SUVbw}'],
                  [0x00080102, 'SH', 'UCUM'],
                  [0x00080104, 'LO', 'Standardized uptake value'],
                ],
              ],
            ],
            [0x00409210, 'SH', 'SUVbw'],
            [0x00409211, 'US', 650],
            [0x00409216, 'US', 0],
            [0x00409224, 'FD', 0],
            [0x00409225, 'FD', 0.005],
          ],
        ],
      ],
    ],
  },
  {
    number: 11,
    description: 'film',
    elements: [
      ...grey16([0, 100, 200, 300, 400, 500, 600, 700], false).filter(([tag]) => tag !== 0x7fe00010),
      [0x00181063, 'DS', '250'],
      [0x00181244, 'US', 1],
      [0x00280008, 'IS', '3'],
      [0x7fe00010, 'OW', Array.from({ length: 3 * SIDE * SIDE }, (_, n) => n)],
    ],
  },
];

/** Screen colours of the middles of the pixels of one row, [r, g, b] each. */
const colours = async (page: Page, row: number): Promise<number[][]> => {
  const clip = await page.locator('[data-testid="viewport-stack"]').boundingBox();
  assert.ok(clip);
  const png = (await page.screenshot({ clip })).toString('base64');
  return page.evaluate(
    async ({ encoded, side, line }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${encoded}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const scale = Math.min(image.width, image.height) / side;
      return Array.from({ length: side }, (_, column) => {
        const x = image.width / 2 + (column + 0.5 - side / 2) * scale;
        const y = image.height / 2 + (line + 0.5 - side / 2) * scale;
        return [...(context?.getImageData(Math.floor(x), Math.floor(y), 1, 1).data ?? [])].slice(0, 3);
      });
    },
    { encoded: png, side: SIDE, line: row },
  );
};

const silent = { info: () => {}, warn: () => {}, error: () => {} };

for (const painter of ['canvas', 'webgl'])
  describe(`values become greys, drawn by ${painter}`, () => {
    let app: App | null = null;
    const folder = mkdtempSync(join(tmpdir(), 'sightline-display-'));
    const storeFolder = join(folder, 'store');

    before(async () => {
      if (noBrowser() !== null) return;
      const files = join(folder, 'files');
      mkdirSync(files);
      mkdirSync(storeFolder);
      for (const series of SERIES) writeFileSync(join(files, `${series.number}.dcm`), bytesOf(series));
      const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
      try {
        const { studies, jobs } = backend.domains;
        await jobs.ended(studies.importPath(files, { copy: true, label: 'display' }).jobId);
      } finally {
        await backend.close();
      }
      app = await startApp({ storeFolder });
      await app.page.goto(`${new URL(app.page.url()).origin}/?painter=${painter}`);
      await app.page.locator('[data-testid="study-row"]').first().dblclick();
      await app.page.waitForSelector(`[data-testid="viewport-stack"][data-state="ready"][data-painter="${painter}"]`);
      // Text and marks of ours lie over the corners.
      await app.page.keyboard.press('t');
    });
    after(async () => {
      await app?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const flow = (name: string, run: (page: Page, current: App) => Promise<void>): void => {
      test(name, async (t) => {
        const missing = noBrowser();
        if (missing !== null) return t.skip(missing);
        assert.ok(app);
        await run(app.page, app);
        assert.deepEqual(app.errors, []);
      });
    };
    const show = async (page: Page, number: number): Promise<void> => {
      const item = page.locator('[data-testid="series-item"]').nth(number - 1);
      const id = await item.getAttribute('data-series-id');
      await item.click();
      await page.waitForSelector(`[data-testid="viewport-stack"][data-series-id="${id}"][data-state="ready"]`);
    };
    const preset = async (page: Page, title: string): Promise<void> => {
      await page.locator('[data-testid="presets"]').click();
      await page.getByRole('menuitem').or(page.getByRole('menuitemradio')).filter({ hasText: title }).first().click();
    };
    /** Rounding of the two painters. */
    const NEAR = 1;
    const greysAre = async (page: Page, expected: readonly number[], row = 4): Promise<void> => {
      let seen: number[][] = [];
      // The painter may be a frame behind the state.
      for (let attempt = 0; attempt < 40; attempt++) {
        seen = await colours(page, row);
        const near = seen.every((rgb, n) => rgb.every((part) => Math.abs(part - (expected[n] ?? -9)) <= NEAR));
        if (near) return;
        await page.waitForTimeout(100);
      }
      assert.fail(`${JSON.stringify(seen.map(([r]) => r))} for ${JSON.stringify(expected)}`);
    };

    flow('windows of the file, exact', async (page) => {
      await show(page, 1);
      await greysAre(page, [0, 0, 64, 102, 128, 159, 255, 255]);
      await preset(page, 'NARROW');
      await greysAre(page, [0, 0, 0, 76, 128, 191, 255, 255]);
      await page.keyboard.press('i');
      await greysAre(page, [255, 255, 255, 179, 128, 64, 0, 0]);
      await page.keyboard.press('i');
    });

    flow('a sigmoid', async (page) => {
      await show(page, 2);
      await greysAre(page, [0, 30, 69, 102, 128, 159, 225, 255]);
    });

    flow('a VOI table, and beside it the window', async (page, current) => {
      await show(page, 3);
      await greysAre(page, [0, 0, 255, 128, 64, 32, 187, 187]);
      await current.picture(`display-table-${painter}`);
      await preset(page, 'File 2');
      await greysAre(page, [0, 102, 105, 107, 110, 112, 115, 255]);
      await preset(page, 'HARD');
      await greysAre(page, [0, 0, 255, 128, 64, 32, 187, 187]);
    });

    flow('a modality table, shown inverse', async (page) => {
      await show(page, 4);
      await greysAre(page, [245, 245, 225, 185, 105, 55, 0, 0]);
    });

    flow('MONOCHROME1 with fill, which is black and has no value', async (page) => {
      await show(page, 5);
      await greysAre(page, [0, 254, 204, 153, 102, 51, 0, 0]);
      await page.keyboard.press('t');
      const clip = await page.locator('[data-testid="viewport-stack"]').boundingBox();
      assert.ok(clip);
      const scale = Math.min(clip.width, clip.height) / SIDE;
      await page.mouse.move(clip.x + clip.width / 2 - 3.5 * scale, clip.y + clip.height / 2);
      assert.equal(await page.locator('[data-testid="probe"]').innerText(), 'no value (fill)');
      await page.mouse.move(clip.x + clip.width / 2 - 1.5 * scale, clip.y + clip.height / 2);
      assert.equal(await page.locator('[data-testid="probe"]').innerText(), '51');
      await page.mouse.move(5, 5);
      await page.keyboard.press('t');
    });

    flow('a shutter covers, and overlay planes lie on their pixels', async (page, current) => {
      await show(page, 6);
      await page.waitForSelector('[data-testid="overlay-planes"][data-planes="1"]');
      // Columns 7 and 8 are covered with half grey; below the plane's first row its first column is set.
      const drawn = [255, 240, 143];
      const row = await colours(page, 4);
      assert.ok(
        row[0]?.every((part, n) => Math.abs(part - (drawn[n] ?? 0)) <= 4),
        JSON.stringify(row[0]),
      );
      assert.deepEqual(
        row.slice(1).map(([red]) => red),
        [200, 200, 200, 200, 200, 128, 128],
      );
      const top = await colours(page, 0);
      assert.ok(
        top.every((rgb) => rgb.every((part, n) => Math.abs(part - (drawn[n] ?? 0)) <= 4)),
        JSON.stringify(top),
      );
      await current.picture(`display-shutter-${painter}`);
      await page.keyboard.press('o');
      await page.waitForSelector('[data-testid="overlay-planes"]', { state: 'detached' });
      assert.deepEqual(
        (await colours(page, 4)).map(([red]) => red),
        [200, 200, 200, 200, 200, 200, 128, 128],
      );
      await page.keyboard.press('o');
    });

    const coloursAre = async (
      page: Page,
      expected: readonly (readonly number[])[],
      row = 4,
      most = NEAR,
    ): Promise<void> => {
      let seen: number[][] = [];
      for (let attempt = 0; attempt < 40; attempt++) {
        seen = await colours(page, row);
        const near = expected.every((rgb, n) => rgb.every((part, c) => Math.abs(part - (seen[n]?.[c] ?? -9)) <= most));
        if (near) return;
        await page.waitForTimeout(100);
      }
      assert.fail(`${JSON.stringify(seen)} for ${JSON.stringify(expected)}`);
    };

    flow('a palette', async (page) => {
      await show(page, 7);
      await coloursAre(page, [
        [0, 64, 0],
        [0, 64, 0],
        [255, 0, 0],
        [128, 128, 255],
        [255, 255, 255],
        [255, 255, 255],
        [255, 0, 0],
        [128, 128, 255],
      ]);
    });

    flow('a supplemental palette colours its values, and the rest is grey', async (page) => {
      await show(page, 8);
      await coloursAre(page, [
        ...[0, 64, 128, 191, 254].map((grey) => [grey, grey, grey]),
        [255, 0, 0],
        [0, 64, 255],
        [0, 64, 255],
      ]);
    });

    flow('a bitmap shutter covers where its bits are set, also where marks are hidden', async (page) => {
      await show(page, 9);
      await page.waitForSelector('[data-testid="overlay-planes"][data-planes="1"]');
      for (const _ of ['shown', 'hidden']) {
        await greysAre(page, [128, 200, 200, 200, 200, 200, 200, 200]);
        await greysAre(page, [128, 128, 128, 128, 128, 128, 128, 128], 0);
        await page.keyboard.press('o');
      }
    });

    flow('uptake opens dark on white; its real world value has a name and a unit', async (page) => {
      await show(page, 10);
      await greysAre(page, [255, 219, 182, 146, 109, 73, 36, 0]);
      await page.keyboard.press('t');
      const clip = await page.locator('[data-testid="viewport-stack"]').boundingBox();
      assert.ok(clip);
      const scale = Math.min(clip.width, clip.height) / SIDE;
      const over = (column: number) =>
        page.mouse.move(clip.x + clip.width / 2 + (column - 3.5) * scale, clip.y + clip.height / 2);
      await over(5);
      assert.equal(await page.locator('[data-testid="probe"]').innerText(), '500');
      assert.equal(await page.locator('[data-testid="other-value"]').innerText(), 'SUVbw 2.5 g/ml{SUVbw}');
      // Beyond the last value that the file speaks of.
      await over(7);
      assert.equal(await page.locator('[data-testid="probe"]').innerText(), '700');
      assert.equal(await page.locator('[data-testid="other-value"]').count(), 0);
      await page.mouse.move(5, 5);
      await page.keyboard.press('t');
    });

    flow('colours are those of the map, with a bar of values', async (page, current) => {
      await show(page, 10);
      await page.locator('[data-testid="colors"]').click();
      await page.getByRole('menuitemradio', { name: 'Hot iron' }).click();
      const table = colorTable('hot-iron');
      const levels = [0, 36, 73, 109, 146, 182, 219, 255];
      await coloursAre(
        page,
        levels.map((level) => [...table.subarray(level * 3, level * 3 + 3)]),
        4,
        4,
      );
      await page.keyboard.press('t');
      await page.waitForSelector('[data-testid="color-bar"][data-colors="hot-iron"]');
      assert.deepEqual(await page.locator('[data-testid="color-bar"] .tick').allInnerTexts(), [
        '0',
        '200',
        '400',
        '600',
      ]);
      await current.picture(`display-colours-${painter}`);
      await page.keyboard.press('t');
      await page.locator('[data-testid="colors"]').click();
      await page.getByRole('menuitemradio', { name: 'Grey, inverted' }).click();
      await greysAre(page, [255, 219, 182, 146, 109, 73, 36, 0]);
    });

    flow('a region’s values fill the window, and the lens shows what lies under the pointer', async (page) => {
      await show(page, 1);
      const view = page.locator('[data-testid="viewport-stack"]');
      const clip = await view.boundingBox();
      assert.ok(clip);
      const scale = Math.min(clip.width, clip.height) / SIDE;
      const at = (column: number, row: number) =>
        [clip.x + clip.width / 2 + (column - 4) * scale, clip.y + clip.height / 2 + (row - 4) * scale] as const;
      await page.keyboard.press('Shift+W');
      await page.mouse.move(...at(2.2, 2));
      await page.mouse.down();
      await page.mouse.move(...at(5.8, 5), { steps: 3 });
      await page.mouse.up();
      // Columns 3 to 6: -60 to 90.
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="150/15"][data-tool="window"]');
      await greysAre(page, [0, 0, 0, 102, 170, 255, 255, 255]);
      await page.keyboard.press('g');
      await page.mouse.move(...at(4.5, 4.5));
      await page.waitForSelector('[data-testid="lens"][data-power="2"]');
      await page.mouse.wheel(0, -100);
      await page.waitForSelector('[data-testid="lens"][data-power="3"]');
      const lens = await page.locator('[data-testid="lens"]').boundingBox();
      assert.ok(lens);
      const png = await page.screenshot({
        clip: { x: lens.x + lens.width / 2 - 2, y: lens.y + lens.height / 2 - 2, width: 4, height: 4 },
      });
      const seen = (await import('fast-png')).decode(png).data[0];
      assert.ok(Math.abs((seen ?? 0) - 170) <= 3, `${seen}`);
      await page.keyboard.press('g');
      await page.waitForSelector('[data-testid="lens"]', { state: 'detached' });
      await page.mouse.move(5, 5);
    });

    flow('a film is played at its own speed, back and forth', async (page) => {
      await show(page, 11);
      await page.locator('[data-testid="speed"]').filter({ hasText: '4/s ⇄' }).waitFor();
      await page.keyboard.press('>');
      await page.locator('[data-testid="speed"]').filter({ hasText: '5/s ⇄' }).waitFor();
      await page.keyboard.press('Shift+K');
      await page.locator('[data-testid="speed"]').filter({ hasText: /5\/s$/ }).waitFor();
    });
  });
