import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region } from '../../preload/contract/index.ts';
import { regionGroups } from './region-groups.ts';

const box = (frameIndex: number, x: number): Region => ({
  kind: 'box',
  seriesId: 's',
  instanceUid: `1.${frameIndex}`,
  frameIndex,
  box: [x, 0, x + 1, 1],
});
const label: Region = {
  kind: 'label',
  seriesId: 's',
  instanceUid: '1',
  frameIndex: 0,
  overlayId: 'o',
  value: 1,
  bounds: null,
};

test('a few boxes have a chip each, many on one image share one, labels never do', () => {
  assert.deepEqual(regionGroups([]), []);
  assert.deepEqual(regionGroups([box(0, 1), box(0, 2), box(0, 3)]), [[0], [1], [2]]);
  assert.deepEqual(regionGroups([box(0, 1), box(1, 1), box(0, 2), box(0, 3), box(0, 4)]), [[0, 2, 3, 4], [1]]);
  assert.deepEqual(regionGroups([label, label, label, label]), [[0], [1], [2], [3]]);
});
