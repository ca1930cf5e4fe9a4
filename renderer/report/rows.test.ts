import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region, Section, Sentence } from '../../preload/contract/index.ts';
import { after, sectionRows, speaker, stepped } from './rows.ts';

const sentence = (id: string, section: Section, regions: Region[] = []): Sentence => ({
  id,
  section,
  text: id,
  kind: 'finding',
  regions,
  score: null,
  evidence: [],
  findingKey: '',
  side: null,
  decision: 'undecided',
  draftText: id,
  draftRegions: regions,
});
const label = (value: number, bounds: [number, number, number, number, number, number] | null): Region => ({
  kind: 'label',
  seriesId: 's',
  overlayId: 'o',
  value,
  bounds,
  frameIndex: 3,
  instanceUid: '1.2',
});

test('sections stand in their order and a begun sentence in its place', () => {
  const sections = sectionRows(
    [sentence('i', 'impression'), sentence('a', 'findings'), sentence('b', 'findings')],
    [
      { id: 'new', section: 'findings', beforeId: 'b' },
      { id: 'last', section: 'impression', beforeId: null },
    ],
  );
  assert.deepEqual(
    sections.map(({ rows }) => rows.map((row) => row.sentence.id).join(' ')),
    ['', '', '', 'a new b', 'i last'],
  );
  assert.equal(after(sections, 'a'), 'b');
  assert.equal(after(sections, 'b'), null);
});

test('a step up or down names the sentence to stand before, and ends at the section', () => {
  const sections = sectionRows(
    ['a', 'b', 'c'].map((id) => sentence(id, 'findings')),
    [],
  );
  assert.deepEqual(stepped(sections, 'a', 1), { section: 'findings', beforeId: 'c' });
  assert.deepEqual(stepped(sections, 'b', 1), { section: 'findings', beforeId: null });
  assert.deepEqual(stepped(sections, 'c', -1), { section: 'findings', beforeId: 'b' });
  assert.equal(stepped(sections, 'a', -1), undefined);
  assert.equal(stepped(sections, 'c', 1), undefined);
});

test('the sentence of a clicked component is the one with that component, not another of the same label', () => {
  const whole = sentence('whole', 'findings', [label(2, null)]);
  const one = sentence('one', 'findings', [label(2, [0, 0, 0, 5, 5, 5])]);
  const two = sentence('two', 'findings', [label(2, [50, 50, 0, 60, 60, 5])]);
  assert.equal(speaker([whole, one, two], label(2, [50, 50, 0, 60, 60, 5]))?.id, 'two');
  assert.equal(speaker([whole, one, two], label(2, [51, 51, 1, 52, 52, 2]))?.id, 'two');
  assert.equal(speaker([whole, one, two], label(2, [80, 80, 0, 90, 90, 5]))?.id, 'whole');
  assert.equal(speaker([one, two], label(3, null)), null);
  assert.equal(speaker([{ ...two, decision: 'deleted' }], label(2, [50, 50, 0, 60, 60, 5])), null);
});
