import type { Overlay } from '../../../preload/contract/index.ts';
import type { Marks } from '../../session/marks.svelte.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import type { Placement } from '../view/camera.ts';
import { cutInto } from '../view/cut.ts';
import { laidOf } from '../view/plane-pixels.ts';
import { nearestLabels } from '../view/sample.ts';
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
  /** Empty image pixels about it, which the picture has too. */
  readonly margin: number;
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
  // Images have come to the series or left it since: these labels would lie on others than their own.
  if (overlay.dims[2] !== pixels.images.frames.length) return null;
  if (overlay.edited !== undefined) void store.edits;
  const labels = store.labels(overlay);
  if (labels === null) return null;
  const { dims } = overlay;
  const { cut, index, free, grain } = view;
  const { volume } = view.viewer;
  // As coarse as the picture while a hand moves the plane.
  if (free !== null && volume !== null)
    return nearestLabels(labels.slices, dims, laidOf(free, volume.affineVoxelToPatient, grain));
  if (cut.normal === 2 && cut.x.axis === 0 && !cut.x.reversed && !cut.y.reversed) return labels.slices[index] ?? null;
  const out = new Uint8Array(dims[cut.x.axis] * dims[cut.y.axis]);
  cutInto(labels.slices, dims, cut, index, out);
  return out;
};

const rgb = (color: readonly [number, number, number], opacity: number): string =>
  `rgb(${color.join(' ')} / ${opacity})`;

const pictureOf = (
  columns: number,
  rows: number,
  margin: number,
  write: (words: Uint32Array) => void,
  /** A canvas that is done with: of the same size it is drawn over. */
  used: HTMLCanvasElement | null = null,
): HTMLCanvasElement => {
  const [width, height] = [columns + 2 * margin, rows + 2 * margin];
  const fits = used?.width === width && used.height === height;
  const canvas = fits ? used : document.createElement('canvas');
  if (!fits) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The browser gives no canvas to draw on.');
  const data = context.createImageData(columns, rows);
  write(new Uint32Array(data.data.buffer));
  context.putImageData(data, margin, margin);
  return canvas;
};

const labelLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
  used: HTMLCanvasElement | null,
): Layer | null => {
  const shown = overlay.labels.filter((label) => marks.isShown(overlay.id, label.value));
  if (shown.length === 0) return null;
  const slice = labelSlice(view, overlay, store);
  const image = view.image;
  const grain = view.free === null ? 1 : view.grain;
  const [columns, rows] = [(image?.columns ?? 0) / grain, (image?.rows ?? 0) / grain];
  if (slice === null || image === null || slice.length !== columns * rows) return null;
  const styles = new Map(
    shown.map(({ value }) => {
      return [value, { color: marks.colorOf(overlay, value), opacity: marks.opacity(overlay.id, value) }] as const;
    }),
  );
  // A canvas blurs the rim of a picture over the pixels that it cuts through: an empty rim leaves labels sharp to the last voxel.
  const picture = pictureOf(columns, rows, 1, (words) => fillWords(slice, styles, marks.fillOpacity, words), used);
  const lines: { path: Path2D; color: string }[] = [];
  if (marks.outline) {
    for (const [value, segments] of outlineOf(slice, columns, rows, new Set(styles.keys()))) {
      const path = new Path2D();
      for (let n = 0; n < segments.length; n += 4) {
        path.moveTo((segments[n] ?? 0) * grain, (segments[n + 1] ?? 0) * grain);
        path.lineTo((segments[n + 2] ?? 0) * grain, (segments[n + 3] ?? 0) * grain);
      }
      const style = styles.get(value);
      if (style !== undefined) lines.push({ path, color: rgb(style.color, style.opacity) });
    }
  }
  return { picture, columns: image.columns, rows: image.rows, smooth: false, margin: grain, lines };
};

/** Everything that a layer of labels is drawn from, as a key; reading it is what it depends on. */
const keyOf = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
): string => {
  const { image, cut, index, free, grain } = view;
  const styles = overlay.labels.map(({ value }) =>
    marks.isShown(overlay.id, value)
      ? `${value}/${marks.colorOf(overlay, value)}/${marks.opacity(overlay.id, value)}`
      : '',
  );
  return [
    overlay.createdAt,
    store.version,
    overlay.edited === undefined ? 0 : store.edits,
    view.viewer.pixels?.images.seriesId,
    image?.columns,
    image?.rows,
    JSON.stringify(cut),
    free === null ? index : `${free.corner} ${free.right} ${free.down} ${grain}`,
    marks.fillOpacity,
    marks.outline,
    styles.join(),
  ].join('|');
};

/** The last layer of each labelmap in each view: a stroke on one draws only that one again. */
const drawn = new WeakMap<SliceView, Map<string, { readonly key: string; readonly layer: Layer | null }>>();

const keptLabelLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
): Layer | null => {
  const kept = drawn.get(view) ?? new Map<string, { key: string; layer: Layer | null }>();
  drawn.set(view, kept);
  const key = keyOf(view, overlay, marks, store);
  const known = kept.get(overlay.id);
  if (known?.key === key) return known.layer;
  const layer = labelLayer(view, overlay, marks, store, known?.layer?.picture ?? null);
  kept.set(overlay.id, { key, layer });
  return layer;
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
  const picture = pictureOf(overlay.columns, overlay.rows, 0, (words) =>
    heatWords(heat, overlay.color, marks.heatOpacity, words),
  );
  return { picture, columns: image.columns, rows: image.rows, smooth: true, margin: 0, lines: [] };
};

/** Layers of all kinds that are drawn as pictures; boxes are drawn as shapes by their own component. */
const LAYERS = {
  labelmap: keptLabelLayer,
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

export const layersOf = (view: SliceView, marks: Marks, store: MarksStore): Layer[] => {
  const layers = marks.overlays.flatMap((overlay) => {
    const make = LAYERS[overlay.kind] as (v: SliceView, o: Overlay, m: Marks, s: MarksStore) => Layer | null;
    const layer = make(view, overlay, marks, store);
    return layer === null ? [] : [layer];
  });
  const ids = new Set(marks.overlays.map(({ id }) => id));
  const kept = drawn.get(view);
  if (kept !== undefined) for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id);
  return layers;
};

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
    const { margin } = layer;
    context.drawImage(layer.picture, -margin, -margin, layer.columns + 2 * margin, layer.rows + 2 * margin);
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
