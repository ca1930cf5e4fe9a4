import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberTyped, type OwnWindow, ownWindowsFor, readOwnWindows, troubleOf } from './own-windows.ts';

const own = (more: Partial<OwnWindow>): OwnWindow => ({
  id: '1',
  name: 'Stroke',
  modality: 'CT',
  unit: 'HU',
  center: 35,
  width: 30,
  ...more,
});

test('what is stored is read back, and what is not understood is left out', () => {
  const two = [own({}), own({ id: '2', function: 'SIGMOID', name: 'Soft' })];
  assert.deepEqual(readOwnWindows(JSON.stringify(two)), two);
  assert.deepEqual(readOwnWindows(JSON.stringify([{ ...own({}), width: 0 }, two[1], 'x'])), [two[1]]);
  for (const text of [null, '', '{', '{}', '7']) assert.deepEqual(readOwnWindows(text), []);
});

test('a window is offered where modality and unit are its own', () => {
  const all = [
    own({}),
    own({ id: '2', modality: '' }),
    own({ id: '3', unit: '', modality: '' }),
    own({ id: '4', modality: 'MR' }),
  ];
  const ids = (modality: string, unit: string) => ownWindowsFor(all, modality, unit).map(({ id }) => id);
  assert.deepEqual(ids('CT', 'HU'), ['1', '2']);
  assert.deepEqual(ids('MR', ''), ['3']);
  assert.deepEqual(ids('CT', ''), ['3']);
});

test('what cannot be kept is said', () => {
  assert.equal(troubleOf([own({}), own({ id: '2', modality: 'MR' })]), null);
  assert.match(troubleOf([own({}), own({ id: '2', name: ' stroke ' })]) ?? '', /same name/);
  assert.match(troubleOf([own({ name: ' ' })]) ?? '', /needs a name/);
  assert.match(troubleOf([own({ width: -3 })]) ?? '', /width/);
  assert.match(troubleOf([own({ center: Number.NaN })]) ?? '', /level/);
});

test('numbers are taken as they are typed on any keyboard', () => {
  assert.deepEqual(
    ['-600', ' 1500 ', '0,5', '1e3', '+7', '\u2212160'].map(numberTyped),
    [-600, 1500, 0.5, 1000, 7, -160],
  );
  assert.deepEqual(['', '-', '1,5,2', 'ten', '1e999'].map(numberTyped), [null, null, null, null, null]);
});
