import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame, SeriesImages } from '../../preload/contract/index.ts';
import { type FrameGeometry, placesOn } from './place.ts';

const ROWS = 6;
const COLUMNS = 8;
const known = (mm: readonly [number, number]): Frame['calibration'] => ({ kind: 'known', spacingMm: mm, source: '' });
const geometry = (position: readonly number[], more: Partial<FrameGeometry> = {}): FrameGeometry => ({
  rows: ROWS,
  columns: COLUMNS,
  positionMm: position as [number, number, number],
  rowDirection: [1, 0, 0],
  columnDirection: [0, 1, 0],
  calibration: known([2, 0.5]),
  ...more,
});
const series = (frames: readonly FrameGeometry[]): SeriesImages =>
  ({ frames: frames.map((frame, index) => ({ ...frame, index })) }) as unknown as SeriesImages;
const images = series([0, 3, 6].map((z) => geometry([10, 20, z])));
const pixel = (place: { origin: number; stepX: number; stepY: number }, x: number, y: number): [number, number] => {
  const at = place.origin + x * place.stepX + y * place.stepY;
  return [at % COLUMNS, Math.floor(at / COLUMNS)];
};

test('marks lie where they are in the patient: as they are, cut out, mirrored, turned', () => {
  const on = placesOn(images, null);
  const same = on(geometry([10, 20, 3.05]), null);
  assert.deepEqual(same && [same.frame, ...pixel(same, 5, 4)], [1, 5, 4]);
  const part = on(geometry([11, 24, 6], { rows: 3, columns: 5 }), null);
  assert.deepEqual(part && [part.frame, ...pixel(part, 0, 0), ...pixel(part, 4, 2)], [2, 2, 2, 6, 4]);
  const mirrored = on(geometry([13.5, 30, 0], { rowDirection: [-1, 0, 0], columnDirection: [0, -1, 0] }), null);
  assert.deepEqual(mirrored && [mirrored.frame, ...pixel(mirrored, 0, 0), ...pixel(mirrored, 7, 5)], [0, 7, 5, 0, 0]);
  // Rows run down the image: columns of the marks are its rows.
  const turned = on(
    geometry([10, 20, 0], {
      rows: 8,
      columns: 6,
      rowDirection: [0, 1, 0],
      columnDirection: [1, 0, 0],
      calibration: known([0.5, 2]),
    }),
    null,
  );
  assert.deepEqual(turned && pixel(turned, 3, 7), [7, 3]);
});

test('marks of another plane, of other pixels, or beyond the image lie on none', () => {
  const on = placesOn(images, null);
  assert.equal(on(geometry([10, 20, 1.5]), null), null, 'between two images');
  assert.equal(on(geometry([10.2, 20, 0]), null), null, 'less than a pixel off');
  assert.equal(on(geometry([10, 20, 0], { calibration: known([2, 0.505]) }), null), null, 'other pixels');
  assert.equal(on(geometry([10, 20, 0], { calibration: known([2, 1]) }), null), null, 'every second pixel');
  assert.equal(on(geometry([10.5, 20, 0]), null), null, 'one pixel beyond');
  assert.equal(on(geometry([10, 20, 0], { rowDirection: [0, 0, 1] }), null), null, 'across');
  assert.equal(on(geometry([10, 20, 0], { calibration: { kind: 'unknown', reason: '' } }), null), null);
});

test('the named image decides between images at one place, and for marks without a place', () => {
  const twice = series([geometry([10, 20, 0]), geometry([10, 20, 0]), geometry([10, 20, 3])]);
  const on = placesOn(twice, null);
  assert.equal(on(geometry([10, 20, 0]), null), null, 'a riddle');
  assert.equal(on(geometry([10, 20, 0]), 1)?.frame, 1);
  assert.equal(on(geometry([10, 20, 3]), 0)?.frame, 2, 'the place is what counts');
  const nowhere: Partial<FrameGeometry> = { positionMm: null };
  assert.deepEqual(on(geometry([], nowhere), 2), { frame: 2, origin: 0, stepX: 1, stepY: COLUMNS });
  assert.equal(on(geometry([], { ...nowhere, rows: 5 }), 2), null);
  assert.equal(on(geometry([], nowhere), null), null);
  const film = series([geometry([], { ...nowhere, rowDirection: null, columnDirection: null })]);
  assert.equal(placesOn(film, null)(geometry([1, 2, 3]), 0)?.frame, 0, 'an image without a place is found by name');
});

test('places of another frame of reference are other places', () => {
  assert.equal(placesOn(images, false)(geometry([10, 20, 3]), null), null);
  assert.equal(placesOn(images, false)(geometry([10, 20, 3]), 1)?.frame, 1, 'but for an image that is named');
  assert.equal(placesOn(images, true)(geometry([10, 20, 3]), null)?.frame, 1);
});
