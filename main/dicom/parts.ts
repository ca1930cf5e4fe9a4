/**
 * Series that hold more than one volume: echoes, times, b-values, orientations, a scout among the slices. They are taken
 * apart by what their images say of themselves, and only where volumes come of it.
 */
import type { Vec3 } from '../../models/kit/geometry.ts';
import type { DataSet } from './data-set.ts';
import { TAG } from './tags.ts';
import { DIFFERENT_RESCALE, distancesAlongNormal, normalOf, type PlacedFrame, volumeShape } from './volume-shape.ts';

/** What an image says that may tell it from others of its series: values as they are written. */
export type SortWords = Readonly<Partial<Record<SortKey, string>>>;

/** In the order in which they are tried; each with the words that stand before its value. */
const SORTS = {
  type: '',
  component: '',
  echoTime: 'TE ',
  echo: 'echo ',
  bValue: 'b ',
  direction: 'direction ',
  temporal: 'time ',
  trigger: 'trigger ',
  inversion: 'TI ',
  flip: 'flip angle ',
  kernel: 'kernel ',
  kvp: 'kV ',
  acquisition: 'acquisition ',
  stack: 'stack ',
  referenceTime: 'at ',
  time: 'at ',
} as const;
export type SortKey = keyof typeof SORTS;
const UNITS: Partial<Record<SortKey, string>> = {
  echoTime: ' ms',
  trigger: ' ms',
  inversion: ' ms',
  flip: '°',
  referenceTime: ' ms',
};

/** `group`: a functional group of the frame, where it has some. */
export const sortWords = (dataSet: DataSet, group: (tag: number) => DataSet | undefined): SortWords | undefined => {
  const number = (value: number | undefined): string =>
    value === undefined || !Number.isFinite(value) ? '' : String(Number(value.toPrecision(6)));
  const content = group(TAG.FrameContentSequence);
  const diffusion = group(TAG.MRDiffusionSequence);
  const frameType = group(TAG.MRImageFrameTypeSequence) ?? group(TAG.CTImageFrameTypeSequence);
  const direction = diffusion?.item(TAG.DiffusionGradientDirectionSequence) ?? dataSet;
  const words: Record<SortKey, string> = {
    // The first two values say where the pixels come from, not what they show. PS3.3 C.7.6.1.1.2
    type: (frameType?.codes(TAG.FrameType) ?? dataSet.codes(TAG.ImageType)).slice(2).filter(Boolean).join(' '),
    component: (frameType ?? dataSet).code(TAG.ComplexImageComponent),
    echoTime: number(group(TAG.MREchoSequence)?.number(TAG.EffectiveEchoTime, 'FD') ?? dataSet.decimal(TAG.EchoTime)),
    echo: number(dataSet.decimal(TAG.EchoNumbers)),
    bValue: number((diffusion ?? dataSet).number(TAG.DiffusionBValue, 'FD')),
    direction: direction
      .numbers(TAG.DiffusionGradientOrientation, 'FD')
      .map((part) => part.toFixed(3))
      .join(' '),
    temporal: number(
      content?.number(TAG.TemporalPositionIndex, 'UL') ?? dataSet.decimal(TAG.TemporalPositionIdentifier),
    ),
    trigger: number(
      group(TAG.CardiacSynchronizationSequence)?.number(TAG.NominalCardiacTriggerDelayTime, 'FD') ??
        dataSet.decimal(TAG.TriggerTime),
    ),
    inversion: number(dataSet.decimal(TAG.InversionTime)),
    flip: number(dataSet.decimal(TAG.FlipAngle)),
    kernel: dataSet.text(TAG.ConvolutionKernel),
    kvp: number(dataSet.decimal(TAG.KVP)),
    acquisition: number(dataSet.decimal(TAG.AcquisitionNumber)),
    stack: content?.text(TAG.StackID) ?? '',
    referenceTime: number(dataSet.decimal(TAG.FrameReferenceTime)),
    time: dataSet.code(TAG.AcquisitionTime).slice(0, 13),
  };
  const said = Object.entries(words).filter(([, value]) => value !== '' && value.length <= 64);
  return said.length === 0 ? undefined : (Object.fromEntries(said) as SortWords);
};

export interface SortedFrame extends PlacedFrame {
  readonly sort: SortWords;
  /** Order in which the series counts its images. */
  readonly order: number;
}

export interface Part<F> {
  /** The same for the same images whatever else comes to the series; '' where the series is whole. */
  readonly key: string;
  /** For the reader; '' where the series is whole. */
  readonly label: string;
  readonly frames: readonly F[];
}

/** Ways to tell frames apart: by what makes a common grid impossible, then by what they show. */
interface Way {
  readonly name: string;
  groups<F extends SortedFrame>(frames: readonly F[]): Part<F>[];
}

const MOST_GROUPS = 128;
/** Volumes that are looked for before the series is left as it is. */
const MOST_TRIES = 600;
const FEWEST = 3;

const grouped = <F>(frames: readonly F[], keyOf: (frame: F) => string, labelOf: (key: string) => string): Part<F>[] => {
  const groups = new Map<string, F[]>();
  for (const frame of frames) {
    const key = keyOf(frame);
    const known = groups.get(key);
    if (known) known.push(frame);
    else groups.set(key, [frame]);
  }
  return [...groups].map(([key, members]) => ({ key, label: labelOf(key), frames: members }));
};

const bySize: Way = {
  name: 'size',
  groups: (frames) =>
    grouped(
      frames,
      ({ layout }) => `${layout.columns} × ${layout.rows}${layout.format === 'rgb8' ? ' colour' : ''}`,
      (key) => key,
    ),
};

const bySpacing: Way = {
  name: 'spacing',
  groups: (frames) =>
    grouped(
      frames,
      ({ words: { calibration } }) =>
        calibration.kind === 'known' ? calibration.spacingMm.map((mm) => mm.toPrecision(5)).join(' × ') : 'unknown',
      (key) => (key === 'unknown' ? 'no pixel size' : `pixels of ${key.split(' × ').map(Number).join(' × ')} mm`),
    ),
};

const planeName = (normal: Vec3): string => {
  const [x, y, z] = normal.map(Math.abs) as [number, number, number];
  return z >= x && z >= y ? 'axial' : y >= x ? 'coronal' : 'sagittal';
};
/** Of the sum of squares of two directions' differences: less is the same orientation. */
const SAME_DIRECTION = 4e-6;

const byOrientation: Way = {
  name: 'orientation',
  groups: (frames) => {
    const known: { row: Vec3; column: Vec3; key: string }[] = [];
    const near = (a: Vec3, b: Vec3): boolean =>
      (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2 <= SAME_DIRECTION;
    const keyOf = ({ words: { rowDirection: row, columnDirection: column } }: SortedFrame): string => {
      if (!row || !column) return 'no orientation';
      const found = known.find((one) => near(one.row, row) && near(one.column, column));
      if (found) return found.key;
      const key = [...row, ...column].map((part) => (Math.round(part * 100) / 100 + 0).toString()).join(' ');
      known.push({ row, column, key });
      return key;
    };
    const groups = grouped(frames, keyOf, (key) => key);
    const names = new Map<string, number>();
    return groups.map((group) => {
      const normal = group.frames[0] ? normalOf(group.frames[0].words) : null;
      const name = normal ? planeName(normal) : group.label;
      const count = (names.get(name) ?? 0) + 1;
      names.set(name, count);
      return { ...group, label: count === 1 ? name : `${name} ${count}` };
    });
  },
};

const byFrameOfReference: Way = {
  name: 'reference',
  groups: (frames) => {
    const uids = [...new Set(frames.map((frame) => frame.frameOfReferenceUid ?? ''))];
    return grouped(
      frames,
      (frame) => frame.frameOfReferenceUid ?? '',
      (key) => `frame of reference ${uids.indexOf(key) + 1}`,
    );
  },
};

const byWord = (sort: SortKey): Way => ({
  name: sort,
  groups: (frames) => {
    const values = [...new Set(frames.map((frame) => frame.sort[sort] ?? ''))];
    return grouped(
      frames,
      (frame) => frame.sort[sort] ?? '',
      // Directions are three numbers: counted, they can be read.
      (key) =>
        sort === 'direction'
          ? key === ''
            ? 'no direction'
            : `direction ${values.filter((value) => value !== '').indexOf(key) + 1}`
          : key === ''
            ? `no ${SORTS[sort].trim() || sort}`
            : `${SORTS[sort]}${key}${UNITS[sort] ?? ''}`,
    );
  },
});

const sortedAlong = <F extends SortedFrame>(frames: readonly F[]): { frames: F[]; distances: number[] } | null => {
  const byOrder = frames.toSorted((a, b) => a.order - b.order);
  const distances = distancesAlongNormal(byOrder);
  if (!distances) return null;
  const along = byOrder.map((frame, n) => ({ frame, at: distances[n] ?? 0 }));
  along.sort((a, b) => (Math.abs(a.at - b.at) > 1e-4 ? a.at - b.at : a.frame.order - b.frame.order));
  return { frames: along.map(({ frame }) => frame), distances: along.map(({ at }) => at) };
};

/** Closer than this, two images are at the same place. */
const SAME_PLACE_MM = 0.01;

/**
 * Where each place has as many images and nothing else tells them apart: the first of each place, the second, and so on;
 * only where the series counts each of these in order.
 */
const byTurn: Way = {
  name: 'turn',
  groups: (frames) => {
    const sorted = sortedAlong(frames);
    if (!sorted) return [];
    const places: (typeof sorted.frames)[] = [];
    sorted.frames.forEach((frame, n) => {
      const before = sorted.distances[n - 1];
      if (before !== undefined && (sorted.distances[n] ?? 0) - before < SAME_PLACE_MM) places.at(-1)?.push(frame);
      else places.push([frame]);
    });
    const count = places[0]?.length ?? 0;
    if (count < 2 || places.some((place) => place.length !== count)) return [];
    const turns = Array.from({ length: count }, (_, turn) =>
      places.flatMap((place) => place.toSorted((a, b) => a.order - b.order)[turn] ?? []),
    );
    const inOrder = (turn: readonly SortedFrame[], sign: 1 | -1): boolean =>
      turn.every((frame, n) => n === 0 || (frame.order - (turn[n - 1]?.order ?? 0)) * sign > 0);
    if (!turns.every((turn) => inOrder(turn, 1) || inOrder(turn, -1))) return [];
    return turns.map((turn, n) => ({
      key: `${n + 1} of ${count}`,
      label: `${n + 1} of ${count} at each place`,
      frames: turn,
    }));
  },
};

const GRIDS: readonly Way[] = [bySize, byOrientation, bySpacing, byFrameOfReference];
const SHOWN: readonly Way[] = [...(Object.keys(SORTS) as SortKey[]).map(byWord), byTurn];
/** What tells the phases of a beating heart apart. Its images are read as a film of each place and stay together. */
const PHASES: readonly string[] = ['trigger', 'temporal', 'referenceTime', 'time', 'turn'];
const isFilm = (frames: readonly SortedFrame[]): boolean => new Set(frames.map(({ sort }) => sort.trigger)).size > 1;

interface Found<F> {
  readonly parts: readonly Part<F>[];
  /** Frames that lie in volumes. */
  readonly inVolumes: number;
}

/** The volumes that a series holds, each with the rest of its images beside it; one part with key '' where it is whole. */
export const partsOf = <F extends SortedFrame>(frames: readonly F[]): Part<F>[] => {
  let tries = MOST_TRIES;
  const isVolume = (members: readonly F[]): boolean => {
    if (members.length < FEWEST || tries <= 0) return false;
    tries -= 1;
    const shape = volumeShape(sortedAlong(members)?.frames ?? members);
    return shape.kind === 'volume' || shape.reason === DIFFERENT_RESCALE;
  };
  /** Images of one grid that lie at the same places show different things. */
  const isStacked = (members: readonly F[]): boolean => {
    const sorted = sortedAlong(members);
    return sorted?.distances.some((at, n) => n > 0 && at - (sorted.distances[n - 1] ?? 0) < SAME_PLACE_MM) ?? false;
  };

  const split = (group: Part<F>, ways: readonly Way[]): Found<F> => {
    if (isVolume(group.frames)) return { parts: [group], inVolumes: group.frames.length };
    const whole: Found<F> = { parts: [group], inVolumes: 0 };
    if (group.frames.length <= FEWEST) return whole;
    const stacked = isStacked(group.frames);
    let best = whole;
    for (const way of ways) {
      if (best.inVolumes === group.frames.length || tries <= 0) break;
      if (!stacked && SHOWN.includes(way)) continue;
      const groups = way.groups(group.frames);
      if (groups.length < 2 || groups.length > MOST_GROUPS) continue;
      const rest = ways.filter((other) => other !== way);
      const found = groups.map((one) =>
        split(
          {
            key: [group.key, `${way.name}=${one.key}`].filter(Boolean).join('|'),
            label: [group.label, one.label].filter(Boolean).join(', '),
            frames: one.frames,
          },
          rest,
        ),
      );
      const inVolumes = found.reduce((sum, one) => sum + one.inVolumes, 0);
      if (inVolumes > best.inVolumes) best = { parts: found.flatMap((one) => one.parts), inVolumes };
    }
    return best;
  };

  const whole: Part<F> = { key: '', label: '', frames };
  const film = isFilm(frames);
  const ways = [...GRIDS, ...SHOWN].filter((way) => !film || !PHASES.includes(way.name));
  const { parts, inVolumes } = split(whole, ways);
  if (inVolumes === 0 || parts.length === 1) return [whole];
  return together(parts).toSorted((a, b) => firstOrder(a) - firstOrder(b));
};

const firstOrder = (part: Part<SortedFrame>): number => Math.min(...part.frames.map((frame) => frame.order));

/** Single images that fit nowhere are one part, not one each. */
const together = <F extends SortedFrame>(parts: readonly Part<F>[]): Part<F>[] => {
  const few = parts.filter((part) => part.frames.length < FEWEST);
  if (few.length < 2) return [...parts];
  const rest: Part<F> = { key: 'rest', label: 'other images', frames: few.flatMap((part) => part.frames) };
  return [...parts.filter((part) => part.frames.length >= FEWEST), rest];
};
