import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cross, dot, norm, orientationLetters, scale, subtract, type Vec3 } from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';
import {
  extentOf,
  fromSide,
  OPENING,
  orbited,
  panned,
  rayAt,
  rightOf,
  SIDES,
  sightOf,
  toScreen,
  zoomedBy,
} from './scene-camera.ts';
import { cubeFaces } from './scene-cube.ts';

const AFFINE: Affine = [0.8, 0, 0, -100, 0, 0.8, 0, -90, 0, 0, 2.5, 40];
const extent = extentOf(AFFINE, [256, 240, 80]);
const near = (a: Vec3, b: Vec3, what: string): void => assert.ok(norm(subtract(a, b)) < 1e-6, `${what}: ${a} and ${b}`);

test('what lies to the right and up is what a reader expects from each side', () => {
  const expected = {
    A: ['L', 'H'],
    P: ['R', 'H'],
    L: ['P', 'H'],
    R: ['A', 'H'],
    // From the feet as on axial images; from the head right and left change places.
    F: ['L', 'A'],
    H: ['R', 'A'],
  };
  for (const side of SIDES) {
    const camera = fromSide(side, OPENING);
    assert.deepEqual([orientationLetters(rightOf(camera)), orientationLetters(camera.up)], expected[side], side);
    assert.deepEqual(
      cubeFaces(camera).map((face) => face.side),
      [side],
      'the cube shows the letter of the side that is looked at',
    );
  }
});

test('turning keeps the camera upright in itself; the hand holds the body', () => {
  let camera = fromSide('A', OPENING);
  for (let n = 0; n < 500; n++) camera = orbited(camera, 7.3, ((n % 5) - 2) * 3.1);
  assert.ok(Math.abs(norm(camera.back) - 1) < 1e-9 && Math.abs(norm(camera.up) - 1) < 1e-9);
  assert.ok(Math.abs(dot(camera.back, camera.up)) < 1e-9);
  // Drawn to the right, the body's right side comes to the front.
  near(orbited(fromSide('A', OPENING), 90, 0).back, [-1, 0, 0], 'a quarter to the right');
  // Drawn down, its head.
  near(orbited(fromSide('A', OPENING), 0, 90).back, [0, 0, 1], 'a quarter down');
  near(rightOf(camera), cross(camera.up, camera.back), 'right');
});

test('a place on the screen and its line of sight are each the other', () => {
  for (const side of SIDES) {
    let camera = zoomedBy(orbited(fromSide(side, OPENING), 21, -33), 2.4);
    camera = panned(camera, extent, sightOf(camera, extent, 640, 480), 31, -17);
    const sight = sightOf(camera, extent, 640, 480);
    for (const place of [[12, -40, 120], extent.lowest, extent.highest, extent.middle] as const) {
      const [x, y, depth] = toScreen(sight, place);
      const { from, along } = rayAt(sight, x, y);
      const back = [0, 1, 2].map((n) => (from[n] ?? 0) + depth * (along[n] ?? 0)) as unknown as Vec3;
      near(back, place, side);
      assert.ok(Math.abs(depth) <= sight.reachMm);
    }
    // The hand moves what it holds by as much as itself.
    const moved = sightOf(panned(camera, extent, sight, 10, 20), extent, 640, 480);
    const [x0, y0] = toScreen(sight, extent.middle);
    const [x1, y1] = toScreen(moved, extent.middle);
    assert.ok(Math.abs(x1 - x0 - 10) < 1e-6 && Math.abs(y1 - y0 - 20) < 1e-6);
  }
});

test('the extent is that of the outer corners, of a sheared grid too', () => {
  near(extent.lowest, [-100.4, -90.4, 38.75], 'lowest');
  near(extent.highest, [104.4, 101.6, 238.75], 'highest');
  const sheared: Affine = [1, 0, 0.4, 0, 0, 1, 0, 0, 0, 0, 2, 0];
  const tilted = extentOf(sheared, [10, 10, 11]);
  near(tilted.lowest, [-0.5 - 0.2, -0.5, -1], 'lowest, sheared');
  near(tilted.highest, [9.5 + 4.2, 9.5, 21], 'highest, sheared');
  near(scale(tilted.middle, 1), [4.5 + 2, 4.5, 10], 'middle');
});
