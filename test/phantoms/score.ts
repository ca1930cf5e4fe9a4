/** A draft against what was planted: pure, so that the score itself is tested. */

import { invert, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import type { Lesion, Phantom } from '../../models/kit/phantom/index.ts';
import type { Draft, DraftSentence, Region, SeriesImages } from '../../preload/contract/index.ts';

export interface Tally {
  studies: number;
  planted: number;
  /** Planted lesions of 15 mm or more (by kind's own size), or without a size of their own. */
  large: number;
  found: number;
  largeFound: number;
  withSentence: number;
  largeWithSentence: number;
  /** A sentence with region, and with side where the lesion has one. */
  largeWithSideAndRegion: number;
  withSide: number;
  sideRight: number;
  /** Sentences whose side is not that of the region under them. */
  sideContradictsRegion: number;
  clicks: number;
  /** Clicks that land within one slice of the lesion (X-rays have one image: on the right image). */
  sliceRight: number;
  falseSentences: number;
}

export const emptyTally = (): Tally => ({
  studies: 0,
  planted: 0,
  large: 0,
  found: 0,
  largeFound: 0,
  withSentence: 0,
  largeWithSentence: 0,
  largeWithSideAndRegion: 0,
  withSide: 0,
  sideRight: 0,
  sideContradictsRegion: 0,
  clicks: 0,
  sliceRight: 0,
  falseSentences: 0,
});

const LARGE_MM = 15;

type Box3 = readonly [number, number, number, number, number, number];

/** Share of the smaller box that the two have in common, 0 to 1. */
const overlap = (a: readonly number[], b: readonly number[]): number => {
  const n = a.length / 2;
  let common = 1,
    first = 1,
    second = 1;
  for (let axis = 0; axis < n; axis++) {
    const a0 = a[axis] ?? 0,
      a1 = a[axis + n] ?? 0,
      b0 = b[axis] ?? 0,
      b1 = b[axis + n] ?? 0;
    common *= Math.max(0, Math.min(a1, b1) - Math.max(a0, b0));
    first *= a1 - a0;
    second *= b1 - b0;
  }
  const least = Math.min(first, second);
  return least > 0 ? common / least : 0;
};

/** The lesion's voxel box, half-open, in the grid of the images as they were read back. */
const boxInImages = (lesion: Lesion, phantom: Phantom, images: SeriesImages): Box3 | null => {
  if (phantom.kind !== 'ct' || !lesion.voxelBox || images.volume.kind !== 'volume') return null;
  const [i0, j0, k0, i1, j1, k1] = lesion.voxelBox;
  const toImages = invert(images.volume.affineVoxelToPatient);
  const there = (v: Vec3): Vec3 => voxelToPatient(toImages, voxelToPatient(phantom.image.affineVoxelToPatient, v));
  const [p, q] = [there([i0, j0, k0]), there([i1, j1, k1])];
  const low = (n: 0 | 1 | 2): number => Math.round(Math.min(p[n], q[n]));
  const high = (n: 0 | 1 | 2): number => Math.round(Math.max(p[n], q[n])) + 1;
  return [low(0), low(1), low(2), high(0), high(1), high(2)];
};

const pointsAt = (region: Region, lesion: Lesion, phantom: Phantom, images: SeriesImages): boolean => {
  if (region.seriesId !== images.seriesId) return false;
  if (phantom.kind === 'xray') {
    if (region.kind !== 'box' || !lesion.pixelBox) return false;
    const [x0, y0, x1, y1] = lesion.pixelBox;
    return overlap(region.box, [x0, y0, x1 + 1, y1 + 1]) >= 0.5;
  }
  const truth = boxInImages(lesion, phantom, images);
  return truth !== null && region.kind === 'label' && region.bounds !== null && overlap(region.bounds, truth) >= 0.5;
};

const isLarge = (lesion: Lesion): boolean => lesion.sizeMm >= LARGE_MM;

/** found: the findings' regions, before a sentence was written of them. */
export const score = (
  phantom: Phantom,
  images: SeriesImages,
  draft: Draft,
  found: readonly { key: string; regions: readonly Region[] }[],
): Tally => {
  const tally = { ...emptyTally(), studies: 1 };
  const sentences = draft.sentences.filter((s) => s.kind === 'finding' && s.section === 'findings');
  const spoken = new Set<DraftSentence>();
  const hits = (key: string, regions: readonly Region[], lesion: Lesion): boolean =>
    key === lesion.kind && regions.some((region) => pointsAt(region, lesion, phantom, images));

  // A true sentence about a lesion that the image barely shows is no false one, though it earns nothing.
  for (const lesion of phantom.lesions) {
    for (const s of sentences) if (hits(s.findingKey, s.regions, lesion)) spoken.add(s);
  }
  for (const lesion of phantom.lesions.filter((one) => one.visible)) {
    const large = isLarge(lesion);
    tally.planted++;
    if (large) tally.large++;
    if (found.some((f) => hits(f.key, f.regions, lesion))) {
      tally.found++;
      if (large) tally.largeFound++;
    }
    const sentence = sentences.find((s) => hits(s.findingKey, s.regions, lesion));
    if (!sentence) continue;
    tally.withSentence++;
    if (large) tally.largeWithSentence++;
    const said = /\bleft\b/i.test(sentence.text) ? 'left' : /\bright\b/i.test(sentence.text) ? 'right' : null;
    if (large && (lesion.side === null || lesion.kind === 'liver-lesion' || said !== null))
      tally.largeWithSideAndRegion++;
    if (said !== null && lesion.side !== null) {
      tally.withSide++;
      if (said === lesion.side) tally.sideRight++;
    }
    const region = sentence.regions.find((one) => pointsAt(one, lesion, phantom, images));
    if (region) {
      tally.clicks++;
      const truth = boxInImages(lesion, phantom, images);
      if (phantom.kind === 'xray' || (truth && region.frameIndex >= truth[2] - 1 && region.frameIndex <= truth[5]))
        tally.sliceRight++;
    }
  }
  for (const s of sentences) {
    if (!spoken.has(s)) tally.falseSentences++;
    const said = /\bleft\b/i.test(s.text) ? 'left' : /\bright\b/i.test(s.text) ? 'right' : null;
    if (said !== null && s.regions.some((region) => contradicts(said, region, images))) tally.sideContradictsRegion++;
  }
  return tally;
};

/** The middle of the region lies clearly on the other side of the patient: 10 mm, or a tenth of the image's width. */
const contradicts = (said: 'left' | 'right', region: Region, images: SeriesImages): boolean => {
  if (region.kind === 'label') {
    if (!region.bounds || images.volume.kind !== 'volume') return false;
    const [i0, j0, k0, i1, j1, k1] = region.bounds;
    // Phantoms stand around x = 0.
    const x = voxelToPatient(images.volume.affineVoxelToPatient, [
      (i0 + i1 - 1) / 2,
      (j0 + j1 - 1) / 2,
      (k0 + k1 - 1) / 2,
    ])[0];
    return said === 'left' ? x < -10 : x > 10;
  }
  const frame = images.frames[region.frameIndex];
  const leftward = Math.sign(frame?.rowDirection?.[0] ?? 0);
  if (!frame || leftward === 0) return false;
  const offset = ((region.box[0] + region.box[2]) / 2 / frame.columns - 0.5) * leftward;
  return said === 'left' ? offset < -0.1 : offset > 0.1;
};

export const addTally = (into: Tally, one: Tally): void => {
  for (const key of Object.keys(into) as (keyof Tally)[]) into[key] += one[key];
};

const percent = (part: number, whole: number): string =>
  `${part} of ${whole}${whole > 0 ? ` (${((100 * part) / whole).toFixed(1)} %)` : ''}`;

export const report = (tally: Tally): string =>
  [
    `studies                                ${tally.studies}`,
    `lesions planted and visible            ${tally.planted}, ${tally.large} of 15 mm or more`,
    `found by the models                    ${percent(tally.found, tally.planted)}; 15 mm or more ${percent(tally.largeFound, tally.large)}`,
    `with a sentence                        ${percent(tally.withSentence, tally.planted)}; 15 mm or more ${percent(tally.largeWithSentence, tally.large)}`,
    `15 mm or more, with side and region    ${percent(tally.largeWithSideAndRegion, tally.large)}`,
    `sentences with a side, side right      ${percent(tally.sideRight, tally.withSide)}`,
    `sides that contradict their region     ${tally.sideContradictsRegion}`,
    `clicks within one slice                ${percent(tally.sliceRight, tally.clicks)}`,
    `false sentences                        ${tally.falseSentences} (${(tally.falseSentences / Math.max(1, tally.studies)).toFixed(2)} a study)`,
  ].join('\n');
