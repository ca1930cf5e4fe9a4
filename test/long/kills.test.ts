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
  tallyText,
} from '../kills/checks.ts';

const KILLS = 100;
const kinds = {
  edit: killEdits,
  sign: killSigning,
  measure: killMeasuring,
  mark: killMarking,
  export: killExports,
  import: killImports,
  draw: killStrokes,
  migrate: killMigrations,
} as const;

for (const [act, kill] of Object.entries(kinds))
  test(`${KILLS} kills: ${act}`, async () => {
    const tally = await kill(KILLS);
    console.log(tallyText(act as keyof typeof kinds, tally));
    assert.equal(tally.kills, KILLS);
    assert.ok(tally.inside >= KILLS / 10 || act === 'import', `${tally.inside} kills inside a transaction`);
  });
