import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  affineOf,
  dot,
  gantryTiltDegrees,
  invert,
  norm,
  type Vec3,
  voxelToPatient,
} from '../../../models/kit/geometry.ts';
import { cutInto, cutsOf, PLANES } from './cut.ts';
import {
  freePlane,
  imageAt,
  indexOf,
  leanWords,
  nearestPlane,
  normalOf,
  outlineIn,
  ownTurn,
  patientAt,
  sameTurn,
  turned,
  withinVolume,
} from './free-plane.ts';
import { laidOf } from './plane-pixels.ts';
import { finish, nearestLabels, sampleImage, valueAt } from './sample.ts';

const angle = (12 * Math.PI) / 180;
const UPRIGHT = affineOf([-20, -30, 40], [1, 0, 0], [0, 1, 0], [0, 0, 2], [0.8, 0.5]);
const TILTED = affineOf([5, 6, 7], [1, 0, 0], [0, Math.cos(angle), -Math.sin(angle)], [0, 0, 2], [0.8, 0.8]);
const dims: Vec3 = [24, 20, 16];
/** A value that is linear in the patient: trilinear reading gives it back everywhere. */
const linear = (affine: typeof UPRIGHT) =>
  Array.from({ length: dims[2] }, (_, k) =>
    Float32Array.from({ length: dims[0] * dims[1] }, (_, n) => {
      const [x, y, z] = voxelToPatient(affine, [n % dims[0], Math.floor(n / dims[0]), k]);
      return 3 * x - 2 * y + 5 * z;
    }),
  );

for (const [name, affine] of [
  ['upright', UPRIGHT],
  ['tilted', TILTED],
] as const) {
  const grid = { dims, affineVoxelToPatient: affine };
  const middle = voxelToPatient(affine, [11.3, 9.6, 7.2]);

  test(`${name}: a turned plane goes through its point and is as long in the patient as on the image`, () => {
    for (const id of PLANES) {
      const own = ownTurn(affine, cutsOf(affine)[id]);
      assert.ok(Math.abs(dot(own.right, own.down)) < 1e-12, 'at right angles, also where the grid is not');
      const plane = freePlane(grid, turned(turned(own, own.down, 23), own.right, -11), middle);
      assert.ok(Math.abs(imageAt(plane, middle).offMm) < 1e-9);
      const [a, b] = [patientAt(plane, 3, 4), patientAt(plane, 33, 44)];
      assert.ok(Math.abs(norm([b[0] - a[0], b[1] - a[1], b[2] - a[2]]) - 50 * plane.pixelMm) < 1e-9);
      const back = imageAt(plane, patientAt(plane, 12.25, 7.5));
      assert.ok(Math.abs(back.x - 12.25) < 1e-9 && Math.abs(back.y - 7.5) < 1e-9 && Math.abs(back.offMm) < 1e-9);
    }
  });

  test(`${name}: samples are the values at their places, and nothing is where nothing was imaged`, () => {
    const slices = linear(affine);
    const own = ownTurn(affine, cutsOf(affine).coronal);
    const plane = freePlane(grid, turned(own, own.right, 31), middle);
    const laid = laidOf(plane, affine);
    const values = finish(sampleImage({ slices, dims }, laid, null));
    const inverse = invert(affine);
    let [inside, outside] = [0, 0];
    for (let y = 0; y < plane.rows; y++)
      for (let x = 0; x < plane.columns; x++) {
        const mm = patientAt(plane, x + 0.5, y + 0.5);
        const voxel = voxelToPatient(inverse, mm);
        const value = values[y * plane.columns + x] ?? 0;
        if (voxel.some((part, n) => part < -0.5 - 1e-6 || part > (dims[n] ?? 0) - 0.5 + 1e-6)) {
          assert.ok(Number.isNaN(value));
          outside++;
        } else if (voxel.every((part, n) => part >= 0 && part <= (dims[n] ?? 0) - 1)) {
          assert.ok(Math.abs(value - (3 * mm[0] - 2 * mm[1] + 5 * mm[2])) < 1e-3);
          inside++;
        }
      }
    assert.ok(inside > 100 && outside > 100, `${inside} inside, ${outside} outside`);
  });

  test(`${name}: a point stays in the volume while its plane is scrolled through all of it`, () => {
    const own = ownTurn(affine, cutsOf(affine).axial);
    const turn = turned(turned(own, own.right, 40), own.down, 25);
    const plane = freePlane(grid, turn, middle);
    for (let depth = plane.firstMm; depth <= plane.lastMm; depth += plane.stepMm) {
      const at = withinVolume(grid, normalOf(turn), depth, middle);
      assert.ok(at !== null);
      assert.ok(Math.abs(dot(at, normalOf(turn)) - depth) < 1e-6);
      assert.ok(indexOf(freePlane(grid, turn, at)) === Math.round((depth - plane.firstMm) / plane.stepMm));
    }
  });
}

test('the volume’s own planes sampled are its voxels', () => {
  const slices = linear(UPRIGHT);
  const labels = slices.map((slice) => Uint8Array.from(slice, (value) => Math.abs(Math.round(value)) % 7));
  for (const id of PLANES) {
    const cut = cutsOf(UPRIGHT)[id];
    const plane = freePlane(
      { dims, affineVoxelToPatient: UPRIGHT },
      ownTurn(UPRIGHT, cut),
      voxelToPatient(UPRIGHT, [5, 6, 7]),
    );
    const columns = dims[cut.x.axis];
    const exact = new Uint8Array(columns * dims[cut.y.axis]);
    cutInto(labels, dims, cut, [5, 6, 7][cut.normal] ?? 0, exact);
    const sampled = nearestLabels(labels, dims, laidOf(plane, UPRIGHT));
    let compared = 0;
    for (let y = 0; y < plane.rows; y++)
      for (let x = 0; x < plane.columns; x++) {
        const mm = patientAt(plane, x + 0.5, y + 0.5);
        const v = voxelToPatient(invert(UPRIGHT), mm).map(Math.round) as unknown as Vec3;
        if (v.some((part, n) => part < 0 || part >= (dims[n] ?? 0))) continue;
        const at = (use: typeof cut.x): number => (use.reversed ? dims[use.axis] - 1 - v[use.axis] : v[use.axis]);
        // A sample on the very border between two voxels may take either.
        const between = voxelToPatient(invert(UPRIGHT), mm).some(
          (part) => Math.abs(part - Math.floor(part) - 0.5) < 1e-6,
        );
        if (between) continue;
        assert.equal(sampled[y * plane.columns + x], exact[at(cut.y) * columns + at(cut.x)]);
        compared++;
      }
    assert.ok(compared > 100, `${id}: ${compared}`);
  }
});

test('fill is not mixed into the values beside it, and what has not come is nothing', () => {
  const slice = Int16Array.of(10, 20, -2000, -2000);
  const volume = { slices: [slice, slice, null], dims: [2, 2, 3] as Vec3, padding: [-2000, -2000] as const };
  assert.equal(valueAt(volume, 0.5, 0.4, 0), 15);
  assert.ok(Number.isNaN(valueAt(volume, 0.5, 0.6, 0)));
  assert.ok(Number.isNaN(valueAt(volume, 0, 0, 1.5)));
  assert.equal(valueAt(volume, 0, 0, 1), 10);
});

test('turning there and back is the plane itself again; the outline of a volume is where its plane ends', () => {
  const own = ownTurn(UPRIGHT, cutsOf(UPRIGHT).axial);
  let turn = own;
  for (let n = 0; n < 30; n++) turn = turned(turn, own.right, 1);
  assert.ok(!sameTurn(turn, own));
  for (let n = 0; n < 30; n++) turn = turned(turn, own.right, -1);
  assert.ok(sameTurn(turn, own));
  const plane = freePlane({ dims, affineVoxelToPatient: UPRIGHT }, own, voxelToPatient(UPRIGHT, [4, 4, 4]));
  const points = outlineIn(plane, UPRIGHT, [[0, 0, 0], dims]);
  assert.equal(points.length, 4);
  const width = Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x));
  assert.ok(Math.abs(width * plane.pixelMm - dims[0] * 0.5) < 1e-9);
});

test('a lean is told by the plane that it leans off and to', () => {
  const own = ownTurn(UPRIGHT, cutsOf(UPRIGHT).sagittal);
  const far = normalOf(turned(own, [0, 0, 1], 74));
  assert.deepEqual([nearestPlane(far), leanWords(far)], ['coronal', ['to sagittal 16.0°']]);
  const near = normalOf(turned(own, [0, 0, 1], 16));
  assert.deepEqual([nearestPlane(near), leanWords(near)], ['sagittal', ['to coronal 16.0°']]);
  assert.deepEqual(leanWords(normalOf(turned(own, normalOf(own), 30))), []);
});

test('the tilt of a gantry is read from its grid', () => {
  assert.equal(gantryTiltDegrees(UPRIGHT, dims), 0);
  assert.ok(Math.abs(gantryTiltDegrees(TILTED, dims) - 12) < 1e-9);
});
