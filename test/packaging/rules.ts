/** What electron-builder.yml takes into the application, by its own rules: patterns in order, the last that fits decides. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { matchesGlob, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');

export interface BuilderConfig {
  readonly files: readonly string[];
  readonly asarUnpack: readonly string[];
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly electronVersion: string;
  readonly linux: { readonly target: readonly { readonly target: string }[] };
  readonly win: { readonly target: readonly { readonly target: string }[] };
  readonly mac: { readonly target: readonly { readonly target: string }[] };
}

const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
export const builderLibrary = createRequire(builder.resolve('app-builder-lib/package.json'));

export const readConfig = (): BuilderConfig =>
  (builderLibrary('js-yaml') as { load(text: string): BuilderConfig }).load(
    readFileSync(resolve(REPOSITORY, 'electron-builder.yml'), 'utf8'),
  );

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
}
export const readLock = (): Lock => JSON.parse(readFileSync(resolve(REPOSITORY, 'package-lock.json'), 'utf8')) as Lock;

/** The folder of the package that a file of node_modules belongs to. */
export const packageOf = (file: string): string => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file;

export const isTaken = (
  config: BuilderConfig,
  lock: Lock,
  file: string,
  target: { readonly platform: string; readonly arch: string },
): boolean => {
  // Packages of "dependencies" are in unless a pattern takes them out; everything else is out unless one takes it in.
  const found = lock.packages[packageOf(file)];
  let taken = file.startsWith('node_modules/') && found !== undefined && found.dev !== true;
  for (const written of config.files) {
    const pattern = written.replace(/\$\{(platform|arch)\}/g, (_, name: 'platform' | 'arch') => target[name]);
    const out = pattern.startsWith('!');
    if (matchesGlob(file, out ? pattern.slice(1) : pattern)) taken = !out;
  }
  return taken;
};

export const isUnpacked = (config: BuilderConfig, file: string): boolean =>
  config.asarUnpack.some((pattern) => matchesGlob(file, pattern));
