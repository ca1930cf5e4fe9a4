import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gantryTiltDegrees, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import type { ImageWords } from './image.ts';
import { assembleSeries } from './series.ts';

interface Slice {
  position: Vec3;
  row?: Vec3;
  column?: Vec3;
  slope?: number;
  frameOfReference?: string;
  columns?: number;
}
const words = (slice: Slice): ImageWords => ({
  layout: {
    rows: 4,
    columns: slice.columns ?? 6,
    frames: 1,
    samples: 1,
    photometric: 'MONOCHROME2',
    bitsAllocated: 16,
    bitsStored: 16,
    highBit: 15,
    signed: true,
    planar: 0,
    format: 'int16',
    transferSyntax: '1.2.840.10008.1.2.1',
  },
  inverted: false,
  lossy: null,
  remark: '',
  frameOfReferenceUid: slice.frameOfReference ?? '1.2.3',
  frames: [
    {
      positionMm: slice.position,
      rowDirection: slice.row ?? [1, 0, 0],
      columnDirection: slice.column ?? [0, 1, 0],
      calibration: { kind: 'known', spacingMm: [0.5, 0.75], source: '' },
      slope: slice.slope ?? 1,
      intercept: -1000,
      unit: 'HU',
      windows: [],
    },
  ],
});
const assemble = (slices: readonly Slice[]) =>
  assembleSeries(slices.map((slice, n) => ({ instanceUid: `1.${n}`, instanceNumber: n + 1, words: words(slice) })));
const none = (slices: readonly Slice[]): string => {
  const { volume } = assemble(slices);
  assert.equal(volume.kind, 'none');
  return volume.kind === 'none' ? volume.reason : '';
};
const stack = (z: readonly number[]): Slice[] => z.map((at) => ({ position: [10, 20, at] }));

test('slices in any order become a volume whose slice k is frame k', () => {
  const { frames, volume, sources } = assemble(stack([7.5, 0, 5, 2.5]));
  assert.deepEqual(
    frames.map((frame) => frame.positionMm?.[2]),
    [0, 2.5, 5, 7.5],
  );
  assert.deepEqual(
    sources.map((source) => source.instance),
    [1, 3, 2, 0],
  );
  assert.ok(volume.kind === 'volume');
  assert.deepEqual(volume.dims, [6, 4, 4]);
  for (const [k, frame] of frames.entries()) {
    assert.deepEqual(voxelToPatient(volume.affineVoxelToPatient, [0, 0, k]), frame.positionMm);
    assert.equal(frame.byteOffset, k * 6 * 4 * 2);
  }
  // Spacing is between rows first: one step along a row is the second number.
  assert.deepEqual(voxelToPatient(volume.affineVoxelToPatient, [1, 0, 0]), [10.75, 20, 0]);
  assert.deepEqual(voxelToPatient(volume.affineVoxelToPatient, [0, 1, 0]), [10, 20.5, 0]);
});

test('rounded positions are even; a missing or doubled slice is not', () => {
  assert.equal(assemble(stack([0, 1.2, 2.5, 3.8, 5, 6.2, 7.5])).volume.kind, 'volume');
  assert.match(none(stack([0, 1, 2, 4, 5])), /uneven gaps: 1 \/ 2 mm/);
  assert.match(none(stack([0, 1.14, 5.36, 12.74])), /uneven gaps: 1.14 \/ 4.22 \/ 7.38 mm/);
  assert.match(none(stack([0, 1, 1, 2, 3])), /same position/);
  assert.match(none(stack([0, 1])), /only 2 images/);
});

test('a gantry’s tilt is in the grid, a tilted but upright stack has none', () => {
  const tilt = (12 * Math.PI) / 180;
  const column: Vec3 = [0, Math.cos(tilt), -Math.sin(tilt)];
  const sheared = Array.from({ length: 10 }, (_, k): Slice => ({ position: [0, 0, k * 5], column }));
  const { volume, frames } = assemble(sheared);
  assert.ok(volume.kind === 'volume');
  assert.ok(Math.abs(gantryTiltDegrees(volume.affineVoxelToPatient, volume.dims) - 12) < 1e-9);
  for (const [k, frame] of frames.entries())
    for (const [n, mm] of voxelToPatient(volume.affineVoxelToPatient, [0, 0, k]).entries())
      assert.ok(Math.abs(mm - (frame.positionMm?.[n] ?? Number.NaN)) < 1e-9);
  const wandering = sheared.map((slice, k) => ({ ...slice, position: [k % 2, 0, k * 5] as const }));
  assert.match(none(wandering), /shifted against each other/);
  const steep = Array.from({ length: 10 }, (_, k): Slice => ({ position: [0, k * 5, k * 5] }));
  assert.match(none(steep), /shifted against each other, by 45° all along/);
  const upright = Array.from(
    { length: 10 },
    (_, k): Slice => ({ position: [0, k * 5 * Math.sin(tilt), k * 5 * Math.cos(tilt)], column }),
  );
  const straight = assemble(upright).volume;
  assert.ok(straight.kind === 'volume');
  assert.equal(gantryTiltDegrees(straight.affineVoxelToPatient, straight.dims), 0);
});

test('images that do not belong together are no volume', () => {
  const even = stack([0, 1, 2, 3]);
  const change = (n: number, how: Partial<Slice>): Slice[] =>
    even.map((slice, i) => (i === n ? { ...slice, ...how } : slice));
  assert.match(none(change(1, { row: [0, 1, 0], column: [0, 0, 1] })), /different directions/);
  assert.match(none(change(0, { columns: 5 })), /size/);
  assert.match(none(change(1, { frameOfReference: '9.9' })), /frames of reference/);
  assert.match(none(change(1, { position: [11, 20, 1] })), /shifted/);
});

test('a frame of reference of its own for every single image says nothing', () => {
  const { volume, frameOfReferenceUid } = assemble(
    stack([0, 1, 2]).map((slice, n) => ({ ...slice, frameOfReference: `9.${n}` })),
  );
  assert.equal(volume.kind, 'volume');
  assert.equal(frameOfReferenceUid, null);
});

test('slices with a rescale of their own become a volume of modality values', () => {
  const { volume, frames, sources } = assemble(stack([0, 1, 2]).map((slice, n) => ({ ...slice, slope: n + 1 })));
  assert.ok(volume.kind === 'volume');
  assert.deepEqual([volume.format, volume.slope, volume.intercept], ['float32', 1, 0]);
  assert.deepEqual(
    frames.map((frame) => [frame.format, frame.slope, frame.intercept, frame.byteOffset]),
    [0, 96, 192].map((offset) => ['float32', 1, 0, offset]),
  );
  assert.deepEqual(
    sources.map((source) => source.rescale?.slope),
    [1, 2, 3],
  );
});
