/** A stack viewer as the library's examples write it; the bench drives it through window.peer. */
import { cache, Enums, eventTarget, imageLoader, init, RenderingEngine, type Types } from '@cornerstonejs/core';
import { init as initLoader } from '@cornerstonejs/dicom-image-loader';
import { init as initTools, segmentation, Enums as ToolEnums, utilities as toolUtilities } from '@cornerstonejs/tools';

const ENGINE = 'engine';
const VIEWPORT = 'stack';
const SEGMENTATION = 'labels';

export interface Labels {
  readonly columns: number;
  /** Balls: middle and radius in pixels, by slice as many as there are. */
  readonly balls: readonly (readonly [x: number, y: number, radius: number])[];
}

export interface Peer {
  /** [width, height] of the canvas, CSS pixels. */
  start(size: readonly [number, number]): Promise<void>;
  /** Milliseconds from the call to the first painted image and to the last image loaded. */
  open(addresses: readonly string[], first: number): Promise<{ firstMs: number; allMs: number }>;
  window(low: number, high: number): void;
  overlay(labels: Labels): Promise<void>;
  /** Goes on by so many images, as the wheel does; settles when it is painted. */
  step(by: number): Promise<void>;
  index(): number;
  stored(index: number): Promise<string>;
  canvas(): string;
}

const painted = (): Promise<void> =>
  new Promise((resolve) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve();
      channel.port2.postMessage(null);
    }),
  );
const hash = async (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  );

const element = document.querySelector<HTMLDivElement>('#view');
if (element === null) throw new Error('no place to draw');
let viewport: Types.IStackViewport;
let imageIds: string[] = [];

const rendered = (): Promise<void> =>
  new Promise((resolve) => element.addEventListener(Enums.Events.IMAGE_RENDERED, () => resolve(), { once: true }));

const peer: Peer = {
  start: async ([width, height]) => {
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    init();
    initLoader({ maxWebWorkers: 2 });
    initTools();
    const engine = new RenderingEngine(ENGINE);
    engine.enableElement({ viewportId: VIEWPORT, element, type: Enums.ViewportType.STACK });
    viewport = engine.getViewport(VIEWPORT) as Types.IStackViewport;
  },
  open: async (addresses, first) => {
    const begun = performance.now();
    imageIds = addresses.map((address) => `wadouri:${address}`);
    let loaded = 0;
    const all = new Promise<number>((resolve) => {
      const told = (): void => {
        loaded = imageIds.filter((id) => cache.isLoaded(id)).length;
        if (loaded === imageIds.length) resolve(performance.now() - begun);
      };
      eventTarget.addEventListener(Enums.Events.IMAGE_LOADED, () => setTimeout(told));
      setInterval(told, 20);
    });
    const seen = rendered();
    await viewport.setStack(imageIds, first);
    viewport.render();
    await seen;
    await painted();
    const firstMs = performance.now() - begun;
    toolUtilities.stackPrefetch.enable(element);
    return { firstMs, allMs: await all };
  },
  window: (low, high) => {
    viewport.setProperties({ voiRange: { lower: low, upper: high } });
    viewport.render();
  },
  overlay: async ({ columns, balls }) => {
    const images = imageLoader.createAndCacheDerivedLabelmapImages(imageIds);
    for (const image of images) {
      const labels = image.voxelManager?.getScalarData() as Uint8Array;
      for (const [n, [x, y, radius]] of balls.entries())
        for (let j = Math.ceil(y - radius); j <= y + radius; j++) {
          const half = Math.sqrt(Math.max(0, radius * radius - (j - y) ** 2));
          labels.fill(n + 1, j * columns + Math.ceil(x - half), j * columns + Math.floor(x + half) + 1);
        }
      image.voxelManager?.setScalarData(labels);
    }
    segmentation.addSegmentations([
      {
        segmentationId: SEGMENTATION,
        representation: {
          type: ToolEnums.SegmentationRepresentations.Labelmap,
          data: { imageIds: images.map(({ imageId }) => imageId) },
        },
      },
    ]);
    const seen = rendered();
    await segmentation.addLabelmapRepresentationToViewport(VIEWPORT, [{ segmentationId: SEGMENTATION }]);
    await seen;
    await painted();
  },
  step: async (by) => {
    const seen = rendered();
    const before = viewport.getCurrentImageIdIndex();
    viewport.scroll(by, false);
    if (viewport.getTargetImageIdIndex() === before) return;
    await seen;
    await painted();
  },
  index: () => viewport.getCurrentImageIdIndex(),
  stored: async (index) => {
    const image = cache.getImage(imageIds[index] ?? '');
    if (image === undefined) return '';
    // The loader keeps modality values: back to those of the file.
    const { rescaleSlope = 1, rescaleIntercept = 0 } = image.preScale?.scaled
      ? (image.preScale.scalingParameters ?? {})
      : {};
    const stored = Int16Array.from(image.getPixelData(), (value) => (value - rescaleIntercept) / rescaleSlope);
    return hash(stored.buffer);
  },
  canvas: () => viewport.getCanvas().toDataURL('image/png'),
};
(window as unknown as { peer: Peer }).peer = peer;
