import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vec3 } from '../../models/kit/geometry.ts';
import type { SeriesImages } from '../../preload/contract/index.ts';
import type { Structure } from '../dicom/index.ts';
import { contoursOn, structureLayers } from './contours.ts';

const [COLUMNS, ROWS] = [12, 10];
const C = Math.SQRT1_2;
/** Images turned by 45° about the body's length, pixels of 2 by 3 mm, 4 mm apart. */
const row: Vec3 = [C, C, 0];
const column: Vec3 = [-C, C, 0];
const images = {
  seriesId: 's',
  frames: Array.from({ length: 4 }, (_, index) => ({
    index,
    instanceUid: `1.2.${index}`,
    rows: ROWS,
    columns: COLUMNS,
    positionMm: [10, -5, index * 4],
    rowDirection: row,
    columnDirection: column,
    calibration: { kind: 'known', spacingMm: [3, 2], source: '' },
  })),
} as unknown as SeriesImages;
/** A place in the patient from image coordinates, outer corner 0, 0. */
const place = (x: number, y: number, z: number): number[] =>
  [0, 1, 2].map((n) => ([10, -5, z][n] ?? 0) + (row[n] ?? 0) * (x - 0.5) * 2 + (column[n] ?? 0) * (y - 0.5) * 3);
const contour = (corners: readonly (readonly [number, number])[], z: number, instanceUid = '') => ({
  points: corners.flatMap(([x, y]) => place(x, y, z)),
  instanceUid,
});
const box = (x0: number, y0: number, x1: number, y1: number) =>
  [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ] as const;
const structure = (number: number, contours: Structure['contours']): Structure => {
  return { number, name: `S ${number}`, color: [number, 0, 0], code: null, contours, lines: 0 };
};
const pixels = (map: Uint8Array, value: number, frame: number): string[] =>
  [...map.keys()]
    .filter((at) => map[at] === value && Math.floor(at / (COLUMNS * ROWS)) === frame)
    .map((at) => `${at % COLUMNS} ${Math.floor(at / COLUMNS) % ROWS}`);

test('contours lie on the image of their plane, pixel by pixel; one within another is a hole', () => {
  const ring = structure(3, [contour(box(2, 1, 9, 8), 8), contour(box(4, 3, 6, 5), 8.1)]);
  const on = contoursOn(images, [ring]);
  assert.deepEqual([on.placed, on.lost], [2, 0]);
  const [layer, ...more] = structureLayers(images, [ring], on.outlines);
  assert.ok(layer && more.length === 0);
  const expected: string[] = [];
  for (let y = 1; y < 8; y++)
    for (let x = 2; x < 9; x++) if (!(x >= 4 && x < 6 && y >= 3 && y < 5)) expected.push(`${x} ${y}`);
  assert.deepEqual(pixels(layer.map, 3, 2), expected);
  assert.equal(layer.map.filter((value) => value !== 0).length, expected.length, 'and on no other image');
});

test('a contour between images lies on none, one that is tilted neither; the image that it names may be a little farther', () => {
  const tilted = { points: [...place(1, 1, 4), ...place(5, 1, 4), ...place(5, 5, 6)], instanceUid: '' };
  const on = contoursOn(images, [
    structure(1, [
      contour(box(1, 1, 5, 5), 6),
      tilted,
      contour(box(1, 1, 5, 5), 4.4, '1.2.1'),
      contour(box(1, 1, 5, 5), 4.4),
    ]),
  ]);
  assert.deepEqual([on.placed, on.lost], [1, 3]);
  assert.deepEqual([...(on.outlines[0]?.keys() ?? [])], [1]);
});

test('structures that overlap go to label maps of their own; numbers that are no labels are counted', () => {
  const one = structure(1, [contour(box(1, 1, 6, 6), 0)]);
  const two = structure(2, [contour(box(5, 5, 9, 9), 0)]);
  const three = structure(3, [contour(box(7, 1, 9, 3), 0)]);
  const on = contoursOn(images, [one, two, three]);
  const layers = structureLayers(images, [one, two, three], on.outlines);
  assert.deepEqual(
    layers.map(({ names }) => names.map(({ value }) => value)),
    [[1, 3], [2]],
  );
  const large = [structure(700, one.contours), structure(701, three.contours)];
  const [counted] = structureLayers(images, large, contoursOn(images, large).outlines);
  assert.deepEqual(
    counted?.names.map(({ value, name }) => [value, name]),
    [
      [1, 'S 700'],
      [2, 'S 701'],
    ],
  );
});
