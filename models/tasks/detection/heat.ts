/** Heat maps to boxes and overlays. A cell of the map covers size / w by size / h pixels of the letterboxed image. */
import { components } from '../../kit/components.ts';
import type { PipelineOf } from '../../kit/manifest.ts';
import type { PreparedImage } from '../../kit/steps/image.ts';

export interface HeatMap {
  /** Probabilities, [h, w]. */
  readonly data: Float32Array;
  readonly columns: number;
  readonly rows: number;
}

export interface HeatBox {
  /** In pixels of the letterboxed image. */
  readonly box: readonly [number, number, number, number];
  /** Highest probability in it. */
  readonly peak: number;
}

const maximum = (data: Float32Array): number => data.reduce((a, b) => Math.max(a, b), 0);

/** Where no cell reaches the level, places are taken from this share of the highest. */
const RELATIVE_LEVEL = 0.6;

/** Boxes around connected cells, the hottest first. A map that stays below the level still gives its hottest place. */
const componentBoxes = (
  heat: HeatMap,
  image: PreparedImage,
  options: { level: number; minimumCells: number; limit: number },
): HeatBox[] => {
  const cellX = image.columns / heat.columns;
  const cellY = image.rows / heat.rows;
  // cells that lie in the padding show nothing
  const shows = (n: number): boolean => {
    const x = ((n % heat.columns) + 0.5) * cellX;
    const y = (Math.floor(n / heat.columns) + 0.5) * cellY;
    return x >= image.content[0] && x < image.content[2] && y >= image.content[1] && y < image.content[3];
  };
  const data = heat.data.map((p, n) => (shows(n) ? p : 0));
  const level = Math.min(options.level, maximum(data) * RELATIVE_LEVEL);
  if (level <= 0) return [];
  const found = components([heat.columns, heat.rows, 1], (n) => (data[n] ?? 0) >= level);
  const boxes = found.sizes.map(() => ({ x0: Infinity, y0: Infinity, x1: 0, y1: 0, peak: 0 }));
  for (const [n, id] of found.ids.entries()) {
    const own = boxes[id - 1];
    if (!own) continue;
    const x = n % heat.columns;
    const y = Math.floor(n / heat.columns);
    own.x0 = Math.min(own.x0, x);
    own.y0 = Math.min(own.y0, y);
    own.x1 = Math.max(own.x1, x + 1);
    own.y1 = Math.max(own.y1, y + 1);
    own.peak = Math.max(own.peak, data[n] ?? 0);
  }
  const hottest = Math.max(...boxes.map(({ peak }) => peak));
  return boxes
    .filter(({ peak }, n) => (found.sizes[n] ?? 0) >= options.minimumCells || peak === hottest)
    .toSorted((a, b) => b.peak - a.peak)
    .slice(0, options.limit)
    .map(({ x0, y0, x1, y1, peak }) => ({ box: [x0 * cellX, y0 * cellY, x1 * cellX, y1 * cellY], peak }));
};

/** Peaks of the map with the width and height that the network gives there (letterboxed pixels). */
const centreBoxes = (
  heat: HeatMap,
  sizes: { width: Float32Array; height: Float32Array },
  image: PreparedImage,
  options: { level: number; limit: number },
): HeatBox[] => {
  const { columns, rows, data } = heat;
  const level = Math.min(options.level, maximum(data));
  const out: HeatBox[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const n = y * columns + x;
      const p = data[n] ?? 0;
      if (p < level || p <= 0) continue;
      let top = true;
      for (let dy = -1; dy <= 1 && top; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const nx = x + dx;
          const ny = y + dy;
          if ((dx || dy) && nx >= 0 && ny >= 0 && nx < columns && ny < rows) {
            const q = data[ny * columns + nx] ?? 0;
            // of equal neighbours the first one is the peak
            if (q > p || (q === p && ny * columns + nx < n)) top = false;
          }
        }
      if (!top) continue;
      const cx = ((x + 0.5) * image.columns) / columns;
      const cy = ((y + 0.5) * image.rows) / rows;
      const w = Math.max(image.columns / columns, sizes.width[n] ?? 0);
      const h = Math.max(image.rows / rows, sizes.height[n] ?? 0);
      out.push({ box: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], peak: p });
    }
  return out.toSorted((a, b) => b.peak - a.peak).slice(0, options.limit);
};

export const boxesOf = (
  boxes: PipelineOf<'detection'>['boxes'],
  heat: HeatMap,
  sizes: { width: Float32Array; height: Float32Array } | null,
  image: PreparedImage,
): HeatBox[] => {
  if (boxes.kind === 'components') return componentBoxes(heat, image, boxes);
  if (!sizes) throw new RangeError('centre-size boxes need the output sizes');
  return centreBoxes(heat, sizes, image, boxes);
};

/** The part of the map that shows the image, as uint8 0..255: stretched over the whole frame it lies where it should. */
export const heatOverImage = (
  heat: HeatMap,
  image: PreparedImage,
): { data: Uint8Array; columns: number; rows: number } => {
  const [x0, y0, x1, y1] = image.content;
  const columns = Math.max(1, Math.round(((x1 - x0) * heat.columns) / image.columns));
  const rows = Math.max(1, Math.round(((y1 - y0) * heat.rows) / image.rows));
  const data = new Uint8Array(columns * rows);
  const at = (x: number, y: number): number =>
    heat.data[Math.min(heat.rows - 1, Math.max(0, y)) * heat.columns + Math.min(heat.columns - 1, Math.max(0, x))] ?? 0;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const x = ((x0 + ((c + 0.5) / columns) * (x1 - x0)) * heat.columns) / image.columns - 0.5;
      const y = ((y0 + ((r + 0.5) / rows) * (y1 - y0)) * heat.rows) / image.rows - 0.5;
      const fx = Math.floor(x);
      const fy = Math.floor(y);
      const top = at(fx, fy) * (1 - x + fx) + at(fx + 1, fy) * (x - fx);
      const bottom = at(fx, fy + 1) * (1 - x + fx) + at(fx + 1, fy + 1) * (x - fx);
      data[r * columns + c] = Math.round(255 * Math.min(1, Math.max(0, top * (1 - y + fy) + bottom * (y - fy))));
    }
  return { data, columns, rows };
};
