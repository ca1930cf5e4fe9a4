import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagsOf } from './tags.ts';

const shape = (key: string, x: number, y: number, more: { label?: string; marked?: boolean } = {}) => ({
  key,
  x,
  y,
  height: 50,
  label: 'effusion',
  marked: false,
  ...more,
});

test('words of boxes that lie on each other stand apart, the marked one’s above', () => {
  const tags = tagsOf([shape('a', 100, 100), shape('b', 102, 99, { marked: true }), shape('c', 101, 101)], 1);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => tags.get(key)?.y),
    [152, 82, 103],
  );
});

test('at the upper edge a word stands below its box, and where there is none nothing stands', () => {
  const tags = tagsOf([shape('a', 100, 5), shape('b', 300, 100, { label: '' })], 1);
  assert.deepEqual([tags.get('a')?.y, tags.has('b')], [57, false]);
});
