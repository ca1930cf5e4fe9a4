/** Areas of polygons on a grid of pixels: what is cut out by hand, and contours of structure sets. */

/** Corners one after another: x0, y0, x1, y1, ...; continuous image coordinates, outer corner 0, 0. Closed by itself. */
export type Polygon = readonly number[];

/**
 * Pixels whose middle lies inside, by the even-odd rule over all polygons together: one within another cuts a hole. Runs
 * [x0, x1) of each row, left to right.
 */
export const fillPolygons = (
  polygons: readonly Polygon[],
  columns: number,
  rows: number,
  span: (y: number, x0: number, x1: number) => void,
): void => {
  // Edges by the rows whose middles they cross.
  const crossings: number[][] = [];
  for (const polygon of polygons) {
    const count = Math.floor(polygon.length / 2);
    for (let n = 0; n < count; n++) {
      const [ax = 0, ay = 0] = [polygon[2 * n], polygon[2 * n + 1]];
      const m = (n + 1) % count;
      const [bx = 0, by = 0] = [polygon[2 * m], polygon[2 * m + 1]];
      if (ay === by || !Number.isFinite(ax + ay + bx + by)) continue;
      const [x0, y0, x1, y1] = ay < by ? [ax, ay, bx, by] : [bx, by, ax, ay];
      // A corner belongs to the edge below it, so that it counts once.
      const first = Math.max(0, Math.ceil(y0 - 0.5));
      const end = Math.min(rows, Math.ceil(y1 - 0.5));
      for (let y = first; y < end; y++) {
        const at = x0 + ((y + 0.5 - y0) * (x1 - x0)) / (y1 - y0);
        const row = crossings[y];
        if (row === undefined) crossings[y] = [at];
        else row.push(at);
      }
    }
  }
  crossings.forEach((row, y) => {
    row.sort((a, b) => a - b);
    for (let n = 0; n + 1 < row.length; n += 2) {
      const x0 = Math.max(0, Math.ceil((row[n] ?? 0) - 0.5));
      const x1 = Math.min(columns, Math.ceil((row[n + 1] ?? 0) - 0.5));
      if (x1 > x0) span(y, x0, x1);
    }
  });
};
