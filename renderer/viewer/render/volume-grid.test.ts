import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HU_DOMAIN, transferTable, UNSHAPED, volumePresets } from '../view/transfer.ts';
import {
  BLOCK,
  halfBits,
  halfValue,
  highestOfBlocks,
  occupiedBlocks,
  reductionFor,
  reductionWords,
  VolumeGrid,
} from './volume-grid.ts';

test('half floats are the nearest, and their bits lie in the order of the numbers', () => {
  let last = -1;
  for (let n = 0; n <= 4000; n++) {
    const value = n / 4000;
    const bits = halfBits(value);
    assert.ok(bits >= last);
    last = bits;
    // 11 bits of mantissa: of 4096 HU no more than 1 HU is lost.
    assert.ok(Math.abs(halfValue(bits) - value) <= 2 ** -12, `${value} is ${halfValue(bits)}`);
  }
  assert.deepEqual([halfBits(0), halfBits(1), halfBits(0.5), halfValue(0x3800)], [0, 0x3c00, 0x3800, 0.5]);
});

test('a volume is reduced only as far as it must be, the finest direction first', () => {
  const enough = { side: 2048, bytes: 1e9 };
  assert.deepEqual(reductionFor([512, 512, 300], [0.7, 0.7, 1], enough), [1, 1, 1]);
  assert.deepEqual(reductionFor([512, 512, 3000], [0.7, 0.7, 0.5], { side: 2048, bytes: 4e9 }), [1, 1, 2]);
  const small = reductionFor([512, 512, 300], [0.7, 0.7, 2], { side: 2048, bytes: 80e6 });
  assert.equal(small[2], 1);
  assert.ok(Math.ceil(512 / small[0]) * Math.ceil(512 / small[1]) * 300 * 2 <= 80e6);
  assert.equal(reductionWords([2, 2, 1]), 'reduced 2x2x1');
  assert.equal(reductionWords([1, 1, 1]), '');
});

const values = (dims: readonly [number, number, number], hu: (i: number, j: number, k: number) => number) =>
  Array.from({ length: dims[2] }, (_, k) =>
    Int16Array.from({ length: dims[0] * dims[1] }, (_, n) => hu(n % dims[0], Math.floor(n / dims[0]), k)),
  );

test('texels are the voxels, or the means of those that they stand for, with each image in its own units', () => {
  const dims = [11, 7, 5] as const;
  const hu = (i: number, j: number, k: number): number => i * 40 + j * 11 - k * 90;
  const frames = values(dims, (i, j, k) => hu(i, j, k) + 1000 - k);
  const frameAt = (k: number) => {
    const pixels = frames[k];
    return pixels ? { pixels, scaling: { slope: 1, intercept: -1000 + k, padding: undefined } } : null;
  };
  const texelOf = (bits: number): number => HU_DOMAIN[0] + halfValue(bits) * (HU_DOMAIN[1] - HU_DOMAIN[0]);
  const whole = new VolumeGrid(dims, [1, 1, 1], HU_DOMAIN);
  for (let k = 0; k < 5; k++) {
    const slice = whole.slice(k, frameAt);
    assert.ok(slice);
    for (let n = 0; n < 77; n++)
      assert.ok(Math.abs(texelOf(slice[n] ?? 0) - hu(n % 11, Math.floor(n / 11), k)) <= 1, `${n} of ${k}`);
  }
  const reduced = new VolumeGrid(dims, [2, 3, 2], HU_DOMAIN);
  assert.deepEqual(reduced.size, [6, 3, 3]);
  const last = reduced.slice(2, frameAt);
  assert.ok(last);
  // The last texel has one voxel along each direction.
  assert.ok(Math.abs(texelOf(last[5 + 6 * 2] ?? 0) - hu(10, 6, 4)) <= 1);
  const mean = (hu(2, 3, 4) + hu(3, 3, 4) + hu(2, 4, 4) + hu(3, 4, 4) + hu(2, 5, 4) + hu(3, 5, 4)) / 6;
  assert.ok(Math.abs(texelOf(last[1 + 6 * 1] ?? 0) - mean) <= 1);
  assert.equal(
    reduced.slice(1, () => null),
    null,
  );
});

test('no block is stepped over that has a voxel with opacity in it or next to it', () => {
  const dims = [24, 24, 24] as const;
  for (const spot of [
    [8, 8, 8],
    [7, 12, 16],
    [0, 23, 23],
  ] as const) {
    const frames = values(dims, (i, j, k) => (i === spot[0] && j === spot[1] && k === spot[2] ? 1500 : -1000));
    const grid = new VolumeGrid(dims, [1, 1, 1], HU_DOMAIN);
    for (let k = 0; k < 24; k++)
      grid.slice(k, (at) => ({
        pixels: frames[at] ?? new Int16Array(),
        scaling: { slope: 1, intercept: 0, padding: undefined },
      }));
    const bone = volumePresets('HU').find(({ id }) => id === 'bone');
    assert.ok(bone);
    const occupied = occupiedBlocks(grid, transferTable(bone, UNSHAPED, HU_DOMAIN));
    const highest = highestOfBlocks(grid);
    for (let block = 0; block < 27; block++) {
      const at = [block % 3, Math.floor(block / 3) % 3, Math.floor(block / 9)];
      // What interpolation can bring into the block: its own voxels and one about them.
      const within = spot.every((voxel, n) => voxel >= (at[n] ?? 0) * BLOCK - 1 && voxel <= ((at[n] ?? 0) + 1) * BLOCK);
      assert.equal(occupied[block] === 255, within, `${spot} in block ${at}`);
      assert.equal((highest[block] ?? 0) > 100, within);
    }
  }
});
