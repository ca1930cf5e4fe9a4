import assert from 'node:assert/strict';
import test from 'node:test';
import {
  killEdits,
  killExports,
  killImports,
  killMarking,
  killMeasuring,
  killMigrations,
  killSigning,
  killStrokes,
} from './checks.ts';

/** A few of each in every run; test/long has a hundred. */
const KILLS = 3;
for (const [name, kill] of Object.entries({
  killEdits,
  killSigning,
  killMeasuring,
  killMarking,
  killExports,
  killImports,
  killStrokes,
  killMigrations,
}))
  test(`${name}: what was acknowledged is there, once`, async () => {
    assert.equal((await kill(KILLS)).kills, KILLS);
  });
