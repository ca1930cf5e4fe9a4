/** From a network's outputs to a grade and the lesions that speak for it. */
import { components } from '../../kit/components.ts';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import type { PreparedPhotograph, Quality } from '../../kit/steps/fundus.ts';
import { boxToImage } from '../../kit/steps/image.ts';
import { type Outputs, probabilityOf, roundTo } from '../answer.ts';

type Box = [number, number, number, number];

export interface Lesions {
  readonly key: string;
  /** Places in the photograph, the largest first; at most the pipeline's limit. */
  readonly boxes: readonly Box[];
  /** How many there are, shown or not. */
  readonly count: number;
  /** Share of the field that they cover. */
  readonly share: number;
  /** Highest probability. */
  readonly score: number;
}

export interface Graded {
  readonly grade: number;
  /** By grade; they sum to 1. */
  readonly probabilities: readonly number[];
  readonly referable: number;
  readonly lesions: readonly Lesions[];
  /** What spoke for a higher grade, 0..255 over the whole photograph. */
  readonly map: { readonly data: Uint8Array; readonly columns: number; readonly rows: number };
}

const outputOf = (outputs: Outputs, name: string, dims: readonly (number | null)[]) => {
  const output = outputs[name];
  if (!output) throw new RangeError(`the network answered no ${name}`);
  if (output.dims.length !== dims.length || dims.some((d, n) => d !== null && output.dims[n] !== d))
    throw new RangeError(`the output ${name} has the shape ${output.dims.join(' x ')}`);
  return output;
};

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/**
 * From logits of "grade k + 1 or more": these fall with k (a higher one never exceeds the one before), their steps are
 * the grades' probabilities, and told is the grade nearest to the expected one.
 */
export const gradeOf = (logits: ArrayLike<number>): { grade: number; probabilities: number[]; atLeast: number[] } => {
  const atLeast: number[] = [1];
  for (let k = 0; k < logits.length; k++) {
    const own = sigmoid(logits[k] ?? 0);
    if (!Number.isFinite(own)) throw new RangeError('the network answered a grade that is no number');
    atLeast.push(Math.min(atLeast[k] ?? 1, own));
  }
  const probabilities = atLeast.map((p, k) => p - (atLeast[k + 1] ?? 0));
  // of the logits as they are: what the figures were measured with
  let expected = 0;
  for (let k = 0; k < logits.length; k++) expected += sigmoid(logits[k] ?? 0);
  return { grade: Math.min(logits.length, Math.floor(expected + 0.5)), probabilities, atLeast };
};

/** Why a photograph is not graded, in words; null where it can be. */
export const refusal = (quality: Quality | null, gate: PipelineOf<'grading'>['gate']): string | null => {
  if (!quality) return 'no round field of view is seen: it may be no photograph of the retina, or be cut';
  if (quality.light < gate.light) return 'it is too dark';
  if (quality.framed < gate.framed) return 'less than half of the field of view lies in the picture';
  if (quality.lit < gate.lit) return 'much of the field of view is dark';
  if (quality.red < gate.red) return 'its colours are not those of a retina';
  if (quality.sharp < gate.sharp) return 'it is blurred';
  return null;
};

const lesionsOf = (
  outputs: Outputs,
  label: ManifestLabel,
  photo: PreparedPhotograph,
  frame: { columns: number; rows: number },
  boxes: PipelineOf<'grading'>['boxes'],
): Lesions | null => {
  const { data, dims } = outputOf(outputs, 'lesions', [1, null, null, null]);
  const [, , rows = 0, columns = 0] = dims;
  const [cellX, cellY] = [photo.columns / columns, photo.rows / rows];
  const from = label.channel * rows * columns;
  if (from + rows * columns > data.length) throw new RangeError(`the output lesions has no channel ${label.channel}`);
  // cells outside the field show nothing
  const shown = (n: number): boolean =>
    photo.mask[
      Math.floor((Math.floor(n / columns) + 0.5) * cellY) * photo.columns + Math.floor(((n % columns) + 0.5) * cellX)
    ] === 1;
  let seen = 0;
  let covered = 0;
  const is = new Uint8Array(rows * columns);
  for (let n = 0; n < is.length; n++) {
    if (!shown(n)) continue;
    seen++;
    if ((data[from + n] ?? 0) < 0) continue;
    is[n] = 1;
    covered++;
  }
  const found = components([columns, rows, 1], (n) => is[n] === 1);
  const own = found.sizes.map((cells) => ({ cells, x0: Infinity, y0: Infinity, x1: 0, y1: 0, peak: -Infinity }));
  for (const [n, id] of found.ids.entries()) {
    const one = own[id - 1];
    if (!one) continue;
    const [x, y] = [n % columns, Math.floor(n / columns)];
    one.x0 = Math.min(one.x0, x);
    one.y0 = Math.min(one.y0, y);
    one.x1 = Math.max(one.x1, x + 1);
    one.y1 = Math.max(one.y1, y + 1);
    one.peak = Math.max(one.peak, data[from + n] ?? 0);
  }
  const kept = own
    .filter(({ cells, peak }) => cells >= boxes.minimumCells && probabilityOf(label, peak) >= (label.threshold ?? 0.5))
    .toSorted((a, b) => b.cells - a.cells);
  if (kept.length === 0) return null;
  return {
    key: label.key,
    boxes: kept.slice(0, boxes.limit).flatMap(({ x0, y0, x1, y1 }) => {
      const box = boxToImage(photo, frame, [x0 * cellX, y0 * cellY, x1 * cellX, y1 * cellY]);
      return box ? [box] : [];
    }),
    count: kept.length,
    share: covered / Math.max(1, seen),
    score: probabilityOf(label, Math.max(...kept.map(({ peak }) => peak))),
  };
};

/** Longest side of the map that is drawn over the photograph. */
const MAP_SIDE = 160;

/** The map over the whole photograph: it was made over the square about the field. */
const mapOver = (
  outputs: Outputs,
  photo: PreparedPhotograph,
  frame: { columns: number; rows: number },
): Graded['map'] => {
  const { data, dims } = outputOf(outputs, 'map', [1, 1, null, null]);
  const [, , h = 0, w = 0] = dims;
  const most = Math.max(frame.columns, frame.rows);
  const columns = Math.max(1, Math.round((MAP_SIDE * frame.columns) / most));
  const rows = Math.max(1, Math.round((MAP_SIDE * frame.rows) / most));
  const out = new Uint8Array(columns * rows);
  const at = (x: number, y: number): number =>
    data[Math.min(h - 1, Math.max(0, y)) * w + Math.min(w - 1, Math.max(0, x))] ?? 0;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const px = ((c + 0.5) / columns) * frame.columns * photo.scale[0] + photo.shift[0];
      const py = ((r + 0.5) / rows) * frame.rows * photo.scale[1] + photo.shift[1];
      if (photo.mask[Math.floor(py) * photo.columns + Math.floor(px)] !== 1 || px >= photo.columns || px < 0) continue;
      const [x, y] = [(px * w) / photo.columns - 0.5, (py * h) / photo.rows - 0.5];
      const [i, j] = [Math.floor(x), Math.floor(y)];
      const [a, b] = [x - i, y - j];
      const v = (at(i, j) * (1 - a) + at(i + 1, j) * a) * (1 - b) + (at(i, j + 1) * (1 - a) + at(i + 1, j + 1) * a) * b;
      out[r * columns + c] = Math.round(255 * Math.min(1, Math.max(0, v)));
    }
  return { data: out, columns, rows };
};

/** Throws RangeError where the outputs are not those that the manifest promises. */
export const gradePhotograph = (
  outputs: Outputs,
  photo: PreparedPhotograph,
  frame: { columns: number; rows: number },
  pipeline: PipelineOf<'grading'>,
  labels: readonly ManifestLabel[],
): Graded => {
  const { names, referableFrom, label: graded } = pipeline.grades;
  const { data } = outputOf(outputs, 'grades', [1, names.length - 1]);
  const { grade, probabilities, atLeast } = gradeOf(data);
  return {
    grade,
    probabilities: probabilities.map((p) => roundTo(p, 4)),
    referable: atLeast[referableFrom] ?? 0,
    lesions: labels.flatMap((label) =>
      label.key === graded ? [] : (lesionsOf(outputs, label, photo, frame, pipeline.boxes) ?? []),
    ),
    map: mapOver(outputs, photo, frame),
  };
};
