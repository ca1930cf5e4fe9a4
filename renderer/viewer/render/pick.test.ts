import assert from 'node:assert/strict';
import { test } from 'node:test';
import { norm, normalize, subtract, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Affine, Frame } from '../../../preload/contract/index.ts';
import { extentOf } from '../view/scene-camera.ts';
import { BOX_SIDES, boxHalfSpaces, planeHalfSpace, WHOLE_BOX, withCut } from '../view/scene-cut.ts';
import { HU_DOMAIN, transferTable, UNSHAPED, volumePresets } from '../view/transfer.ts';
import { crossings, placeMesh } from './mesh-points.ts';
import { pick } from './pick.ts';
import { surfaceOf } from './surface.ts';

const DIMS = [48, 40, 30] as const;
/** Anisotropic, and sheared as a tilted gantry makes it. */
const AFFINES: Record<string, Affine> = {
  straight: [0.8, 0, 0, -20, 0, 0.8, 0, -15, 0, 0, 2, 100],
  tilted: [0.8, 0, 0, -20, 0, 0.8, 0.7, -15, 0, 0, 1.9, 100],
  'left-handed': [0.8, 0, 0, -20, 0, 0.8, 0, -15, 0, 0, -2, 100],
};
/** A ball of bone in soft tissue, by patient millimetres. */
const RADIUS = 6;
const CENTER_VOXEL: Vec3 = [30, 18, 14];

const made = (affine: Affine) => {
  const center = voxelToPatient(affine, CENTER_VOXEL);
  const inside = (i: number, j: number, k: number): boolean =>
    norm(subtract(voxelToPatient(affine, [i, j, k]), center)) <= RADIUS;
  const pixels = Array.from({ length: DIMS[2] }, (_, k) =>
    Int16Array.from({ length: DIMS[0] * DIMS[1] }, (_, n) =>
      inside(n % DIMS[0], Math.floor(n / DIMS[0]), k) ? 1400 : 20,
    ),
  );
  const labels = new Uint8Array(DIMS[0] * DIMS[1] * DIMS[2]);
  for (const [k, slice] of pixels.entries())
    for (const [n, hu] of slice.entries()) labels[n + k * DIMS[0] * DIMS[1]] = hu > 100 ? 1 : 0;
  const frames = pixels.map(() => ({ slope: 1, intercept: 0, padding: undefined }) as unknown as Frame);
  return { center, pixels, labels, frames };
};
const DIRECTIONS: readonly Vec3[] = [[0, 1, 0], [-1, 0, 0], [0, 0, -1], normalize([0.6, -0.7, 0.4])];
const bone = volumePresets('HU').find(({ id }) => id === 'bone');
const mip = volumePresets('HU').find(({ id }) => id === 'mip');

for (const [name, affine] of Object.entries(AFFINES)) {
  test(`a click finds the near side of what is seen, in the volume and on a surface (${name})`, () => {
    assert.ok(bone && mip);
    const { center, pixels, labels, frames } = made(affine);
    const volume = {
      kind: 'light',
      frames,
      pixels,
      affine,
      dims: DIMS,
      domain: HU_DOMAIN,
      table: transferTable(bone, UNSHAPED, HU_DOMAIN),
    } as const;
    const meshInVoxels = surfaceOf(labels, DIMS, 1, [20, 8, 6, 40, 28, 22], [0.8, 0.8, 2]);
    assert.ok(meshInVoxels);
    const mesh = placeMesh(meshInVoxels, affine);
    for (const along of DIRECTIONS) {
      const line = { from: center, along, reachMm: 120 };
      const near = subtract(center, [along[0] * RADIUS, along[1] * RADIUS, along[2] * RADIUS]);
      const inVolume = pick({ ...line, volume, surfaces: [], cuts: [] });
      assert.ok(inVolume && norm(subtract(inVolume, near)) < 2, `volume, ${along}: ${inVolume}, near side ${near}`);
      const onSurface = pick({ ...line, volume: null, surfaces: [{ mesh, opacity: 1 }], cuts: [] });
      assert.ok(onSurface && norm(subtract(onSurface, near)) < 2, `surface, ${along}: ${onSurface}`);
      const all = crossings(mesh, center, along);
      assert.deepEqual(
        all.map(({ into }) => into),
        [true, false],
        'in and out again',
      );
      const projected = pick({
        ...line,
        volume: { ...volume, kind: 'most', table: transferTable(mip, UNSHAPED, HU_DOMAIN) },
        surfaces: [],
        cuts: [],
      });
      assert.ok(projected && norm(subtract(projected, center)) < RADIUS + 1);
    }
  });

  test(`what is cut away is not found; the face of a cut is (${name})`, () => {
    const { center, labels } = made(affine);
    const meshInVoxels = surfaceOf(labels, DIMS, 1, [20, 8, 6, 40, 28, 22], [0.8, 0.8, 2]);
    assert.ok(meshInVoxels);
    const mesh = placeMesh(meshInVoxels, affine);
    const plane = { origin: center, right: [1, 0, 0], down: [0, 0, -1], normal: [0, 1, 0] } as const;
    const back = planeHalfSpace({ plane: 'coronal', keep: 1 }, plane);
    assert.ok(back);
    const line = { from: center, along: [0, 1, 0] as const, reachMm: 120, volume: null };
    const face = pick({ ...line, surfaces: [{ mesh, opacity: 1 }], cuts: [back] });
    assert.ok(face && norm(subtract(face, center)) < 1e-6, `${face}`);
    const extent = extentOf(affine, DIMS);
    const leftSide = BOX_SIDES.find(({ letter }) => letter === 'L');
    assert.ok(leftSide);
    const part = (extent.highest[0] - center[0] + RADIUS + 2) / (extent.highest[0] - extent.lowest[0]);
    const gone = boxHalfSpaces(withCut(WHOLE_BOX, leftSide, part), extent);
    assert.equal(pick({ ...line, surfaces: [{ mesh, opacity: 1 }], cuts: gone }), null);
  });
}

test('glass is looked through where something lies in it', () => {
  const affine = AFFINES.straight;
  assert.ok(affine);
  const { center, labels } = made(affine);
  const shell = surfaceOf(
    Uint8Array.from(labels, (_, n) => (n % 48 > 4 && n % 48 < 44 ? 1 : 0)),
    DIMS,
    1,
    [5, 0, 0, 44, 40, 30],
    [0.8, 0.8, 2],
  );
  const ball = surfaceOf(labels, DIMS, 1, [20, 8, 6, 40, 28, 22], [0.8, 0.8, 2]);
  assert.ok(shell && ball);
  const surfaces = [
    { mesh: placeMesh(shell, affine), opacity: 0.3 },
    { mesh: placeMesh(ball, affine), opacity: 1 },
  ];
  const line = { from: center, along: [0, 1, 0] as const, reachMm: 120, volume: null, cuts: [] };
  const found = pick({ ...line, surfaces });
  assert.ok(found && Math.abs(found[1] - (center[1] - RADIUS)) < 2, `${found}`);
  const alone = pick({ ...line, surfaces: surfaces.slice(0, 1) });
  assert.ok(alone && alone[1] < center[1] - RADIUS - 3);
});
