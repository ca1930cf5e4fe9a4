/** npm run check: types of the five projects, the window's components, lint and format. --write formats instead. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** A package's own program, run by this Node: npx may be another's. */
const program = (name: string, bin: string): string => join(dirname(require.resolve(`${name}/package.json`)), bin);

const write = process.argv.includes('--write');
const steps: { name: string; args: string[] }[] = [
  ...(write
    ? []
    : [
        {
          name: 'types',
          args: [
            program('@typescript/native-preview', 'bin/tsgo'),
            '-b',
            ...['preload', 'models', 'main', 'renderer', 'test'],
          ],
        },
        {
          name: 'components',
          args: [
            program('svelte-check', 'bin/svelte-check'),
            '--tsconfig',
            'renderer/tsconfig.svelte.json',
            '--fail-on-warnings',
            '--output',
            'human',
          ],
        },
      ]),
  {
    name: write ? 'format' : 'lint and format',
    args: [program('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', ...(write ? ['--write'] : []), '.'],
  },
];

let failed = 0;
for (const { name, args } of steps) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: REPOSITORY, encoding: 'utf8' });
  const good = status === 0;
  if (!good) {
    failed += 1;
    console.log(`${stdout}${stderr}`);
  }
  console.log(`${good ? '✔' : '✖'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
process.exit(failed > 0 ? 1 : 0);
