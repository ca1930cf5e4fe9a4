/**
 * npm test: everything that this machine can check, in at most 12 minutes. The last line is always
 * `N passed, N failed, N skipped`. --long runs test/long instead; a path runs only the files that contain it.
 */
import { globSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildRendererApart, rendererIsFresh } from '../main/build.ts';
import { findChromium, HOW_TO_GET, launchFlags } from './chromium.ts';
import { conditions } from './conditions.ts';
import { isPermitted, readPermittedSkips } from './skips.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');
const ofFiles = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const long = process.argv.includes('--long');
const CONCURRENCY = 2;
const FILE_LIMIT_MS = long ? 4 * 3_600_000 : 300_000;

const permitted = readPermittedSkips(readFileSync(new URL('./permitted-skips.json', import.meta.url), 'utf8'));
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const fail = (what: string, why: string): void => {
  counts.failed += 1;
  failures.push(`✖ ${what}\n${why.replace(/^/gm, '    ')}`);
  console.log(`✖ ${what}`);
};

/** An assertion's message and the lines of our own code; the runner's own frames say nothing. */
const told = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return (cause.stack ?? cause.message)
    .split('\n')
    .filter((line) => !line.includes('node:internal'))
    .join('\n');
};

const runFiles = async (files: readonly string[], concurrency: number): Promise<void> => {
  if (files.length === 0) return;
  const started = new Map<string, number>();
  const stream = run({
    files: files.map((file) => resolve(REPOSITORY, file)),
    concurrency,
    timeout: FILE_LIMIT_MS,
    cwd: REPOSITORY,
  });
  for await (const { type, data } of stream as AsyncIterable<{ type: string; data: Report }>) {
    const file = data.file ? relative(REPOSITORY, data.file).replaceAll('\\', '/') : '';
    if (type === 'test:stderr' && process.env.SIGHTLINE_DEBUG) process.stderr.write(String(data.message));
    // What tests print are figures and pictures' names: kept.
    if (type === 'test:stdout' && data.message?.trim()) process.stdout.write(data.message);
    if (type === 'test:dequeue' && data.nesting === 0) started.set(data.name, performance.now());
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isSuite = data.details?.type === 'suite';
    const isFile = resolve(REPOSITORY, data.name) === data.file && data.nesting === 0;
    const name = `${file}: ${data.name}`;
    if (data.skip !== undefined) {
      if (isPermitted(permitted, { file, test: data.name, says: String(data.skip) })) {
        counts.skipped += 1;
        console.log(`- ${name} (skipped: ${typeof data.skip === 'string' ? data.skip : 'no word'})`);
      } else fail(name, `skipped (${data.skip}), and test/permitted-skips.json does not permit that here`);
    } else if (data.todo !== undefined) fail(name, 'a test that is still to be written');
    else if (type === 'test:fail') {
      // A suite fails because a test in it did, which is counted already; alone it fails where its hooks do.
      const cause = data.details?.error as { failureType?: string } | undefined;
      if ((isSuite || isFile) && cause?.failureType === 'subtestsFailed') continue;
      fail(name, told(data.details?.error));
    } else if (!isSuite && !isFile) {
      counts.passed += 1;
      const seconds = (data.details?.duration_ms ?? 0) / 1000;
      console.log(`✔ ${name}${seconds >= 5 ? ` (${seconds.toFixed(1)} s)` : ''}`);
    }
  }
};

interface Report {
  name: string;
  nesting: number;
  file?: string;
  skip?: string | boolean;
  todo?: string | boolean;
  message?: string;
  details?: { type?: string; duration_ms?: number; error?: unknown };
}

/** With CI=true the machine must be able to show what the workstation draws. */
const requireBrowser = async (): Promise<void> => {
  const executablePath = findChromium();
  if (!executablePath) return fail('a Chromium is required where CI=true', HOW_TO_GET);
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: launchFlags() });
  try {
    const page = await browser.newPage();
    const renderer = await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      return gl ? String(gl.getParameter(gl.VERSION)) : null;
    });
    if (!renderer) return fail('WebGL2 is required where CI=true', `${executablePath} has none`);
    counts.passed += 1;
    console.log(`✔ Chromium with WebGL2: ${executablePath} (${renderer})`);
  } finally {
    await browser.close();
  }
};

const started = performance.now();
try {
  const patterns = long
    ? ['test/long/**/*.test.ts']
    : [
        'main/**/*.test.ts',
        'models/**/*.test.ts',
        'preload/**/*.test.ts',
        'renderer/**/*.test.ts',
        'test/**/*.test.ts',
      ];
  const files = [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY })))]
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => long || !file.startsWith('test/long/'))
    .filter((file) => ofFiles.length === 0 || ofFiles.some((part) => file.includes(part)))
    .sort();
  // What draws or times itself has the machine to itself.
  const alone = files.filter((file) => /^test\/(flows|visual|bench)\//.test(file));
  const together = files.filter((file) => !alone.includes(file));
  if (conditions['no shared data folder']())
    console.log('The shared data folder is absent: tests on real studies are skipped.');
  const chromium = findChromium();
  if (chromium) process.env.CHROMIUM = chromium;
  else console.log(HOW_TO_GET);
  if (process.env.CI === 'true' && ofFiles.length === 0) await requireBrowser();
  if (alone.length > 0 && !rendererIsFresh()) await buildRendererApart();
  await runFiles(together, CONCURRENCY);
  await runFiles(alone, 1);
  if (counts.passed + counts.failed + counts.skipped === 0) fail('no test was found', ofFiles.join(' '));
} catch (error) {
  fail('the run itself', told(error));
}
if (failures.length > 0) console.log(`\n${failures.join('\n\n')}\n`);
console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
