import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../random.ts';
import { fillPolygons, type Polygon } from './polygon.ts';

const filled = (polygons: readonly Polygon[], columns: number, rows: number): Uint8Array => {
  const mask = new Uint8Array(columns * rows);
  fillPolygons(polygons, columns, rows, (y, x0, x1) => {
    for (let x = x0; x < x1; x++) mask[y * columns + x] = (mask[y * columns + x] ?? 0) + 1;
  });
  return mask;
};

/** Crossings of a ray to the right from each pixel's middle, counted one by one. */
const byRays = (polygons: readonly Polygon[], columns: number, rows: number): Uint8Array =>
  Uint8Array.from({ length: columns * rows }, (_, at) => {
    const [px, py] = [(at % columns) + 0.5, Math.floor(at / columns) + 0.5];
    let inside = false;
    for (const polygon of polygons) {
      const count = polygon.length / 2;
      for (let n = 0; n < count; n++) {
        const m = (n + 1) % count;
        const [ax = 0, ay = 0, bx = 0, by = 0] = [
          polygon[2 * n],
          polygon[2 * n + 1],
          polygon[2 * m],
          polygon[2 * m + 1],
        ];
        if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) inside = !inside;
      }
    }
    return Number(inside);
  });

test('a rectangle covers the pixels whose middles it holds, also where it leaves the image', () => {
  const mask = filled([[1.4, 0.6, 3.6, 0.6, 3.6, 2.5, 1.4, 2.5]], 5, 4);
  // Middles from 1.5 to 3.5 across, and 1.5 down: 2.5 is on the lower edge, which is the next one's.
  const covered = [...mask.keys()].filter((at) => mask[at] === 1);
  assert.deepEqual(covered, [6, 7, 8]);
  assert.equal(
    filled([[-9, -9, 99, -9, 99, 99, -9, 99]], 5, 4).reduce((sum, v) => sum + v, 0),
    20,
  );
});

test('random polygons, holes and crossings included, are those of counting crossings', () => {
  const random = seeded('polygon');
  for (let round = 0; round < 200; round++) {
    const polygons = Array.from({ length: random.integer(1, 3) }, () =>
      Array.from({ length: 2 * random.integer(3, 9) }, () => random.between(-3, 19)),
    );
    assert.deepEqual(filled(polygons, 16, 14), byRays(polygons, 16, 14), `round ${round}`);
  }
});

test('corners on middles and level edges count once; what is no polygon fills nothing', () => {
  assert.equal(
    filled([[1.5, 1.5, 4.5, 1.5, 4.5, 3.5, 1.5, 3.5]], 6, 6).reduce((sum, v) => sum + v, 0),
    6,
  );
  assert.equal(
    filled([[1, 1, 4, 1], [2, 2], [], [1, 1, Number.NaN, 3, 3, 3]], 6, 6).reduce((sum, v) => sum + v, 0),
    0,
  );
});
