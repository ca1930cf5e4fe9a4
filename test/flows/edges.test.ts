import { test } from 'node:test';
import { hasMesa } from '../chromium.ts';
import { assertEdges, comparedText, compareEdges } from '../overlay/edges.ts';
import { noBrowser } from './app.ts';

/** test/long has every zoom and turn. */
const WAYS = [
  { zoomIns: 0, flipped: false, quarterTurns: 0 },
  { zoomIns: 3, flipped: true, quarterTurns: 1 },
] as const;
const renderer = hasMesa() ? 'llvmpipe' : 'swiftshader';

test('labels lie on their voxels to the pixel, in stack and planes, zoomed, turned and mirrored', async (t) => {
  const missing = noBrowser();
  if (missing !== null) return t.skip(missing);
  const sum = await compareEdges(renderer, WAYS, 3);
  console.log(comparedText(renderer, sum));
  assertEdges(sum, 60);
});
