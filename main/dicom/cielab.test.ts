import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cieLabOfRgb, rgbOfCieLab } from './cielab.ts';

test('a colour written is the colour read', () => {
  for (let r = 0; r < 256; r += 15)
    for (let g = 0; g < 256; g += 15)
      for (let b = 0; b < 256; b += 15) assert.deepEqual(rgbOfCieLab(cieLabOfRgb([r, g, b])), [r, g, b]);
  assert.deepEqual(cieLabOfRgb([0, 0, 0]).slice(0, 1), [0]);
  assert.equal(rgbOfCieLab([1, 2]), null);
});

test('white and red are where others have them', () => {
  // CIELab (D50) of sRGB red: 54.29, 80.81, 69.89.
  const [l, a, b] = cieLabOfRgb([255, 0, 0]);
  assert.ok(Math.abs((l / 65_535) * 100 - 54.29) < 0.02);
  assert.ok(Math.abs((a / 65_535) * 255 - 128 - 80.81) < 0.05);
  assert.ok(Math.abs((b / 65_535) * 255 - 128 - 69.89) < 0.05);
  const [white] = cieLabOfRgb([255, 255, 255]);
  assert.ok(Math.abs(white - 65_535) <= 1);
});
