import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayBirth, displayName } from './patient.ts';

test('names are split at carets and component groups', () => {
  assert.equal(displayName('Doe^Jane^M^Dr^PhD'), 'Doe, Dr Jane M, PhD');
  assert.equal(displayName('Doe'), 'Doe');
  assert.equal(displayName('Yamada^Tarou=山田^太郎=やまだ^たろう'), 'Yamada, Tarou (山田 太郎)');
  assert.equal(displayName('=山田^太郎'), '山田 太郎');
  assert.equal(displayName(''), 'Name unknown');
});

test('the age is that on the day of the study', () => {
  assert.equal(displayBirth({ birthDate: '1958-03-02' }, '2026-03-01'), '1958-03-02 (67 y)');
  assert.equal(displayBirth({ birthDate: '1958-03-02' }, '2026-03-02'), '1958-03-02 (68 y)');
  assert.equal(displayBirth({ birthDate: '2025-01-31' }, '2026-01-30'), '2025-01-31 (11 mo)');
  assert.equal(displayBirth({ birthDate: '2025-01-31' }, null), '2025-01-31');
  assert.equal(displayBirth({ birthDate: '2027-01-01' }, '2026-01-30'), '2027-01-01');
  assert.equal(displayBirth({ birthDate: null }, '2026-01-30'), 'unknown');
});
