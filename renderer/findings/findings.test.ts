import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyWords, type Fitting } from './findings.svelte.ts';

const fitting = (title: string, hasRun: boolean): Fitting => ({
  seriesId: 's',
  name: title,
  title,
  byItself: true,
  hasRun,
});

test('an empty list of findings says whether any model has looked', () => {
  assert.match(emptyWords([], false), /No model here reads these images/);
  assert.match(emptyWords([fitting('Chest', false)], false), /No model has looked/);
  assert.match(
    emptyWords([fitting('Chest', true), fitting('Retina', false)], false),
    /^Chest marked nothing\. That is no/,
  );
  assert.match(emptyWords([fitting('Chest', true), fitting('Chest', true)], true), /are looking/);
});
