import type { Overlay } from '../../../preload/contract/index.ts';
import type { Marks } from '../../session/marks.svelte.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import type { Placement } from '../view/camera.ts';
import { cutInto } from '../view/cut.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import { heatWords } from './heatmap/draw.ts';
import { fillWords, outlineOf } from './labelmap/draw.ts';

/** One layer of marks over an image: a small picture and, for labels, lines; both in image coordinates. */
export interface Layer {
  readonly picture: HTMLCanvasElement;
  /** Stretched to this, image coordinates. */
  readonly columns: number;
  readonly rows: number;
  readonly smooth: boolean;
  readonly lines: readonly { readonly path: Path2D; readonly color: string }[];
}

/** The labels of the slice that a view shows, screen order; null where there are none for it. */
export const labelSlice = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  store: MarksStore,
): Uint8Array | null => {
  const pixels = view.viewer.pixels;
  if (pixels === null || pixels.images.seriesId !== overlay.seriesId) return null;
  const labels = store.labels(overlay);
  if (labels === null) return null;
  const { dims } = overlay;
  const { cut, index } = view;
  if (cut.normal === 2 && cut.x.axis === 0 && !cut.x.reversed && !cut.y.reversed) return labels.slices[index] ?? null;
  const out = new Uint8Array(dims[cut.x.axis] * dims[cut.y.axis]);
  cutInto(labels.slices, dims, cut, index, out);
  return out;
};

const rgb = (color: readonly [number, number, number]): string => `rgb(${color.join(' ')})`;

const pictureOf = (columns: number, rows: number, write: (words: Uint32Array) => void): HTMLCanvasElement => {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The browser gives no canvas to draw on.');
  const data = context.createImageData(columns, rows);
  write(new Uint32Array(data.data.buffer));
  context.putImageData(data, 0, 0);
  return canvas;
};

const labelLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
): Layer | null => {
  const shown = overlay.labels.filter((label) => marks.isShown(overlay.id, label.value));
  if (shown.length === 0) return null;
  const slice = labelSlice(view, overlay, store);
  const image = view.image;
  if (slice === null || image === null || slice.length !== image.columns * image.rows) return null;
  const styles = new Map(shown.map((label) => [label.value, { color: label.color }]));
  const picture = pictureOf(image.columns, image.rows, (words) => fillWords(slice, styles, marks.fillOpacity, words));
  const lines: { path: Path2D; color: string }[] = [];
  if (marks.outline) {
    for (const [value, segments] of outlineOf(slice, image.columns, image.rows, new Set(styles.keys()))) {
      const path = new Path2D();
      for (let n = 0; n < segments.length; n += 4) {
        path.moveTo(segments[n] ?? 0, segments[n + 1] ?? 0);
        path.lineTo(segments[n + 2] ?? 0, segments[n + 3] ?? 0);
      }
      lines.push({ path, color: rgb(styles.get(value)?.color ?? [255, 255, 255]) });
    }
  }
  return { picture, columns: image.columns, rows: image.rows, smooth: false, lines };
};

const heatLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'heatmap' }>,
  marks: Marks,
  store: MarksStore,
): Layer | null => {
  const image = view.image;
  if (!marks.isShown(overlay.id) || image === null || view.id !== 'stack' || overlay.frameIndex !== view.index)
    return null;
  if (view.viewer.pixels?.images.seriesId !== overlay.seriesId) return null;
  const heat = store.heat(overlay);
  if (heat === null) return null;
  const picture = pictureOf(overlay.columns, overlay.rows, (words) =>
    heatWords(heat, overlay.color, marks.heatOpacity, words),
  );
  return { picture, columns: image.columns, rows: image.rows, smooth: true, lines: [] };
};

/** Layers of all kinds that are drawn as pictures; boxes are drawn as shapes by their own component. */
const LAYERS = {
  labelmap: labelLayer,
  heatmap: heatLayer,
  boxes: () => null,
} as const satisfies {
  [Kind in Overlay['kind']]: (
    view: SliceView,
    overlay: Extract<Overlay, { kind: Kind }>,
    marks: Marks,
    store: MarksStore,
  ) => Layer | null;
};

export const layersOf = (view: SliceView, marks: Marks, store: MarksStore): Layer[] =>
  marks.overlays.flatMap((overlay) => {
    const make = LAYERS[overlay.kind] as (v: SliceView, o: Overlay, m: Marks, s: MarksStore) => Layer | null;
    const layer = make(view, overlay, marks, store);
    return layer === null ? [] : [layer];
  });

/** Draws the layers where the image lies. Lines are as wide on the screen at every zoom. */
export const drawLayers = (
  canvas: HTMLCanvasElement,
  layers: readonly Layer[],
  placement: Placement | null,
  width: number,
  height: number,
): void => {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext('2d');
  if (context === null || placement === null) return;
  const p = placement;
  const matrix = new DOMMatrix([p.a * ratio, p.b * ratio, p.c * ratio, p.d * ratio, p.e * ratio, p.f * ratio]);
  for (const layer of layers) {
    context.setTransform(matrix);
    context.imageSmoothingEnabled = layer.smooth;
    context.drawImage(layer.picture, 0, 0, layer.columns, layer.rows);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.lineWidth = 1.25 * ratio;
    context.lineCap = 'square';
    for (const { path, color } of layer.lines) {
      const placed = new Path2D();
      placed.addPath(path, matrix);
      context.strokeStyle = color;
      context.stroke(placed);
    }
  }
};
