/** npm run build: the window's files, for the host and for Electron (--electron adds the desktop application's bundles). */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');
const BUILD = join(REPOSITORY, '.build');
export const RENDERER = join(BUILD, 'renderer');
const STAMP = 'built-from.txt';

/** What the window is built from: the import law allows it nothing else. */
const SOURCES = ['renderer/**/*', 'preload/**/*', 'models/kit/**/*', 'package-lock.json'];
const NOT_BUILT = /\.(test\.ts|md|tsbuildinfo)$/;

export const sourceHash = (): string => {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !NOT_BUILT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file.slice(REPOSITORY.length)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
};

/** Whether .build/renderer is there and made from the sources as they are. */
export const rendererIsFresh = (): boolean => {
  const stamp = join(RENDERER, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash();
};

/** Builds beside the old files and then changes places, so that a host under way never serves half a page. */
export const buildRenderer = async (): Promise<void> => {
  const { build } = await import('vite');
  const hash = sourceHash();
  const made = join(BUILD, `renderer-${process.pid}`);
  const old = join(BUILD, `renderer-old-${process.pid}`);
  await mkdir(BUILD, { recursive: true });
  try {
    await build({
      configFile: join(REPOSITORY, 'renderer', 'vite.config.ts'),
      configLoader: 'native',
      logLevel: 'warn',
      build: { outDir: made },
    });
    await writeFile(join(made, STAMP), hash);
    await rename(RENDERER, old).catch(() => {});
    await rename(made, RENDERER);
  } finally {
    await rm(made, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
};

/** The same in a process of its own: compiling takes seconds of the processor, and the host must go on answering. */
export const buildRendererApart = (): Promise<void> =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8');
    });
    child.on('error', fail);
    child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`The window could not be built.\n${errors}`))));
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  await buildRenderer();
  console.log(`window built in ${((performance.now() - started) / 1000).toFixed(1)} s: .build/renderer`);
}
