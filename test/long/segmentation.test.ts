import assert from 'node:assert/strict';
import test from 'node:test';
import { roundTrips, tallyText } from '../segmentation/roundtrip.ts';

const COUNT = 200;
test(`${COUNT} random segmentations come back voxel by voxel`, async () => {
  const tally = await roundTrips(COUNT);
  console.log(tallyText(COUNT, tally));
  assert.equal(tally.exact, COUNT);
});
