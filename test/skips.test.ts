import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { isPermitted, type PermittedSkip, readPermittedSkips } from './skips.ts';

const entry: PermittedSkip = {
  file: 'test/flows/*',
  test: '*',
  condition: 'no Chromium',
  reason: 'flows need a browser',
};

it('permits a skip only where it is listed and its reason holds here', () => {
  const skip = { file: 'test/flows/thread.test.ts', test: 'any', says: 'no Chromium here' };
  assert.ok(isPermitted([entry], skip, () => true));
  assert.ok(!isPermitted([entry], skip, () => false), 'the thing is there');
  assert.ok(!isPermitted([entry], { ...skip, file: 'main/a.test.ts' }, () => true), 'another file');
  assert.ok(!isPermitted([{ ...entry, test: 'one' }], skip, () => true), 'another test');
  assert.ok(isPermitted([{ ...entry, says: 'Chromium' }], skip, () => true));
  assert.ok(!isPermitted([{ ...entry, says: 'shared data' }], skip, () => true), 'skipped for something else');
  assert.ok(!isPermitted([], skip, () => true), 'not listed');
});

it('reads the list of permitted skips, each with a reason and a condition that can be looked at', () => {
  const list = readPermittedSkips(readFileSync(new URL('./permitted-skips.json', import.meta.url), 'utf8'));
  assert.ok(list.length > 0);
  assert.throws(() => readPermittedSkips(JSON.stringify([{ ...entry, condition: 'never mind' }])));
  assert.throws(() => readPermittedSkips(JSON.stringify([{ ...entry, reason: '' }])));
});
