/** A volume on the network's grid through its patches: labels, and how likely each was. */
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import { type NetworkGrid, resampleToNetwork, volumeSteps } from '../../kit/steps/volume.ts';
import { createBlender, cutPatch, planWindows } from '../../kit/window.ts';

/** Modality values of slice k, [rows, columns]; may be reused. */
export type SliceOf = (k: number) => Float32Array;

/** Runs one patch, [1, 1, z, y, x] float32 -> logits [1, C, z, y, x]. */
export type RunPatch = (patch: Float32Array) => Promise<Float32Array>;

/** By network voxel, [z, y, x]. */
export interface Told {
  /** Label values, findings by their thresholds. */
  readonly values: Uint8Array;
  /** The likeliest label that is no finding: what a voxel is where its finding is not kept. */
  readonly organs: Uint8Array;
  /** Probability of the label in `values`, 0 to 255. */
  readonly probabilities: Uint8Array;
  /** Probability by label value, 0 to 255; value 0 is all that has no label. Null where it would take too much memory. */
  readonly shares: ReadonlyMap<number, Uint8Array> | null;
}

/** Above this the probabilities of all labels are not kept (16 labels: 256 MB). */
const SHARES_LIMIT = 16_000_000;

interface Decision {
  value: number;
  organ: number;
  probability: number;
}

const bySigmoid = (
  logits: Float32Array,
  at: number,
  area: number,
  byChannel: readonly (ManifestLabel | undefined)[],
): Decision => {
  const out: Decision = { value: 0, organ: 0, probability: 0 };
  for (const [c, label] of byChannel.entries()) {
    if (!label) continue;
    const p = 1 / (1 + Math.exp(-(logits[c * area + at] ?? 0)));
    if (p < (label.threshold ?? 0.5)) continue;
    out.value = label.value;
    out.probability = p;
    if (label.kind === 'organ') out.organ = label.value;
  }
  return out;
};

/** `shares` gets the probability of each channel. */
const bySoftmax = (
  logits: Float32Array,
  at: number,
  area: number,
  byChannel: readonly (ManifestLabel | undefined)[],
  shares: Float64Array,
): Decision => {
  const channels = shares.length;
  let top = -Infinity;
  for (let c = 0; c < channels; c++) top = Math.max(top, logits[c * area + at] ?? 0);
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const e = Math.exp((logits[c * area + at] ?? 0) - top);
    shares[c] = e;
    sum += e;
  }
  const out: Decision = { value: 0, organ: 0, probability: 0 };
  let best = -1;
  let forced = -1;
  let bestOrgan = -1;
  for (let c = 0; c < channels; c++) {
    const p = (shares[c] ?? 0) / sum;
    shares[c] = p;
    const label = byChannel[c];
    const threshold = label?.threshold ?? null;
    if (label?.kind !== 'finding' && p > bestOrgan) {
      bestOrgan = p;
      out.organ = label?.value ?? 0;
    }
    if (threshold !== null) {
      // a label with a threshold of its own is taken from there on, and not below, whatever else is likelier
      if (p >= threshold && p > forced) {
        forced = p;
        out.value = label?.value ?? 0;
        out.probability = p;
      }
    } else if (forced < 0 && p > best) {
      best = p;
      out.value = label?.value ?? 0;
      out.probability = p;
    }
  }
  return out;
};

export const infer = async (
  slice: SliceOf,
  grid: NetworkGrid,
  pipeline: PipelineOf<'segmentation'>,
  labels: readonly ManifestLabel[],
  run: RunPatch,
  progress: (done: number, of: number) => void,
): Promise<Told> => {
  const volume = resampleToNetwork(grid, slice); // [z, y, x] modality values
  const air = volumeSteps(volume, grid.dims, pipeline.pre);
  if (!volume.every(Number.isFinite)) throw new RangeError('the volume has values that are not finite');
  const { patch, overlap, blend } = pipeline.window;
  const plan = planWindows(grid.dims, patch, overlap);
  const [X, Y, Z] = grid.dims;
  const size = X * Y * Z;
  const told = { values: new Uint8Array(size), organs: new Uint8Array(size), probabilities: new Uint8Array(size) };
  const byChannel: (ManifestLabel | undefined)[] = [];
  for (const label of labels) byChannel[label.channel] = label;
  const softmax = pipeline.activation === 'softmax';
  const shares =
    softmax && size <= SHARES_LIMIT
      ? new Map([0, ...labels.map((l) => l.value)].map((v) => [v, new Uint8Array(size)]))
      : null;
  const patchVoxels = patch[0] * patch[1] * patch[2];
  let blender: ReturnType<typeof createBlender> | null = null;
  for (const [n, corner] of plan.corners.entries()) {
    progress(n, plan.corners.length);
    const logits = await run(cutPatch(plan, volume, corner, air));
    const channels = logits.length / patchVoxels;
    if (!Number.isInteger(channels) || channels < 1) throw new RangeError('the network answered another size');
    const own = new Float64Array(channels);
    const kept = Array.from({ length: channels }, (_, c) => shares?.get(byChannel[c]?.value ?? 0));
    blender ??= createBlender(plan, channels, blend, (paddedZ, mean) => {
      const z = paddedZ - plan.before[2];
      if (z < 0 || z >= Z) return;
      const area = plan.padded[0] * plan.padded[1];
      for (let y = 0; y < Y; y++)
        for (let x = 0; x < X; x++) {
          const from = (y + plan.before[1]) * plan.padded[0] + x + plan.before[0];
          const to = (z * Y + y) * X + x;
          const one = softmax ? bySoftmax(mean, from, area, byChannel, own) : bySigmoid(mean, from, area, byChannel);
          told.values[to] = one.value;
          told.organs[to] = one.organ;
          told.probabilities[to] = Math.round(one.probability * 255);
          if (shares)
            for (let c = 0; c < channels; c++) {
              const map = kept[c];
              if (map) map[to] = Math.min(255, (map[to] ?? 0) + Math.round((own[c] ?? 0) * 255));
            }
        }
    });
    blender.add(corner, logits);
  }
  blender?.finish();
  progress(plan.corners.length, plan.corners.length);
  return { ...told, shares };
};
