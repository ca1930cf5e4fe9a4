import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxAbout, boxAfter, type Corners } from './box-keys.ts';

const press = (key: string, more: object = {}) => ({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...more });
const same = (direction: readonly [number, number]) => direction;

test('a box about the middle, moved and made larger by arrows, never off the image', () => {
  const box = boxAbout([60, 30], 120, 60);
  assert.deepEqual(
    [box.from, box.to],
    [
      [55, 25],
      [65, 35],
    ],
  );
  assert.deepEqual(boxAfter(box, press('ArrowLeft'), 120, 60, same), { from: [54, 25], to: [64, 35] });
  assert.deepEqual(boxAfter(box, press('ArrowDown', { shiftKey: true }), 120, 60, same), {
    from: [55, 35],
    to: [65, 45],
  });
  assert.deepEqual(boxAfter(box, press('ArrowRight', { ctrlKey: true }), 120, 60, same), {
    from: [55, 25],
    to: [66, 35],
  });
  assert.equal(boxAfter(box, press('Enter'), 120, 60, same), null);
  let at: Corners = box;
  for (let n = 0; n < 20; n++) at = boxAfter(at, press('ArrowUp', { shiftKey: true }), 120, 60, same) ?? at;
  assert.deepEqual(
    [at.from, at.to],
    [
      [55, 0],
      [65, 10],
    ],
  );
  for (let n = 0; n < 20; n++)
    at = boxAfter(at, press('ArrowLeft', { ctrlKey: true, shiftKey: true }), 120, 60, same) ?? at;
  assert.deepEqual(at.to, [57, 10], 'two pixels stay');
});

test('arrows mean the screen: a mirrored image moves the other way', () => {
  const box = boxAbout([60, 30], 120, 60);
  const mirrored = ([x, y]: readonly [number, number]) => [-x, y] as const;
  assert.deepEqual(boxAfter(box, press('ArrowRight'), 120, 60, mirrored)?.from, [54, 25]);
});

test('at the edge of the image the box is within it', () => {
  assert.deepEqual(boxAbout([0, 59], 120, 60), { from: [0, 50], to: [10, 60] });
  assert.deepEqual(boxAbout([1, 1], 6, 6), { from: [0, 0], to: [4, 4] });
});
