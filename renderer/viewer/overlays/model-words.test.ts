import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overlay } from '../../../preload/contract/index.ts';
import { modelWords } from './model-words.ts';

const common = { seriesId: 's', createdAt: '2026-01-01T00:00:00.000Z', title: 'Marks' } as const;
const model = { kind: 'model', package: 'organs', version: '0.2.0', jobId: 'j' } as const;
const labels = [
  { value: 1, name: 'Liver', code: null, color: [1, 2, 3], voxels: 9, volumeMl: null, bounds: null },
] as const;
const labelmap = (id: string, more: Partial<Extract<Overlay, { kind: 'labelmap' }>> = {}): Overlay => ({
  kind: 'labelmap',
  ...common,
  id,
  maker: model,
  dims: [4, 4, 4],
  labels: [...labels],
  ...more,
});
const boxes: Overlay = { kind: 'boxes', ...common, id: 'b', maker: model, boxes: [] };
const marks = (overlays: readonly Overlay[], hidden: readonly string[] = []) => ({
  overlays,
  isShown: (id: string, value: number | null = null) => !hidden.includes(id) && !hidden.includes(`${id}:${value}`),
});

test('a model is named once, with all that it has marked', () => {
  assert.deepEqual(modelWords(marks([labelmap('a'), boxes, labelmap('c')]), 's'), [
    'Labels, boxes: organs 0.2.0',
    'Not for clinical use',
  ]);
});

test('nothing is said where no model has marked anything that is shown here', () => {
  assert.deepEqual(modelWords(marks([labelmap('a')]), 'other'), []);
  assert.deepEqual(modelWords(marks([labelmap('a')], ['a']), 's'), []);
  assert.deepEqual(modelWords(marks([labelmap('a')], ['a:1']), 's'), []);
  assert.deepEqual(
    modelWords(
      marks([labelmap('a', { maker: { kind: 'reader' } }), labelmap('f', { maker: { kind: 'file', seriesId: 's' } })]),
      's',
    ),
    [],
  );
});

test('labels that a reader has made of those of a model still name it, also while the first are hidden', () => {
  const edited = { source: { overlayId: 'a', title: 'Organs' }, current: null };
  assert.deepEqual(
    modelWords(marks([labelmap('a'), labelmap('e', { maker: { kind: 'reader' }, edited })], ['a']), 's'),
    ['Labels: organs 0.2.0, edited', 'Not for clinical use'],
  );
});
