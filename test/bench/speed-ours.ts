/** Sightline's window, driven and timed from within. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createBackend } from '../../main/backend.ts';
import { decodePixels, openInstance, openSource, TAG } from '../../main/dicom/index.ts';
import { part10 } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { safeColor } from '../../models/kit/labels/colors.ts';
import type { SeriesImages } from '../../preload/contract/index.ts';

export interface Opened {
  /** Where its pixels came from; empty where the window had them. */
  readonly addresses: readonly string[];
  readonly firstMs: number;
  readonly allMs: number;
  /** Of the canvas that is drawn on, CSS pixels. */
  readonly size: readonly [number, number];
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Many small images of the same study, so that it opens with them: what is shown before the series is opened. */
const localizerBeside = (files: string): Uint8Array => {
  const [first = ''] = readdirSync(files);
  const { parsed, close } = openInstance(openSource(join(files, first)));
  close();
  const word = (tag: number): string => parsed.dataSet.text(tag) ?? '';
  const [side, frames] = [16, 1000];
  return part10('1.2.840.10008.5.1.4.1.1.7.3', '2.25.7700', [
    ['00080060', 'CS', 'CT'],
    ['00100010', 'PN', word(TAG.PatientName)],
    ['00100020', 'LO', word(TAG.PatientID)],
    ['0020000D', 'UI', parsed.dataSet.code(TAG.StudyInstanceUID)],
    ['0020000E', 'UI', '2.25.7701'],
    ['00200011', 'IS', 0],
    ['00200013', 'IS', 1],
    ['00280002', 'US', 1],
    ['00280004', 'CS', 'MONOCHROME2'],
    ['00280008', 'IS', frames],
    ['00280010', 'US', side],
    ['00280011', 'US', side],
    ['00280100', 'US', 16],
    ['00280101', 'US', 16],
    ['00280102', 'US', 15],
    ['00280103', 'US', 0],
    ['7FE00010', 'OW', new Uint8Array(new Uint16Array(side * side * frames).map((_, at) => at).buffer)],
  ]);
};

const putBalls = async (
  studies: ReturnType<typeof createBackend>['domains']['studies'],
  images: SeriesImages,
  balls: readonly (readonly [number, number, number])[],
): Promise<void> => {
  const { rows = 0, columns = 0 } = images.frames[0] ?? {};
  const slices = images.frames.length;
  const slice = new Uint8Array(rows * columns);
  const voxels = balls.map(([x, y, radius], n) => {
    let count = 0;
    for (let j = Math.ceil(y - radius); j <= y + radius; j++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (j - y) ** 2));
      const [from, to] = [Math.ceil(x - half), Math.floor(x + half) + 1];
      slice.fill(n + 1, j * columns + from, j * columns + to);
      count += to - from;
    }
    return count * slices;
  });
  const bytes = new Uint8Array(slice.length * slices);
  for (let k = 0; k < slices; k++) bytes.set(slice, k * slice.length);
  await studies.putOverlay(
    {
      kind: 'labelmap',
      id: 'bench',
      seriesId: images.seriesId,
      maker: { kind: 'model', package: 'bench', version: '1', jobId: 'j' },
      createdAt: '2026-01-01T00:00:00.000Z',
      title: 'Balls',
      dims: [columns, rows, slices],
      labels: balls.map(([x, y, radius], n) => ({
        value: n + 1,
        name: `Ball ${n + 1}`,
        code: null,
        color: safeColor(n),
        voxels: voxels[n] ?? 0,
        volumeMl: null,
        bounds: [x - radius, y - radius, 0, x + radius + 1, y + radius + 1, slices],
      })),
    },
    bytes,
  );
};

/** A store with the series and labels on it; paths and hashes of stored values in the order of its images. */
export const storeWith = async (
  storeFolder: string,
  files: string,
  balls: readonly (readonly [number, number, number])[] | null,
): Promise<{ paths: string[]; hashes: string[]; seriesId: string }> => {
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
  try {
    const { studies, jobs } = backend.domains;
    await jobs.ended(studies.importPath(files, { copy: false, label: 'bench' }).jobId);
    const localizer = join(storeFolder, 'localizer');
    mkdirSync(localizer);
    writeFileSync(join(localizer, '1.dcm'), localizerBeside(files));
    await jobs.ended(studies.importPath(localizer, { copy: false, label: 'bench' }).jobId);
    const context = { signal: new AbortController().signal };
    const { studies: all } = await backend.handlers.studies.list(
      { text: '', modality: null, status: null, from: null, to: null, order: 'newest', limit: 10, offset: 0 },
      context,
    );
    const series = studies
      .study(all[0]?.id ?? '')
      .series.find(({ description, number }) => description !== '' || number !== 0);
    if (!series) throw new Error('nothing was imported');
    const images = await backend.handlers.studies.images({ seriesId: series.id }, context);
    if (balls !== null) await putBalls(studies, images, balls);
    const known = new Map<string, { path: string; hash: string }>();
    for (const name of readdirSync(files).filter((one) => one.endsWith('.dcm'))) {
      const path = join(files, name);
      const instance = openInstance(openSource(path));
      const stored = Int16Array.from(await decodePixels(instance, 0));
      known.set(instance.parsed.dataSet.code(TAG.SOPInstanceUID), {
        path,
        hash: createHash('sha256').update(new Uint8Array(stored.buffer)).digest('hex'),
      });
      instance.close();
    }
    const inOrder = images.frames.map(({ instanceUid }) => known.get(instanceUid) ?? { path: '', hash: '' });
    const paths = inOrder.map(({ path }) => path);
    const hashes = inOrder.map(({ hash }) => hash);
    return { paths, hashes, seriesId: series.id };
  } finally {
    await backend.close();
  }
};

/**
 * The window is loaded anew, so that nothing of its memory is left, and shows the study's other series; then the series
 * is opened from the rail. sameWindow: as it is, from the other series.
 */
export const openOurs = async (
  page: Page,
  seriesId: string,
  how: { sameWindow?: boolean; before?: () => void } = {},
): Promise<Opened> => {
  const item = (id: string | null) =>
    page.locator(`[data-testid="series-item"]${id ? `[data-series-id="${id}"]` : ''}`);
  // The study opens as it was left: with the other series.
  if ((await page.locator(`[data-testid="viewport-stack"][data-series-id="${seriesId}"]`).count()) > 0) {
    await page.keyboard.press('[');
    await page.waitForTimeout(1500);
  }
  const addresses: string[] = [];
  const told = (request: { url(): string }): void => {
    if (/\/(pixels|frame-ahead)\//.test(request.url()) && request.url().includes(`/${seriesId}/`))
      addresses.push(request.url());
  };
  page.on('request', told);
  if (!how.sameWindow) {
    await page.goto(new URL('/', page.url()).href);
    await page.click('[data-testid="study-row"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid="viewport-stack"][data-state="ready"]');
    if ((await page.locator(`[data-testid="viewport-stack"][data-series-id="${seriesId}"]`).count()) > 0)
      await page.keyboard.press('[');
  }
  await page.waitForSelector(
    `[data-testid="viewport-stack"][data-complete="true"]:not([data-series-id="${seriesId}"])`,
  );
  await page.waitForTimeout(1500);
  const timing = page.evaluate(async (id) => {
    const begun = await new Promise<number>((resolve) =>
      document.addEventListener('click', () => resolve(performance.now()), { once: true, capture: true }),
    );
    const frame = (): Promise<void> =>
      new Promise((resolve) =>
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve();
          channel.port2.postMessage(null);
        }),
      );
    const view = (): HTMLElement | null =>
      document.querySelector(`[data-testid="viewport-stack"][data-series-id="${id}"]`);
    const seen = (there: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!there()) return;
          changes.disconnect();
          resolve();
        };
        const changes = new MutationObserver(look);
        changes.observe(document.body, {
          subtree: true,
          childList: true,
          attributeFilter: ['data-complete', 'data-state', 'data-series-id'],
        });
        look();
      });
    await seen(() => view()?.dataset.state === 'ready');
    await frame();
    const firstMs = performance.now() - begun;
    await seen(() => view()?.dataset.complete === 'true');
    const stage = view()?.querySelector('.stage');
    return {
      firstMs,
      allMs: performance.now() - begun,
      size: [stage?.clientWidth ?? 0, stage?.clientHeight ?? 0] as const,
    };
  }, seriesId);
  // The hand is there before it presses: what the window draws of that is no part of opening.
  await item(seriesId).hover();
  await page.waitForTimeout(300);
  how.before?.();
  await item(seriesId).click();
  const timed = await timing;
  page.off('request', told);
  return { ...timed, addresses };
};

/** Hashes of the stored values as they came to the window, by slice. */
export const storedOf = async (page: Page, addresses: readonly string[], bytesEach: number): Promise<string[]> => {
  const hashes: string[] = [];
  for (const address of addresses) {
    const from = Number(/(\d+)(-\d+)?$/.exec(address)?.[1]);
    const answer = await page.request.get(address);
    const bytes = await answer.body();
    for (let at = 0; at < bytes.length; at += bytesEach)
      hashes[from + at / bytesEach] = createHash('sha256')
        .update(bytes.subarray(at, at + bytesEach))
        .digest('hex');
  }
  return hashes;
};

interface Scrolled {
  /** Milliseconds of each step. */
  readonly frames: number[];
  /** What was painted and is held, by slice; only where pictures were asked for. */
  readonly canvases: string[];
  readonly edges: readonly [number, number];
}

/** Through the images by the wheel, one notch after the other is painted. */
export const scrollOurs = async (
  page: Page,
  steps: number,
  want: { pictures: boolean; overlay: boolean },
): Promise<Scrolled> => {
  if (want.overlay) await page.waitForSelector('[data-testid="marks"][data-layers="1"]', { timeout: 60_000 });
  if (want.pictures) await page.locator('[data-testid="viewport-stack"]').press('Home');
  await page.waitForTimeout(300);
  return page.evaluate(
    async ({ steps, pictures }) => {
      const view = document.querySelector<HTMLElement>('[data-testid="viewport-stack"]');
      const canvas = view?.querySelector<HTMLCanvasElement>('.stage canvas');
      if (!view || !canvas) throw new Error('no view');
      const painted = (): Promise<void> =>
        new Promise((resolve) =>
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve();
            channel.port2.postMessage(null);
          }),
        );
      const [width = 1, center = 0] = (view.dataset.window ?? '').split('/').map(Number);
      const frames: number[] = [];
      const canvases: string[] = [];
      const box = view.getBoundingClientRect();
      let by = 1;
      for (let n = 0; n < steps; n++) {
        if (pictures) canvases[Number(view.dataset.frameIndex)] = canvas.toDataURL('image/png');
        const number = Number(view.dataset.imageNumber);
        if (!pictures) by = number < 30 ? 1 : number > Number(view.dataset.frameCount) - 30 ? -1 : by;
        const before = view.dataset.frameIndex;
        const from = performance.now();
        view.dispatchEvent(
          new WheelEvent('wheel', {
            deltaY: 100 * by,
            bubbles: true,
            cancelable: true,
            clientX: box.x + 100,
            clientY: box.y + 100,
          }),
        );
        await painted();
        frames.push(performance.now() - from);
        if (!pictures && view.dataset.frameIndex === before) throw new Error('the wheel moved nothing');
      }
      return { frames, canvases, edges: [center - width / 2, center + width / 2] as const };
    },
    { steps, pictures: want.pictures },
  );
};
