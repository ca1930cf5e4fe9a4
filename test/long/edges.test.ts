import { test } from 'node:test';
import { hasMesa } from '../chromium.ts';
import { noBrowser } from '../flows/app.ts';
import { assertEdges, comparedText, compareEdges } from '../overlay/edges.ts';

const WAYS = [0, 2, 5].flatMap((zoomIns) =>
  [false, true].flatMap((flipped) =>
    ([0, 1, 2, 3] as const).map((quarterTurns) => ({ zoomIns, flipped, quarterTurns })),
  ),
);

for (const renderer of ['swiftshader', 'llvmpipe'] as const)
  test(`labels lie on their voxels to the pixel on ${renderer}, at every zoom and turn`, async (t) => {
    const missing = noBrowser() ?? (renderer === 'llvmpipe' && !hasMesa() ? 'no Mesa here' : null);
    if (missing !== null) return t.skip(missing);
    const sum = await compareEdges(renderer, WAYS, 3);
    console.log(comparedText(renderer, sum));
    assertEdges(sum, 60);
  });
