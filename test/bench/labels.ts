/**
 * Labels in the window: how long it takes to switch 40 segments on 300 slices of 512x512 on and off, to change from brush to
 * eraser and to take a stroke back on 500 slices. From the act to the painted frame, in the window itself.
 *
 *     node test/bench/labels.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { safeColor } from '../../models/kit/labels/colors.ts';
import type { OverlayLabel } from '../../preload/contract/index.ts';
import { startApp } from '../flows/app.ts';
import { fillStore, writeDrawnCt } from './drawn-ct.ts';
import { median } from './figures.ts';

const SIDE = 512;
const SEGMENTS = 40;
const ROUNDS = 15;

const writeSeries = (folder: string, slices: number): void =>
  writeDrawnCt(folder, {
    slices,
    side: SIDE,
    gapMm: 1,
    root: `77.${slices}`,
    name: `Bench^Labels${slices}`,
    patientId: `B${slices}`,
    draw: (pixels) => {
      for (let at = 0; at < pixels.length; at++) pixels[at] = ((at * 7919) % 400) - 200;
    },
  });

/** Forty balls side by side, through most of the slices. */
const labelsOf = (slices: number): { bytes: Uint8Array; labels: OverlayLabel[] } => {
  const bytes = new Uint8Array(SIDE * SIDE * slices);
  const labels: OverlayLabel[] = [];
  for (let n = 0; n < SEGMENTS; n++) {
    const [x, y] = [40 + (n % 8) * 60, 50 + Math.floor(n / 8) * 95];
    let voxels = 0;
    for (let k = 0; k < slices; k++) {
      const r = 28 * Math.sqrt(Math.max(0, 1 - ((k - slices / 2) / (slices / 2)) ** 2));
      for (let j = Math.ceil(y - r); j <= y + r; j++) {
        const half = Math.sqrt(Math.max(0, r * r - (j - y) ** 2));
        const [from, to] = [Math.ceil(x - half), Math.floor(x + half) + 1];
        bytes.fill(n + 1, k * SIDE * SIDE + j * SIDE + from, k * SIDE * SIDE + j * SIDE + to);
        voxels += to - from;
      }
    }
    labels.push({
      value: n + 1,
      name: `Segment ${n + 1}`,
      code: null,
      color: safeColor(n),
      voxels,
      volumeMl: null,
      bounds: [x - 28, y - 28, 0, x + 29, y + 29, slices],
    });
  }
  return { bytes, labels };
};

const fill = (storeFolder: string, folder: string, slices: number): Promise<void> =>
  fillStore(storeFolder, folder, async ({ domains, handlers }) => {
    const { studies } = domains;
    const { studies: all } = await handlers.studies.list(
      { text: '', modality: null, status: null, from: null, to: null, order: 'newest', limit: 10, offset: 0 },
      { signal: new AbortController().signal },
    );
    const [series] = studies.study(all[0]?.id ?? '').series;
    if (!series) throw new Error('nothing was imported');
    const { bytes, labels } = labelsOf(slices);
    await studies.putOverlay(
      {
        kind: 'labelmap',
        id: 'bench',
        seriesId: series.id,
        maker: { kind: 'model', package: 'bench', version: '1', jobId: 'j' },
        createdAt: '2026-01-01T00:00:00.000Z',
        title: 'Forty',
        dims: [SIDE, SIDE, slices],
        labels,
      },
      bytes,
    );
  });

/** Milliseconds from a key to the frame that is painted after it. */
const timed = (page: Page, key: string, modifiers: { ctrlKey?: boolean } = {}, rounds = ROUNDS): Promise<number[]> =>
  page.evaluate(
    async ({ key, modifiers, rounds }) => {
      const painted = (): Promise<void> =>
        new Promise((resolve) =>
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve();
            channel.port2.postMessage(null);
          }),
        );
      const times: number[] = [];
      for (let n = 0; n < rounds; n++) {
        await new Promise((resolve) => setTimeout(resolve, 120));
        await painted();
        const begun = performance.now();
        document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...modifiers }));
        await painted();
        times.push(performance.now() - begun);
      }
      return times;
    },
    { key, modifiers, rounds },
  );
/** What the window's own thread worked meanwhile, ms: on a machine that is busy otherwise the clock tells little. */
const cpuOf = async (page: Page): Promise<() => Promise<number>> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
};
const say = (what: string, times: readonly number[], limit: number, cpu?: number): void => {
  const thread = cpu === undefined ? '' : `; ${(cpu / times.length).toFixed(0)} ms of the window's thread each`;
  console.log(
    `${what}: median ${median(times).toFixed(0)} ms, worst ${Math.max(...times, 0).toFixed(0)} ms of ${times.length} (at most ${limit})${thread}`,
  );
};
/** Times a key, and what the window's thread did for it. */
const measure = async (
  page: Page,
  cpu: () => Promise<number>,
  what: string,
  limit: number,
  key: string,
  modifiers: { ctrlKey?: boolean } = {},
): Promise<void> => {
  const before = await cpu();
  const times = await timed(page, key, modifiers);
  say(what, times, limit, (await cpu()) - before);
};

const open = async (page: Page): Promise<void> => {
  await page.click('[data-testid="study-row"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-testid="viewport-stack"][data-complete="true"]', { timeout: 180_000 });
  await page.waitForSelector('[data-testid="marks"][data-layers="1"]', { timeout: 60_000 });
};

const run = async (slices: number, painter: string, use: (page: Page) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'));
  const storeFolder = join(folder, 'store');
  writeSeries(join(folder, 'in'), slices);
  await fill(storeFolder, join(folder, 'in'), slices);
  const app = await startApp({ storeFolder });
  try {
    await app.page.goto(`${new URL(app.page.url()).origin}/?painter=${painter}`);
    await open(app.page);
    await use(app.page);
    if (app.errors.length > 0) console.log(app.errors.join('\n'));
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const painter of ['canvas', 'webgl'])
  await run(300, painter, async (page) => {
    const cpu = await cpuOf(page);
    await measure(page, cpu, `${painter}, stack: 40 segments on 300 slices, all on or off`, 100, 'o');
    await page.keyboard.press('Alt+2');
    await page.waitForSelector('[data-testid="viewport-coronal"][data-state="ready"]');
    await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"]', { timeout: 180_000 });
    await measure(page, cpu, `${painter}, three planes and 3D: the same`, 100, 'o');
  });
await run(500, 'canvas', async (page) => {
  const cpu = await cpuOf(page);
  await page.click('[data-testid="segment-edit"]');
  await page.waitForSelector('[data-testid="segment-bar"]', { timeout: 60_000 });
  const eraser: number[] = [];
  const before = await cpu();
  for (let n = 0; n < ROUNDS; n++) eraser.push(...(await timed(page, n % 2 === 0 ? 'e' : 'b', {}, 1)));
  say('500 slices: brush to eraser and back', eraser, 50, (await cpu()) - before);
  await page.keyboard.press('b');
  const box = await page.locator('[data-testid="viewport-stack"]').boundingBox();
  if (!box) throw new Error('no view');
  const moves: number[] = [];
  const begunAt = await cpu();
  for (let n = 0; n < ROUNDS + 2; n++) {
    await page.mouse.move(box.x + 150 + n * 5, box.y + 200);
    await page.mouse.down();
    for (let step = 1; step <= 20; step++) {
      const begun = performance.now();
      await page.mouse.move(box.x + 150 + n * 5 + step * 8, box.y + 200 + step * 9);
      moves.push(performance.now() - begun);
    }
    await page.mouse.up();
  }
  say('500 slices: a step of a stroke, driver included', moves, 50, (await cpu()) - begunAt);
  await page.waitForSelector('[data-testid="segment-bar"][data-saving="saved"]');
  await measure(page, cpu, '500 slices: undo of a stroke', 50, 'z', { ctrlKey: true });
  await measure(page, cpu, '500 slices: redo of a stroke', 50, 'y', { ctrlKey: true });
});
