/** Labels on the screen, every pixel of them: which voxel's colour it has, and how opaque, in stack and planes. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { spacingOf } from '../../models/kit/geometry.ts';
import type { Overlay, OverlayLabel } from '../../preload/contract/index.ts';
import { type Presentation, place, toImage } from '../../renderer/viewer/view/camera.ts';
import { type Cut, cutInto, cutsOf, PLANES, type PlaneName, STACK_CUT } from '../../renderer/viewer/view/cut.ts';
import type { SoftwareRenderer } from '../chromium.ts';
import { startApp } from '../flows/app.ts';
import { type CtPhantom, phantomStudy, ready } from '../flows/phantom-study.ts';

const SEEDS = 56;
/** Of all marks on the screen, where nothing has been changed: a quarter. */
const ALPHA = 64;

const random = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Sixty-four labels that fill the volume to its borders, ragged and with holes; the last eight are single voxels in its corners. */
const raggedLabels = (made: CtPhantom, seriesId: string): { overlay: Overlay; bytes: Uint8Array } => {
  const [nx, ny, nz] = made.labels.dims;
  const next = random(7);
  const seeds = Array.from({ length: SEEDS }, () => [next() * nx, next() * ny, next() * nz * 2] as const);
  const bytes = new Uint8Array(nx * ny * nz);
  for (let n = 0; n < bytes.length; n++) {
    const [i, j, k] = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny)) * 2];
    let [best, near] = [0, Number.POSITIVE_INFINITY];
    for (const [value, [x, y, z]] of seeds.entries()) {
      const away = Math.hypot(i - x, j - y, k - z) + next() * 1.5;
      if (away < near) [best, near] = [value + 1, away];
    }
    bytes[n] = next() < 0.2 ? 0 : best;
  }
  for (let corner = 0; corner < 8; corner++)
    bytes[(corner & 1 ? nx - 1 : 0) + nx * ((corner & 2 ? ny - 1 : 0) + ny * (corner & 4 ? nz - 1 : 0))] =
      SEEDS + corner + 1;
  const count = new Map<number, number>();
  for (const value of bytes) count.set(value, (count.get(value) ?? 0) + 1);
  const labels = Array.from(
    { length: SEEDS + 8 },
    (_, n): OverlayLabel => ({
      value: n + 1,
      name: `Label ${n + 1}`,
      code: null,
      // No two of them are alike even where the screen keeps only a quarter of their levels.
      color: [30 + 60 * (n % 4), 30 + 60 * (Math.floor(n / 4) % 4), 30 + 60 * Math.floor(n / 16)],
      voxels: count.get(n + 1) ?? 0,
      volumeMl: null,
      bounds: [0, 0, 0, nx, ny, nz],
    }),
  );
  return {
    bytes,
    overlay: {
      kind: 'labelmap',
      id: 'ragged',
      seriesId,
      maker: { kind: 'reader' },
      createdAt: '2026-01-01T00:00:00.000Z',
      title: 'Ragged',
      dims: made.labels.dims,
      labels,
    },
  };
};

export interface Compared {
  /** Pixels of the screen. */
  compared: number;
  wrong: number;
  readonly labels: Set<number>;
  readonly alphas: Set<number>;
  /** The first that were wrong, in words. */
  readonly examples: string[];
}

interface Seen {
  readonly width: number;
  readonly height: number;
  readonly index: number;
  readonly presentation: Presentation;
  readonly data: Buffer;
}

/** The marks over a view as they are on the screen, and how its image is placed by what the view says. */
const look = async (page: Page, view: string, turns: Pick<Presentation, 'quarterTurns' | 'flipped'>): Promise<Seen> => {
  const seen = await page.evaluate((view) => {
    const section = document.querySelector<HTMLElement>(`[data-testid="viewport-${view}"]`);
    const canvas = section?.querySelector<HTMLCanvasElement>('[data-testid="marks"]');
    const context = canvas?.getContext('2d');
    if (!section || !canvas || !context) return null;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let text = '';
    for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
    return {
      width: canvas.width,
      height: canvas.height,
      index: Number(section.dataset.frameIndex),
      zoom: Number(section.dataset.zoom),
      data: btoa(text),
    };
  }, view);
  assert.ok(seen, view);
  const { zoom, data, ...rest } = seen;
  return { ...rest, presentation: { zoom, center: [0, 0], ...turns }, data: Buffer.from(data, 'base64') };
};

/** Nearer than this to an edge between voxels (pixels of the screen) the middle of a pixel lies in neither. */
const TIE = 0.02;

const compare = (
  seen: Seen,
  made: CtPhantom,
  bytes: Uint8Array,
  labels: readonly OverlayLabel[],
  cut: Cut,
  sum: Compared,
  where: string,
): void => {
  const { dims, affineVoxelToPatient: affine } = made.image;
  const slices = Array.from({ length: dims[2] }, (_, k) =>
    bytes.subarray(k * dims[0] * dims[1], (k + 1) * dims[0] * dims[1]),
  );
  const [columns, rows] = [dims[cut.x.axis], dims[cut.y.axis]];
  const plane = new Uint8Array(columns * rows);
  assert.ok(cutInto(slices, dims, cut, seen.index, plane));
  const spacing = spacingOf(affine);
  const pixelSize = [spacing[cut.x.axis], spacing[cut.y.axis]] as const;
  const placement = place({ columns, rows, pixelSize }, seen.presentation, seen.width, seen.height);
  const perVoxel = Math.min(pixelSize[0], pixelSize[1]) * placement.scale;
  const colors = new Map(labels.map(({ value, color }) => [value, color]));
  for (let v = 0; v < seen.height; v++)
    for (let u = 0; u < seen.width; u++) {
      const [x, y] = toImage(placement, u + 0.5, v + 0.5);
      const tie = Math.min(Math.abs(x - Math.round(x)), Math.abs(y - Math.round(y))) * perVoxel < TIE;
      if (tie) continue;
      const inside = x >= 0 && y >= 0 && x < columns && y < rows;
      const label = inside ? (plane[Math.floor(x) + columns * Math.floor(y)] ?? 0) : 0;
      const at = 4 * (u + seen.width * v);
      const [r = 0, g = 0, b = 0, alpha = 0] = seen.data.subarray(at, at + 4);
      sum.compared++;
      if (alpha > 0) sum.alphas.add(alpha);
      if (label > 0) sum.labels.add(label);
      const color = colors.get(label);
      // A canvas keeps colours multiplied by their opacity: a few levels are lost.
      const good =
        color === undefined
          ? alpha === 0
          : alpha === ALPHA && [r, g, b].every((part, n) => Math.abs(part - (color[n] ?? 0)) <= 4);
      if (good) continue;
      sum.wrong++;
      if (sum.examples.length < 5)
        sum.examples.push(
          `${where}, pixel ${u} ${v} (image ${x.toFixed(2)} ${y.toFixed(2)}): ${[r, g, b, alpha]}, label ${label} is ${color}`,
        );
    }
};

/** How views are placed, by keys from upright and whole: zoomed in so many times, mirrored, turned. */
export interface Way {
  readonly zoomIns: number;
  readonly flipped: boolean;
  readonly quarterTurns: 0 | 1 | 2 | 3;
}

/** Every pixel of the labels in stack and planes, placed in each way, at so many slices of each. */
export const compareEdges = async (
  renderer: SoftwareRenderer,
  ways: readonly Way[],
  slices: number,
): Promise<Compared> => {
  const study = await phantomStudy('ct 48x40x24', raggedLabels);
  const { made } = study;
  const { overlay, bytes } = raggedLabels(made, study.seriesId);
  assert.ok(overlay.kind === 'labelmap');
  const app = await startApp({ storeFolder: study.storeFolder, renderer });
  const sum: Compared = { compared: 0, wrong: 0, labels: new Set(), alphas: new Set(), examples: [] };
  try {
    const { page } = app;
    await page.goto(`${new URL(page.url()).origin}/?painter=webgl`);
    await page.locator('[data-testid="study-row"]').first().dblclick();
    await page.waitForSelector('[data-testid^="viewport-"][data-complete="true"]');
    const cuts = cutsOf(made.image.affineVoxelToPatient);
    const inView = async (view: 'stack' | PlaneName): Promise<void> => {
      await page.waitForSelector(`[data-testid="viewport-${view}"] [data-testid="marks"][data-layers="1"]`);
      for (const way of ways) {
        await page.locator(`[data-testid="viewport-${view}"]`).focus();
        await page.keyboard.press('0');
        for (let n = 0; n < way.zoomIns; n++) await page.keyboard.press('j');
        if (way.flipped) await page.keyboard.press('h');
        for (let n = 0; n < way.quarterTurns; n++) await page.keyboard.press('Shift+R');
        for (let n = 0; n < slices; n++) {
          await page.keyboard.press(['Home', 'PageDown', 'End'][n % 3] ?? 'Home');
          await page.waitForTimeout(120);
          const seen = await look(page, view, { quarterTurns: way.quarterTurns, flipped: way.flipped });
          compare(
            seen,
            made,
            bytes,
            overlay.labels,
            view === 'stack' ? STACK_CUT : cuts[view],
            sum,
            `${view} ${JSON.stringify(way)}`,
          );
        }
        // Back to how the next way begins.
        for (let n = 0; n < (4 - way.quarterTurns) % 4; n++) await page.keyboard.press('Shift+R');
        if (way.flipped) await page.keyboard.press('h');
      }
    };
    await page.keyboard.press('Alt+1');
    await ready(page, 'stack');
    // Lines lie over the outermost pixels: without them each pixel is its voxel's fill.
    await page.getByRole('switch', { name: 'Outline' }).click({ force: true });
    await inView('stack');
    await page.keyboard.press('Alt+2');
    for (const view of PLANES) await ready(page, view);
    for (const view of PLANES) await inView(view);
    assert.deepEqual(app.errors, []);
    return sum;
  } finally {
    await app.close();
    study.remove();
  }
};

export const comparedText = (renderer: SoftwareRenderer, sum: Compared): string =>
  `label edges on ${renderer}: ${sum.compared} pixels of the screen compared, ${sum.wrong} wrong; ${sum.labels.size} labels, opacity ${[...sum.alphas].join(', ')} of 255`;

/** What must be: nothing wrong, label 1 and so many others seen, one opacity in all views. */
export const assertEdges = (sum: Compared, least: number): void => {
  assert.equal(sum.wrong, 0, sum.examples.join('\n'));
  assert.deepEqual([...sum.alphas], [ALPHA]);
  assert.ok(sum.labels.has(1) && sum.labels.size >= least, `${sum.labels.size} labels`);
};
