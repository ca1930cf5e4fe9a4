/** What is done to a whole segment at once: each an edit like a stroke, worked out in a worker. */
import type { Vec3 } from '../../../models/kit/geometry.ts';
import type { Overlay } from '../../../preload/contract/index.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import { type Box, padded, sizeOf, voxelsOf } from './algorithms/box.ts';
import type { Work } from './algorithms/work.ts';
import type { SegmentEditor } from './editor.svelte.ts';
import { type LiveLabels, mayOver, Stroke } from './stroke.ts';
import { tiltWords } from './where.ts';

/** A worker is given a byte a voxel, and more of its own: larger boxes could end the window. */
const MOST_VOXELS = 100e6;
/** Growing keeps 13 bytes a voxel. */
const MOST_GROWN = 24e6;

/** 1 where a voxel of the box holds the label. */
const maskOf = ({ dims, slices }: LiveLabels, box: Box, is: (label: number) => boolean): Uint8Array<ArrayBuffer> => {
  const [width, height] = sizeOf(box);
  const mask = new Uint8Array(voxelsOf(box));
  const wanted = Uint8Array.from({ length: 256 }, (_, label) => Number(is(label)));
  let to = 0;
  for (let k = box[2]; k < box[5]; k++) {
    const slice = slices[k];
    if (slice === undefined) throw new RangeError(`there is no slice ${k}`);
    for (let j = 0; j < height; j++) {
      const from = (box[1] + j) * dims[0] + box[0];
      for (let i = 0; i < width; i++) mask[to++] = wanted[slice[from + i] ?? 0] ?? 0;
    }
  }
  return mask;
};

const minus = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((is, at) => Number(is === 1 && b[at] !== 1));

interface Ready {
  readonly labels: LiveLabels;
  readonly value: number;
  readonly box: Box;
}

/** The active segment's voxels, or words why there is nothing to do. */
const ready = (editor: SegmentEditor): Ready | string => {
  const refusal = editor.refusal();
  if (refusal !== null) return refusal;
  const { open, value } = editor;
  const box = editor.boundsOf(value);
  if (open === null || box === null) return `${editor.segment?.name ?? 'The segment'} is empty.`;
  if (voxelsOf(box) > MOST_VOXELS) return 'The segment spans more voxels than can be worked on at once.';
  return { labels: open.labels, value, box };
};

const spacingIn = (viewer: ViewerState, what: string): Vec3 | string =>
  viewer.volume === null
    ? `No ${what}: ${viewer.noPlanes ?? 'this series is no volume'}`
    : viewer.reformat.tiltDegrees > 0
      ? `No ${what}: ${tiltWords(viewer)}`
      : viewer.spacingMm;

const say = (editor: SegmentEditor, words: string): void => editor.session.notices.tell(words, 'warning');

const erasing = (editor: SegmentEditor, { labels, value }: Ready): Stroke =>
  new Stroke(labels, { value: 0, may: mayOver({ locked: editor.locked, only: [value] }), within: null });
const painting = (editor: SegmentEditor, { labels, value }: Ready): Stroke =>
  new Stroke(labels, {
    value,
    may: mayOver({ locked: editor.locked, only: editor.keepOthers ? [0] : undefined }),
    within: null,
  });

/** Only the largest island stays, or those of so many millilitres (voxels where these are not known) and more. */
export const keepIslands = async (editor: SegmentEditor, keep: 'largest' | number): Promise<void> => {
  const now = ready(editor);
  if (typeof now === 'string') return say(editor, now);
  const ml = editor.open?.voxelMl ?? null;
  const least = keep === 'largest' ? keep : Math.max(2, ml === null ? keep : Math.ceil(keep / ml - 1e-9));
  const mask = maskOf(now.labels, now.box, (label) => label === now.value);
  const before = mask.slice();
  const title = keep === 'largest' ? 'Keep largest island' : 'Remove small islands';
  await editor.work(title, { kind: 'islands', dims: sizeOf(now.box), mask, keep: least }, (kept) => {
    const stroke = erasing(editor, now);
    stroke.mask(now.box, minus(before, kept));
    return stroke;
  });
};

/** By millimetres; shrunk where negative. */
export const changeMargin = async (editor: SegmentEditor, marginMm: number): Promise<void> => {
  const now = ready(editor);
  if (typeof now === 'string') return say(editor, now);
  const spacing = spacingIn(editor.viewer, 'margin in millimetres');
  if (typeof spacing === 'string') return say(editor, spacing);
  const reach = spacing.map((mm) => Math.ceil(Math.abs(marginMm) / mm) + 1) as [number, number, number];
  const box = padded(now.box, reach, now.labels.dims);
  if (voxelsOf(box) > MOST_VOXELS) return say(editor, 'The segment spans more voxels than can be worked on at once.');
  const mask = maskOf(now.labels, box, (label) => label === now.value);
  const before = mask.slice();
  const title = marginMm >= 0 ? `Grow by ${marginMm} mm` : `Shrink by ${-marginMm} mm`;
  await editor.work(title, { kind: 'margin', dims: sizeOf(box), spacing, mask, margin: marginMm }, (after) => {
    const stroke = marginMm >= 0 ? painting(editor, now) : erasing(editor, now);
    stroke.mask(box, marginMm >= 0 ? minus(after, before) : minus(before, after));
    return stroke;
  });
};

/** Slices between drawn ones, along the images. */
export const fillBetween = async (editor: SegmentEditor): Promise<void> => {
  const now = ready(editor);
  if (typeof now === 'string') return say(editor, now);
  const spacing = spacingIn(editor.viewer, 'interpolation between slices');
  if (typeof spacing === 'string') return say(editor, spacing);
  // A voxel around it in the plane: an edge at the border of the box is an edge.
  const box = padded(now.box, [1, 1, 0], now.labels.dims);
  const mask = maskOf(now.labels, box, (label) => label === now.value);
  const before = mask.slice();
  await editor.work('Fill between slices', { kind: 'between', dims: sizeOf(box), spacing, mask }, (after) => {
    const stroke = painting(editor, now);
    stroke.mask(box, minus(after, before));
    return stroke;
  });
};

/** Greys of the box, 0 to 255 over all but its darkest and brightest two hundredths; null where pixels have not come. */
const greysOf = (viewer: ViewerState, dims: Vec3, box: Box): Uint8Array<ArrayBuffer> | null => {
  const pixels = viewer.pixels;
  const [width, height] = sizeOf(box);
  const sample: number[] = [];
  const rows: { values: ArrayLike<number>; from: number; slope: number; intercept: number }[] = [];
  for (let k = box[2]; k < box[5]; k++) {
    const values = pixels?.frames[k];
    const frame = pixels?.images.frames[k];
    if (!values || !frame || frame.format === 'rgb8') return null;
    for (let j = 0; j < height; j++) {
      const row = { values, from: (box[1] + j) * dims[0] + box[0], slope: frame.slope, intercept: frame.intercept };
      rows.push(row);
      if (rows.length % 7 !== 0) continue;
      for (let i = rows.length % 5; i < width; i += 5)
        sample.push((values[row.from + i] ?? 0) * row.slope + row.intercept);
    }
  }
  const sorted = Float64Array.from(sample).sort();
  const low = sorted[Math.floor(sorted.length * 0.02)] ?? 0;
  const high = Math.max(low + 1e-6, sorted[Math.floor(sorted.length * 0.98)] ?? 1);
  const greys = new Uint8Array(voxelsOf(box));
  let to = 0;
  for (const { values, from, slope, intercept } of rows)
    for (let i = 0; i < width; i++) {
      const value = (values[from + i] ?? 0) * slope + intercept;
      greys[to++] = Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * 255);
    }
  return greys;
};

/** Every segment that is drawn and not locked grows over what has no label yet, to the edges between greys. */
export const growFromSeeds = async (editor: SegmentEditor): Promise<void> => {
  const { open, locked, viewer } = editor;
  if (open === null || editor.busy !== null) return;
  const seeds = editor.segments.filter(({ value }) => !locked.has(value) && editor.boundsOf(value) !== null);
  if (seeds.length < 2)
    return say(editor, 'Draw into at least two segments: what is wanted, and what is around it. Both then grow.');
  const spacing = spacingIn(viewer, 'growing from seeds');
  if (typeof spacing === 'string') return say(editor, spacing);
  const { dims } = open.labels;
  const box = seeds
    .map(({ value }) => editor.boundsOf(value))
    .reduce<Box | null>((all, one) => (all === null || one === null ? one : joined(all, one)), null);
  if (box === null) return;
  if (voxelsOf(box) > MOST_GROWN)
    return say(
      editor,
      `The seeds span ${Math.round(voxelsOf(box) / 1e6)} million voxels, and ${MOST_GROWN / 1e6} can be grown at once: draw the surroundings nearer.`,
    );
  const greys = greysOf(viewer, dims, box);
  if (greys === null) return say(editor, 'The images of this place have not come yet, or are in colour.');
  const values = new Set(seeds.map(({ value }) => value));
  const held = new Uint8Array(voxelsOf(box));
  let to = 0;
  for (let k = box[2]; k < box[5]; k++)
    for (let j = box[1]; j < box[4]; j++)
      for (let i = box[0]; i < box[3]; i++) {
        const label = open.labels.slices[k]?.[j * dims[0] + i] ?? 0;
        held[to++] = values.has(label) ? label : 0;
      }
  const work: Work = {
    kind: 'seeds',
    dims: sizeOf(box),
    greys,
    seeds: held,
    open: maskOf(open.labels, box, (label) => label === 0 || values.has(label)),
  };
  await editor.work('Grow from seeds', work, (grown) => {
    const stroke = new Stroke(open.labels, { value: 0, may: mayOver({ locked, only: [0] }), within: null });
    stroke.assign(box, grown);
    return stroke;
  });
};
const joined = (a: Box, b: Box): Box => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.min(a[2], b[2]),
  Math.max(a[3], b[3]),
  Math.max(a[4], b[4]),
  Math.max(a[5], b[5]),
];

/** A label of any marks of this series into the active segment. */
export const copyFrom = (
  editor: SegmentEditor,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  value: number,
): void => {
  const refusal = editor.refusal();
  const { open } = editor;
  if (refusal !== null || open === null) return say(editor, refusal ?? 'Nothing is being edited.');
  const labels = overlay.id === open.overlay.id ? open.labels : editor.store.labels(overlay);
  const label = overlay.labels.find((one) => one.value === value);
  if (labels === null || !label?.bounds) return say(editor, 'There is nothing to copy, or it has not come yet.');
  const box: Box = label.bounds;
  const source = { dims: open.labels.dims, slices: labels.slices };
  const mask = maskOf(source, box, (one) => one === value);
  const stroke = painting(editor, { labels: open.labels, value: editor.value, box });
  stroke.mask(box, mask);
  editor.keep(`Copy ${label.name}`.slice(0, 64), stroke);
};
