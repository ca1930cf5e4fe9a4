/**
 * Colours for images of one channel. Hot iron, PET and hot metal blue are the well-known palettes of PS3.6 annex B.1, said
 * here by the corners of their lines (hot metal blue within one level of its table); the spectrum is ours: blue to red
 * through equal steps of hue.
 */

export const COLOR_MAPS = ['grey', 'hot-iron', 'pet', 'hot-metal-blue', 'rainbow'] as const;
export type ColorMapId = (typeof COLOR_MAPS)[number];

export const COLOR_MAP_TITLES: Readonly<Record<ColorMapId, string>> = {
  grey: 'Grey',
  'hot-iron': 'Hot iron',
  pet: 'PET',
  'hot-metal-blue': 'Hot metal blue',
  rainbow: 'Rainbow',
};

type Corner = readonly [level: number, value: number];
type Channels = readonly [red: readonly Corner[], green: readonly Corner[], blue: readonly Corner[]];

const STRAIGHT: readonly Corner[] = [
  [0, 0],
  [255, 255],
];
const CORNERS: Readonly<Record<ColorMapId, Channels>> = {
  grey: [STRAIGHT, STRAIGHT, STRAIGHT],
  'hot-iron': [
    // biome-ignore format: each channel on a line of its own.
    [[0, 0], [127, 254], [128, 255], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [128, 0], [254, 252], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [191, 0], [254, 252], [255, 255]],
  ],
  pet: [
    // biome-ignore format: each channel on a line of its own.
    [[0, 0], [63, 0], [64, 1], [106, 85], [107, 86], [149, 170], [150, 171], [192, 255], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [31, 62], [32, 65], [62, 125], [63, 128], [95, 64], [96, 63], [127, 1], [128, 0], [254, 252], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [1, 1], [128, 255], [129, 252], [192, 0], [212, 80], [213, 85], [233, 165], [234, 170], [254, 250], [255, 255]],
  ],
  'hot-metal-blue': [
    // biome-ignore format: each channel on a line of its own.
    [[0, 0], [85, 0], [104, 55], [121, 96], [154, 194], [170, 255], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [119, 0], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [102, 200], [119, 150], [136, 50], [153, 0], [170, 0], [241, 210], [255, 255]],
  ],
  // Hue 240° to 0°: blue, cyan, green, yellow, red.
  rainbow: [
    // biome-ignore format: each channel on a line of its own.
    [[0, 0], [127.5, 0], [191.25, 255], [255, 255]],
    // biome-ignore format: as above.
    [[0, 0], [63.75, 255], [191.25, 255], [255, 0]],
    // biome-ignore format: as above.
    [[0, 255], [63.75, 255], [127.5, 0], [255, 0]],
  ],
};

const along = (corners: readonly Corner[], level: number): number => {
  const next = corners.findIndex(([at]) => at >= level);
  const [to, end] = corners[Math.max(next, 0)] ?? [0, 0];
  const [from, start] = corners[next - 1] ?? [to, end];
  return to === from ? end : start + ((end - start) * (level - from)) / (to - from);
};

const tables = new Map<ColorMapId, Uint8Array>();

/** [256 * 3] red, green, blue of each level from 0 to 255. */
export const colorTable = (id: ColorMapId): Uint8Array => {
  const known = tables.get(id);
  if (known !== undefined) return known;
  const table = Uint8Array.from({ length: 768 }, (_, n) =>
    Math.floor(along(CORNERS[id][n % 3] ?? STRAIGHT, Math.floor(n / 3)) + 0.5),
  );
  tables.set(id, table);
  return table;
};
