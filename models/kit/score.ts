/** What was found of what was planted: pieces of every figure about lesions. Truth comes from the phantom generator. */
import type { Finding } from '../../preload/contract/terms/index.ts';
import type { Phantom } from './phantom/index.ts';

type Box = readonly [number, number, number, number];
type Bounds = readonly [number, number, number, number, number, number];

export interface Planted {
  readonly id: number;
  readonly key: string;
  readonly side: 'left' | 'right' | null;
  readonly sizeMm: number;
  /** X-ray: pixels, half-open. */
  readonly box: Box | null;
  /** CT: voxels, half-open. */
  readonly bounds: Bounds | null;
  /** CT: the slice that shows most of it. */
  readonly sliceIndex: number | null;
  /** Not to be seen in the image: it counts neither as missed nor, where something is said of it, as false. */
  readonly visible: boolean;
}

/** Planted lesions of a phantom as written to DICOM with slices in the phantom's own order. */
export const plantedIn = (phantom: Phantom): Planted[] =>
  phantom.lesions.map((lesion) => {
    const { pixelBox: p, voxelBox: v } = lesion;
    return {
      id: lesion.id,
      key: lesion.kind,
      side: lesion.side,
      sizeMm: lesion.sizeMm,
      // the generator's boxes name the last pixel, ours the edge after it
      box: p ? [p[0], p[1], p[2] + 1, p[3] + 1] : null,
      bounds: v ? [v[0], v[1], v[2], v[3] + 1, v[4] + 1, v[5] + 1] : null,
      sliceIndex: lesion.sliceIndex,
      visible: lesion.visible,
    };
  });

const overlapOf = (
  a: readonly number[],
  b: readonly number[],
  axes: number,
): { inner: number; a: number; b: number } => {
  let [inner, ofA, ofB] = [1, 1, 1];
  for (let n = 0; n < axes; n++) {
    const [a0 = 0, a1 = 0, b0 = 0, b1 = 0] = [a[n], a[n + axes], b[n], b[n + axes]];
    inner *= Math.max(0, Math.min(a1, b1) - Math.max(a0, b0));
    ofA *= a1 - a0;
    ofB *= b1 - b0;
  }
  return { inner, a: ofA, b: ofB };
};

/** Intersection over union of two boxes (2 or 3 axes), 0 to 1. */
const unionShare = (a: readonly number[], b: readonly number[]): number => {
  const { inner, a: ofA, b: ofB } = overlapOf(a, b, a.length / 2);
  return inner === 0 ? 0 : inner / (ofA + ofB - inner);
};

/** The same place: three tenths in common, or half of the smaller box inside the other. */
export const samePlace = (a: readonly number[], b: readonly number[]): boolean => {
  const { inner, a: ofA, b: ofB } = overlapOf(a, b, a.length / 2);
  return inner > 0 && (inner / (ofA + ofB - inner) >= 0.3 || inner / Math.min(ofA, ofB) >= 0.5);
};

export interface Match {
  readonly planted: Planted;
  /** Null where it was missed. */
  readonly found: Finding | null;
  /** Null where the lesion has no side, or none was told. */
  readonly sideRight: boolean | null;
  /** CT: slices between the region's and the one that shows most; 0 where the region's slice shows as much. */
  readonly slicesOff: number | null;
}

export interface Scored {
  readonly matches: readonly Match[];
  /** Findings that nothing was planted for, and second findings of one lesion. */
  readonly falseFindings: readonly Finding[];
}

const placesOf = (finding: Finding): (readonly number[])[] => {
  const out: (readonly number[])[] = [];
  for (const region of finding.regions) {
    if (region.kind === 'box') out.push(region.box);
    else if (region.bounds) out.push(region.bounds);
  }
  return out;
};

/** Findings against the truth, the best overlap first; each finding stands for one lesion. */
export const scored = (findings: readonly Finding[], planted: readonly Planted[]): Scored => {
  const pairs = findings.flatMap((finding) =>
    planted.flatMap((lesion) => {
      const truth = lesion.box ?? lesion.bounds;
      if (finding.key !== lesion.key || !truth) return [];
      const places = placesOf(finding).filter((place) => place.length === truth.length && samePlace(place, truth));
      return places.map((place) => ({ finding, lesion, share: unionShare(place, truth) }));
    }),
  );
  pairs.sort((a, b) => b.share - a.share);
  const byLesion = new Map<Planted, Finding>();
  const used = new Set<Finding>();
  for (const { finding, lesion } of pairs) {
    if (byLesion.has(lesion) || used.has(finding)) continue;
    byLesion.set(lesion, finding);
    used.add(finding);
  }
  // one finding for the fluid of one side may stand for two pockets that were planted there
  for (const { finding, lesion } of pairs)
    if (!byLesion.has(lesion) && finding.regions.length > 1) byLesion.set(lesion, finding);
  return {
    matches: planted
      .filter((lesion) => lesion.visible)
      .map((lesion) => {
        const found = byLesion.get(lesion) ?? null;
        const slices = found?.regions.flatMap((region) => (region.kind === 'label' ? [region.frameIndex] : [])) ?? [];
        const { sliceIndex } = lesion;
        return {
          planted: lesion,
          found,
          sideRight: found?.side && lesion.side ? found.side === lesion.side : null,
          slicesOff:
            sliceIndex === null || slices.length === 0
              ? null
              : Math.min(...slices.map((k) => Math.abs(k - sliceIndex))),
        };
      }),
    falseFindings: findings.filter((finding) => !used.has(finding)),
  };
};

/** F1 of lesions over several studies; one with a side counts as found only with the side told right. */
export const lesionF1 = (studies: readonly Scored[]): number => {
  let [found, missed, wrong] = [0, 0, 0];
  for (const { matches, falseFindings } of studies) {
    wrong += falseFindings.length;
    for (const match of matches) {
      const right = match.found !== null && (match.planted.side === null || match.sideRight === true);
      if (right) found++;
      else missed++;
      if (match.found && !right) wrong++;
    }
  }
  return found + missed + wrong === 0 ? 1 : (2 * found) / (2 * found + missed + wrong);
};

/** Share of visible lesions found minus false findings a study. */
export const sensitivityMinusFalseRate = (studies: readonly Scored[]): number => {
  const matches = studies.flatMap((own) => own.matches);
  const found = matches.filter((match) => match.found).length;
  const wrong = studies.reduce((sum, own) => sum + own.falseFindings.length, 0);
  return (matches.length === 0 ? 0 : found / matches.length) - wrong / Math.max(1, studies.length);
};
