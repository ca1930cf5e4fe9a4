import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dot, type Vec3 } from '../../../models/kit/geometry.ts';
import { extentOf } from './scene-camera.ts';
import { BOX_SIDES, boxHalfSpaces, cutAt, isWhole, keptOf, planeHalfSpace, WHOLE_BOX, withCut } from './scene-cut.ts';

const extent = extentOf([1, 0, 0, -50, 0, 1, 0, -50, 0, 0, 2, 0], [100, 100, 60]);
const side = (letter: string) => {
  const found = BOX_SIDES.find((one) => one.letter === letter);
  assert.ok(found);
  return found;
};
const isKept = (place: Vec3, halves: ReturnType<typeof boxHalfSpaces>): boolean =>
  halves.every(({ normal, offset }) => dot(normal, place) >= offset);

test('each side cuts away what lies toward its letter', () => {
  const outermost: Record<string, Vec3> = {
    R: [-45, 0, 60],
    L: [45, 0, 60],
    A: [0, -45, 60],
    P: [0, 45, 60],
    F: [0, 0, 5],
    H: [0, 0, 115],
  };
  assert.deepEqual(boxHalfSpaces(WHOLE_BOX, extent), []);
  for (const { letter } of BOX_SIDES) {
    const box = withCut(WHOLE_BOX, side(letter), 0.2);
    assert.ok(Math.abs(cutAt(box, side(letter)) - 0.2) < 1e-12);
    const halves = boxHalfSpaces(box, extent);
    for (const [other, place] of Object.entries(outermost))
      assert.equal(isKept(place, halves), other !== letter, `${letter} cut, place to the ${other}`);
  }
});

test('something is always left, and the other side stays', () => {
  const both = withCut(withCut(WHOLE_BOX, side('R'), 0.7), side('L'), 0.9);
  assert.ok(Math.abs(cutAt(both, side('R')) - 0.7) < 1e-12);
  assert.ok(cutAt(both, side('L')) < 0.3 && both[0][1] > both[0][0]);
  assert.equal(isWhole(both), false);
});

test('a plane keeps the side that is asked for, whichever way its normal runs', () => {
  for (const flip of [1, -1] as const) {
    const plane = {
      origin: [0, 0, 40] as const,
      right: [1, 0, 0] as const,
      down: [0, 1, 0] as const,
      normal: [0, 0.3 * flip, 2 * flip] as const,
    };
    const head = planeHalfSpace({ plane: 'axial', keep: 1 }, plane);
    const feet = planeHalfSpace({ plane: 'axial', keep: -1 }, plane);
    assert.ok(head && feet);
    assert.ok(isKept([0, 0, 41], [head]) && !isKept([0, 0, 39], [head]));
    assert.ok(!isKept([0, 0, 41], [feet]) && isKept([0, 0, 39], [feet]));
    // Oblique: along the plane as it lies.
    assert.ok(isKept([0, 20, 40], [head]) && !isKept([0, -20, 40], [head]));
  }
});

test('the stretch of a line that is kept', () => {
  const halves = boxHalfSpaces(withCut(withCut(WHOLE_BOX, side('A'), 0.25), side('P'), 0.5), extent);
  const [from, to] = keptOf(halves, [0, -200, 60], [0, 1, 0], [0, 400]);
  assert.ok(Math.abs(from - (200 - 50.5 + 25)) < 1e-9 && Math.abs(to - (200 - 50.5 + 50)) < 1e-9, `${from} ${to}`);
  assert.deepEqual(keptOf(halves, [0, 30, 60], [1, 0, 0], [-100, 100]), [0, 0], 'beside what is kept');
});
