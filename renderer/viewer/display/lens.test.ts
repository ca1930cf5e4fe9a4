import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panned, place, toCanvas, toImage, turnedBy, UPRIGHT, zoomed } from '../view/camera.ts';
import { lensCorner, lensLook, lensMatrix } from './lens.ts';

const image = { columns: 300, rows: 200, pixelSize: [0.7, 0.9] as const };

test('the middle of the lens shows what is under the pointer, so many times larger, however the image lies', () => {
  const size = [640, 480] as const;
  const placed = [
    UPRIGHT,
    zoomed(image, panned(image, UPRIGHT, size, 40, -70), size, 2.5, [100, 90]),
    { ...turnedBy(UPRIGHT, 117), flipped: true },
  ];
  for (const presentation of placed) {
    const placement = place(image, presentation, ...size);
    const at = [233, 301] as const;
    const lens = lensLook(image, presentation, placement, at, 3, 200);
    const [x, y] = toImage(placement, ...at);
    const [cx, cy] = toCanvas(lens.placement, x, y);
    assert.ok(Math.hypot(cx - 100, cy - 100) < 1e-6, `${cx} ${cy}`);
    assert.ok(Math.abs(lens.placement.scale / placement.scale - 3) < 1e-9);
    // A point 10 pixels to the right on the view is 30 to the right in the lens.
    const [nx, ny] = toCanvas(lens.placement, ...toImage(placement, at[0] + 10, at[1] + 4));
    assert.ok(Math.abs(nx - 130) < 1e-6 && Math.abs(ny - 112) < 1e-6);
    const [scale = 0, , , , e = 0, f = 0] = (lensMatrix(placement, lens.placement).match(/-?[\d.e-]+/g) ?? []).map(
      Number,
    );
    assert.ok(Math.abs(scale * at[0] + e - 100) < 1e-6 && Math.abs(scale * at[1] + f - 100) < 1e-6);
  }
});

test('the lens stays within the view', () => {
  assert.deepEqual(lensCorner([300, 200], 600, 400, 200), [200, 100]);
  assert.deepEqual(lensCorner([10, 395], 600, 400, 200), [0, 200]);
  assert.deepEqual(lensCorner([10, 20], 150, 100, 200), [0, 0]);
});
