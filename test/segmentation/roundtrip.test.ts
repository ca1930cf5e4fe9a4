import assert from 'node:assert/strict';
import test from 'node:test';
import { roundTrips, tallyText } from './roundtrip.ts';

/** test/long has two hundred. */
const COUNT = 20;
test(`${COUNT} random segmentations come back voxel by voxel`, async () => {
  const tally = await roundTrips(COUNT);
  console.log(tallyText(COUNT, tally));
  assert.equal(tally.exact, COUNT);
  assert.ok(tally.overlapping > 2 && tally.emptyFrames > 2);
});
