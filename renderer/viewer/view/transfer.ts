/** How the values of a volume become colour and opacity in the 3D view. */
import type { Frame } from '../../../preload/contract/index.ts';

type Color = readonly [number, number, number];
/** At a value: colour 0 to 255, and opacity of a millimetre, 0 to 1. Between two points both run in lines. */
type Point = readonly [value: number, color: Color, opacity: number];

export interface VolumePreset {
  readonly id: string;
  readonly title: string;
  /** light: opacity and shading; most: the highest value along the line of sight, as greys. */
  readonly kind: 'light' | 'most';
  /** HU, or parts of the range of the series' values, 0 to 1. */
  readonly of: 'HU' | 'range';
  readonly points: readonly Point[];
}

const BLACK: Color = [0, 0, 0];
const WHITE: Color = [255, 255, 255];

const OF_HU: readonly VolumePreset[] = [
  {
    id: 'bone',
    title: 'Bone',
    kind: 'light',
    of: 'HU',
    points: [
      [130, [150, 70, 45], 0],
      [230, [196, 132, 92], 0.06],
      [420, [233, 206, 164], 0.45],
      [900, [250, 241, 222], 0.85],
    ],
  },
  {
    id: 'lung',
    title: 'Lung',
    kind: 'light',
    of: 'HU',
    points: [
      [-900, [70, 110, 150], 0],
      [-760, [104, 150, 184], 0.006],
      [-620, [196, 196, 196], 0.05],
      [-520, [240, 200, 174], 0.2],
      [-420, [240, 172, 144], 0.2],
      [-330, [230, 140, 116], 0],
    ],
  },
  {
    id: 'vessel',
    title: 'Vessel (contrast)',
    kind: 'light',
    of: 'HU',
    points: [
      [120, [120, 20, 16], 0],
      [180, [176, 38, 28], 0.07],
      [300, [214, 74, 50], 0.4],
      [480, [236, 170, 120], 0.6],
      [900, [248, 236, 214], 0.8],
    ],
  },
  {
    id: 'skin',
    title: 'Skin',
    kind: 'light',
    of: 'HU',
    points: [
      [-520, [190, 130, 104], 0],
      [-320, [214, 156, 128], 0.12],
      [-150, [226, 172, 144], 0.7],
      [200, [232, 184, 158], 0.9],
    ],
  },
  {
    id: 'mip',
    title: 'MIP',
    kind: 'most',
    of: 'HU',
    points: [
      [-50, BLACK, 0],
      [1100, WHITE, 1],
    ],
  },
];

const OF_RANGE: readonly VolumePreset[] = [
  {
    id: 'range-surface',
    title: 'From a quarter of the range',
    kind: 'light',
    of: 'range',
    points: [
      [0.18, [110, 90, 84], 0],
      [0.3, [176, 150, 136], 0.16],
      [0.6, [224, 204, 188], 0.5],
      [1, [250, 244, 236], 0.8],
    ],
  },
  {
    id: 'range-bright',
    title: 'From half of the range',
    kind: 'light',
    of: 'range',
    points: [
      [0.42, [130, 40, 24], 0],
      [0.58, [206, 92, 50], 0.14],
      [0.8, [240, 190, 120], 0.5],
      [1, [255, 246, 226], 0.8],
    ],
  },
  {
    id: 'range-mip',
    title: 'MIP of the range',
    kind: 'most',
    of: 'range',
    points: [
      [0.02, BLACK, 0],
      [1, WHITE, 1],
    ],
  },
];

/** What can be chosen for a series: HU only where that is the unit. */
export const volumePresets = (unit: Frame['unit']): readonly VolumePreset[] => (unit === 'HU' ? OF_HU : OF_RANGE);

/** Where the opacity begins and where it is full, before the reader shifts it. */
export const rampOf = ({ points }: VolumePreset): readonly [number, number] => [
  points[0]?.[0] ?? 0,
  points.at(-1)?.[0] ?? 1,
];

/** The reader's hand on the opacity: by so much along the values, and the ramp wider by a factor. */
export interface Shaping {
  readonly shift: number;
  readonly widen: number;
}
export const UNSHAPED: Shaping = { shift: 0, widen: 1 };

/** The ramp as it is shaped: it widens about its beginning, so that what shows at all stays. */
export const shapedRamp = (preset: VolumePreset, { shift, widen }: Shaping): readonly [number, number] => {
  const [from, to] = rampOf(preset);
  return [from + shift, from + shift + (to - from) * widen];
};

/** Values of the texture run from domain[0] to domain[1]; below and above they are as at its ends. */
export type Domain = readonly [number, number];
export const HU_DOMAIN: Domain = [-1024, 3071];

export const ENTRIES = 2048;

/** [ENTRIES * 4] red, green, blue 0 to 1 and opacity of a millimetre, over the domain. */
export const transferTable = (preset: VolumePreset, shaping: Shaping, domain: Domain): Float32Array => {
  const table = new Float32Array(ENTRIES * 4);
  const [from] = rampOf(preset);
  const [first] = shapedRamp(preset, shaping);
  const [low, high] = preset.of === 'HU' ? domain : [0, 1];
  const { points } = preset;
  for (let n = 0; n < ENTRIES; n++) {
    const value = low + (n / (ENTRIES - 1)) * (high - low);
    const asDelivered = from + (value - first) / shaping.widen;
    const next = points.findIndex(([at]) => at > asDelivered);
    const b = points[next < 0 ? points.length - 1 : next];
    const a = points[next < 0 ? points.length - 1 : Math.max(0, next - 1)];
    if (a === undefined || b === undefined) continue;
    const t = b[0] > a[0] ? Math.min(1, Math.max(0, (asDelivered - a[0]) / (b[0] - a[0]))) : 0;
    for (const c of [0, 1, 2] as const) table[n * 4 + c] = (a[1][c] + t * (b[1][c] - a[1][c])) / 255;
    table[n * 4 + 3] = a[2] + t * (b[2] - a[2]);
  }
  return table;
};

/** Opacity of a step of so many millimetres, where that of one is given. */
export const opacityOfStep = (opacityOfMm: number, stepMm: number): number => 1 - (1 - opacityOfMm) ** stepMm;
