/** npm run build: the window's files, for the host and for Electron (--electron adds the desktop application's bundles). */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');
const BUILD = join(REPOSITORY, '.build');
export const RENDERER = join(BUILD, 'renderer');
const STAMP = 'built-from.txt';

/** What the window is built from: the import law allows it nothing else. */
const SOURCES = ['renderer/**/*', 'preload/**/*', 'models/kit/**/*', 'package-lock.json'];
const NOT_BUILT = /\.(test\.ts|md|tsbuildinfo)$/;

const sourceHash = (): string => {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !NOT_BUILT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file.slice(REPOSITORY.length)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
};

/** The stamp: what it was built from, then the names of its parts, a line each. */
const stampLines = (): string[] => {
  const stamp = join(RENDERER, STAMP);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : [];
};

/** Whether .build/renderer is there and made from the sources as they are. */
export const rendererIsFresh = (): boolean => stampLines()[0] === sourceHash();

/** A window that is open loads parts of its own build later: they stay for this long after another has come. */
const KEPT_MS = 24 * 3_600_000;

/** Parts of earlier builds, by how long they have not been in use. */
const removeEarlierParts = async (keptMs: number): Promise<void> => {
  const [, ...present] = stampLines();
  const assets = join(RENDERER, 'assets');
  for (const name of await readdir(assets)) {
    if (present.includes(name)) continue;
    const found = await stat(join(assets, name)).catch(() => null);
    if (found && Date.now() - found.mtimeMs >= keptMs) await rm(join(assets, name), { force: true });
  }
};

/**
 * Builds beside the old files, adds the new parts (their names carry a hash of their content) and changes the page
 * last, in one step: a host under way never serves half a page, and windows that are open find their own parts.
 */
const buildRenderer = async (): Promise<void> => {
  const { build } = await import('vite');
  const hash = sourceHash();
  const made = join(BUILD, `renderer-${process.pid}`);
  await mkdir(BUILD, { recursive: true });
  try {
    await build({
      configFile: join(REPOSITORY, 'renderer', 'vite.config.ts'),
      configLoader: 'native',
      logLevel: 'warn',
      build: { outDir: made },
    });
    const parts = await readdir(join(made, 'assets'));
    await writeFile(join(made, STAMP), [hash, ...parts].join('\n'));
    // Those of the build that is replaced count from now.
    const [, ...replaced] = stampLines();
    const now = new Date();
    for (const name of replaced) await utimes(join(RENDERER, 'assets', name), now, now).catch(() => {});
    await mkdir(join(RENDERER, 'assets'), { recursive: true });
    for (const part of parts) await rename(join(made, 'assets', part), join(RENDERER, 'assets', part));
    await rename(join(made, 'index.html'), join(RENDERER, 'index.html'));
    await rename(join(made, STAMP), join(RENDERER, STAMP));
    await removeEarlierParts(KEPT_MS);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
};

/** Worker processes by name, each a bundle of its own. */
export const ENTRIES = globSync('*.ts', { cwd: join(REPOSITORY, 'main', 'process', 'entries') })
  .filter((name) => !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .sort();

/**
 * The desktop application's own code, without its packages: those stay in node_modules, where native files and fonts
 * are found by name. index.js owns windows, backend.js is the backend, entry-*.js the workers, preload.cjs the preload.
 */
export const buildElectron = async (): Promise<void> => {
  const { build } = await import('vite');
  const made = join(BUILD, `electron-${process.pid}`);
  const source = (path: string): string => join(REPOSITORY, path);
  const common = { configFile: false, logLevel: 'warn', root: REPOSITORY } as const;
  const output = { outDir: made, target: 'node24', minify: false, sourcemap: false } as const;
  try {
    await build({
      ...common,
      ssr: { external: true },
      build: {
        ...output,
        ssr: true,
        emptyOutDir: true,
        rolldownOptions: {
          input: {
            index: source('main/electron/index.ts'),
            backend: source('main/electron/backend.ts'),
            ...Object.fromEntries(ENTRIES.map((name) => [`entry-${name}`, source(`main/process/entries/${name}.ts`)])),
          },
          external: ['electron'],
          output: {
            format: 'es',
            entryFileNames: '[name].js',
            // Beside the entries: paths that are relative to a file must hold in every chunk.
            chunkFileNames: 'part-[hash].js',
            // Imports are evaluated in order: what untrusted bytes meet has no network from its first line.
            banner: (chunk) => (chunk.isEntry && chunk.name.startsWith('entry-') ? "import './no-network.cjs';" : ''),
          },
        },
      },
    });
    await build({
      ...common,
      build: {
        ...output,
        emptyOutDir: false,
        lib: { entry: source('preload/index.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
        rolldownOptions: { external: ['electron'] },
      },
    });
    await copyFile(source('main/process/no-network.cjs'), join(made, 'no-network.cjs'));
    await rm(join(BUILD, 'electron'), { recursive: true, force: true });
    await rename(made, join(BUILD, 'electron'));
  } finally {
    await rm(made, { recursive: true, force: true });
  }
};

/** The same in a process of its own: compiling takes seconds of the processor, and the host must go on answering. */
const apart = (...flags: string[]): Promise<void> =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...flags], {
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
export const buildRendererApart = (): Promise<void> => apart();
/** Both, and the window only where it is not fresh. */
export const buildElectronApart = (): Promise<void> => apart('--electron');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const electron = process.argv.includes('--electron');
  if (!electron || !rendererIsFresh()) await buildRenderer();
  if (electron) {
    // Installers take what is there: nothing of earlier builds.
    await removeEarlierParts(0);
    await buildElectron();
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`built in ${seconds} s: .build/renderer${electron ? ', .build/electron' : ''}`);
}
