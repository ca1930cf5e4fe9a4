import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

it('npm run check: types, components, lint and format', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('./check.ts', import.meta.url))],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  );
  assert.equal(status, 0, `${stdout.slice(0, 8000)}${stderr.slice(0, 2000)}`);
});
