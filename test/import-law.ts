/** Who may import whom: the table of the README, read from the text of every source file. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';

export interface Violation {
  readonly file: string;
  readonly imported: string;
  readonly law: string;
}

const SCREENS = ['worklist', 'viewer', 'findings', 'report', 'ratings', 'knowledge', 'models', 'exports', 'settings'];
export const DOMAINS = [
  'studies',
  'segmentations',
  'measurements',
  'key-images',
  'presentations',
  'inference',
  'knowledge',
  'drafting',
  'reports',
  'ratings',
  'deidentification',
  'exports',
  'settings',
];
const SHELLS = ['electron', 'host', 'cli'];

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)|\bnew URL\(\s*['"](\.[^'"]+\.(?:ts|js|cjs|svelte))['"]/g;

/** Comments hold examples of imports, which import nothing. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');

export const importsOf = (text: string): string[] =>
  [...withoutComments(text).matchAll(IMPORT)].flatMap((match) => match.slice(1).filter((name) => name !== undefined));

const isTest = (path: string): boolean => /\.test\.ts$|(^|\/)(stand-?ins|fixtures)(\.ts|\/)/.test(path);
const first = (path: string): string => path.split('/')[0] ?? '';
const second = (path: string): string => path.split('/')[1] ?? '';
const under = (path: string, ...folders: string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** The law broken by one import inside the repository, or null. Both paths are relative to its root. */
const between = (from: string, to: string): string | null => {
  const [top, target] = [first(from), first(to)];
  if (top === 'test') return null;
  if (target === 'test') return 'only tests import tests';
  if (top === 'preload' && !under(to, 'preload/contract')) return 'preload imports its contract only';
  if (top === 'models') {
    if (target !== 'models' && !under(to, 'preload/contract/terms'))
      return 'models import the terms of the contract only';
    if (under(from, 'models/kit') && target === 'models' && !under(to, 'models/kit'))
      return 'the kit imports nothing of models';
    if (under(from, 'models/tasks') && under(to, 'models/packages')) return 'tasks do not know packages';
  }
  if (top === 'renderer') {
    if (target !== 'renderer' && !under(to, 'preload/contract', 'models/kit')) {
      return 'the window imports the contract and the kit only';
    }
    if (target === 'renderer' && !isTest(from)) return insideWindow(from, to);
  }
  if (top === 'main') {
    if (target === 'renderer' || to === 'preload/index.ts') return 'main does not import the window';
    if (target === 'main' && !isTest(from)) return insideMain(from, to);
  }
  return null;
};

const insideWindow = (from: string, to: string): string | null => {
  const [here, there] = [second(from), second(to)];
  if (here === there || !from.split('/')[2]) return null; // renderer/*.ts composes the window
  if (SCREENS.includes(there)) {
    // The written list of panes names its screens; nothing else does.
    if (from === 'renderer/shell/panes.ts') return null;
    return SCREENS.includes(here) ? 'a screen never imports a screen' : `${here} does not know screens`;
  }
  if (here === 'ui') return 'ui imports nothing of the window';
  if (here === 'backend') return 'the line to the backend imports nothing of the window';
  if (SCREENS.includes(here) && there === 'backend') return 'a screen reaches the backend through its session';
  return null;
};

const insideMain = (from: string, to: string): string | null => {
  const [here, there] = [second(from), second(to)];
  if (here === there && to.split('/')[2]) return null;
  const deep = to.split('/').length > 2;
  if (DOMAINS.includes(there) && deep && to !== `main/${there}/index.ts`) {
    // An entry is the start of a process of its own: it is given the part of a domain that runs there.
    if (!under(from, 'main/process/entries')) return 'a domain is imported through its index.ts only';
  }
  const shell = SHELLS.includes(there) && deep;
  if (shell && !SHELLS.includes(here) && from !== 'main/start.ts') return 'nothing below a shell imports a shell';
  if (['dicom', 'store', 'process', 'outside.ts'].includes(here) && !under(from, 'main/process/entries')) {
    const allowed = {
      dicom: ['outside.ts'],
      store: ['outside.ts'],
      process: ['outside.ts', 'domains.ts'],
      'outside.ts': [] as string[],
    };
    if (!(allowed[here as keyof typeof allowed] ?? []).includes(there)) return `${here} imports types of outside only`;
  }
  if (DOMAINS.includes(here) && !deep && !['domains.ts', 'outside.ts'].includes(there))
    return 'a domain does not know how it is built';
  return null;
};

/** The law broken by an import of a package or of Node. */
const ofPackage = (from: string, name: string): string | null => {
  if (first(from) === 'test' || isTest(from)) return null;
  const electron = name === 'electron' || name.startsWith('electron/');
  if (electron && !under(from, 'main/electron') && from !== 'preload/index.ts')
    return 'only main/electron imports electron';
  const node = name.startsWith('node:');
  if (under(from, 'preload') && !electron && name !== 'zod') return 'the contract needs zod and nothing else';
  if (under(from, 'models/kit') && name !== 'zod') return 'the kit is pure: no Node, no packages but zod';
  if (under(from, 'renderer') && node && from !== 'renderer/vite.config.ts') return 'the window has no Node';
  if (under(from, 'renderer') && name === 'onnxruntime-node') return 'the window runs no models';
  if (name === 'onnxruntime-node' && from !== 'models/onnxruntime.ts')
    return 'ONNX Runtime comes through models/onnxruntime.ts, which silences it';
  return null;
};

/** Names of Node and of the page that a pure core cannot speak. */
const IMPURE = /\b(?:document|window|navigator|localStorage|process|Buffer|globalThis|require)\s*[.([]/;

export const sourcesOf = (root: string): string[] =>
  globSync(
    ['preload', 'main', 'models', 'renderer', 'test'].map((top) => `${top}/**/*.{ts,svelte,cjs}`),
    { cwd: root },
  )
    .map((file) => file.replaceAll('\\', '/'))
    .sort();

export const violations = (root: string): Violation[] => {
  const found: Violation[] = [];
  for (const file of sourcesOf(root)) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const imported of importsOf(text)) {
      if (!imported.startsWith('.')) {
        const law = ofPackage(file, imported);
        if (law) found.push({ file, imported, law });
        continue;
      }
      const path = imported.replace(/[?#].*$/, '');
      const to = posix.normalize(posix.join(posix.dirname(file), path));
      const law = to.startsWith('..') ? 'nothing is imported from outside the repository' : between(file, to);
      if (law) found.push({ file, imported, law });
      // Tests write imports of files that are not there, to see them refused.
      else if (first(file) !== 'test' && !existsSync(resolve(root, dirname(file), path)))
        found.push({ file, imported, law: 'there is no such file' });
    }
    if (under(file, 'models/kit') && !isTest(file) && IMPURE.test(withoutComments(text))) {
      found.push({
        file,
        imported: IMPURE.exec(withoutComments(text))?.[0] ?? '',
        law: 'the kit is pure: neither Node nor a page',
      });
    }
  }
  return found;
};
