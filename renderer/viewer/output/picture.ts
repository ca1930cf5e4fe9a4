/** A view as a picture: the pixels of the screen, or the image's own pixels one to one, with marks or without. */
import { flushSync, mount, unmount } from 'svelte';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import { windowed } from '../render/canvas-painter.ts';
import type { Graphics } from '../render/graphics.svelte.ts';
import Viewport from '../Viewport.svelte';
import { linearOf } from '../view/camera.ts';
import { SliceView } from '../view/slice-view.svelte.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import { drawLayers, type LayerWish } from './layers.ts';
import { elementOf } from './shown.ts';

export interface PictureWish extends Omit<LayerWish, 'bare'> {
  readonly size: 'screen' | 'image';
  readonly marks: boolean;
}

interface Tools {
  readonly store: MarksStore;
  /** Of the component that asks: a view that is made for the picture lives below the same session. */
  readonly context: Map<unknown, unknown>;
}

const PATIENCE_MS = 10_000;
const LARGEST_SIDE = 16_384;

const canvasOf = (width: number, height: number): readonly [HTMLCanvasElement, CanvasRenderingContext2D] => {
  if (width > LARGEST_SIDE || height > LARGEST_SIDE)
    throw new Error(`The picture would have ${width} × ${height} pixels: more than a browser draws.`);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (context === null) throw new Error('The browser gives no canvas to draw on.');
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return [canvas, context];
};

const screenPicture = async (element: HTMLElement, wish: PictureWish): Promise<HTMLCanvasElement> => {
  const scale = window.devicePixelRatio;
  const [canvas, context] = canvasOf(Math.round(element.clientWidth * scale), Math.round(element.clientHeight * scale));
  await drawLayers(context, element, scale, { ...wish, bare: !wish.marks });
  return canvas;
};

/** The greys of the view's window, a pixel for each of the image's, turned as the reader has turned it. */
const exactImage = (view: SliceView): readonly [HTMLCanvasElement, CanvasRenderingContext2D] => {
  const { picture } = view;
  if (picture === null || !view.ready) throw new Error('The image has not come yet.');
  if (!view.isFull) throw new Error('The plane is still being computed: try again in a moment.');
  const { columns, rows } = picture.image;
  const turned = view.presentation.quarterTurns % 2 === 1;
  const made = canvasOf(turned ? rows : columns, turned ? columns : rows);
  const [canvas, context] = made;
  const [plain, draw] = canvasOf(columns, rows);
  const data = draw.createImageData(columns, rows);
  windowed(picture, new Uint32Array(data.data.buffer));
  draw.putImageData(data, 0, 0);
  // Turned by quarters only: between them no pixel of the picture would be one of the image's.
  const [a, b, c, d] = linearOf({ ...view.presentation, degrees: 0 });
  context.setTransform(
    a,
    b,
    c,
    d,
    canvas.width / 2 - (a * columns + c * rows) / 2,
    canvas.height / 2 - (b * columns + d * rows) / 2,
  );
  context.imageSmoothingEnabled = false;
  context.drawImage(plain, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
  return made;
};

/** Draws nothing: the greys of the picture are there already. */
const noPainter = {
  slices: () => ({ make: () => ({ kind: 'canvas', paint: () => {}, close: () => {} }), words: '' }),
} as unknown as Graphics;

const frame = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/** All that lies over the image, drawn by a view of the image's own size that is off the screen. */
const overImage = async (
  context: CanvasRenderingContext2D,
  view: SliceView,
  size: readonly [number, number],
  wish: PictureWish,
  tools: Tools,
): Promise<void> => {
  const host = document.createElement('div');
  host.inert = true;
  host.className = 'off-screen';
  host.style.cssText = `position:fixed;left:-${LARGEST_SIDE * 2}px;top:0;display:grid;width:${size[0]}px;height:${size[1]}px`;
  document.body.append(host);
  const copy = new SliceView(view.id, view.viewer);
  copy.presentation = { ...view.presentation, zoom: 1, center: [0, 0], degrees: 0 };
  const made = mount(Viewport, {
    target: host,
    props: { view: copy, store: tools.store, graphics: noPainter, ondblclick: () => {} },
    context: tools.context,
  });
  try {
    flushSync();
    const until = performance.now() + PATIENCE_MS;
    // Labels of a turned plane are as coarse as its picture until that is whole.
    while (copy.width !== size[0] || copy.height !== size[1] || !copy.isFull) {
      if (performance.now() > until) throw new Error('The marks could not be laid out at the size of the image.');
      await frame();
    }
    flushSync();
    await frame();
    const element = host.firstElementChild;
    if (element instanceof HTMLElement) await drawLayers(context, element, 1, { ...wish, bare: !wish.marks }, true);
  } finally {
    await unmount(made);
    host.remove();
  }
};

/** The view with the hand. Rejects with words where there is nothing to make a picture of. */
export const pictureOf = async (viewer: ViewerState, wish: PictureWish, tools: Tools): Promise<HTMLCanvasElement> => {
  if (viewer.activeId === '3d' && viewer.shownLayout === 'planes') {
    const scene = elementOf(viewer);
    if (scene === null) throw new Error('There is no 3D view to make a picture of.');
    return screenPicture(scene, wish);
  }
  const view = viewer.active;
  const element = elementOf(view);
  if (element === null || !view.ready) throw new Error('There is no image to make a picture of.');
  if (wish.size === 'screen') return screenPicture(element, wish);
  const [canvas, context] = exactImage(view);
  await overImage(context, view, [canvas.width, canvas.height], wish, tools);
  return canvas;
};

export const pngOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The browser could not write the picture.'))),
      'image/png',
    ),
  );

/** 'CT-series-3-image-12.png': says nothing of the patient. */
export const nameOf = (viewer: ViewerState): string => {
  const series = viewer.owner?.series;
  const is3d = viewer.activeId === '3d' && viewer.shownLayout === 'planes';
  const place = is3d
    ? '3d'
    : `${viewer.active.id === 'stack' ? 'image' : viewer.active.id}-${viewer.active.imageNumber}`;
  const modality = series?.modality.replace(/[^A-Za-z0-9]/g, '') || 'image';
  return `${modality}${series?.number == null ? '' : `-series-${series.number}`}-${place}.png`;
};
