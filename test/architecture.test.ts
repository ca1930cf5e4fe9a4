import assert from 'node:assert/strict';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commands } from '../main/cli/index.ts';
import { importsOf, sourcesOf, violations } from './import-law.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');

/** One wrong import for each law: where it is written, what it names, the law that must speak. */
const PLANTED: readonly (readonly [file: string, imported: string, law: RegExp])[] = [
  // between the top folders
  ['renderer/ui/planted.ts', '../../main/backend.ts', /contract and the kit only/],
  ['renderer/viewer/Planted.svelte', '../../main/outside.ts', /contract and the kit only/],
  ['renderer/models/planted.ts', '../../models/tasks/index.ts', /contract and the kit only/],
  ['renderer/session/planted.ts', '../../preload/index.ts', /contract and the kit only/],
  ['main/planted.ts', '../renderer/backend/index.ts', /does not import the window/],
  ['main/studies/planted.ts', '../../preload/index.ts', /does not import the window/],
  ['models/kit/planted.ts', '../../main/outside.ts', /terms of the contract only/],
  ['models/tasks/planted.ts', '../../preload/contract/rpc.ts', /terms of the contract only/],
  ['preload/contract/planted.ts', '../../models/kit/geometry.ts', /preload imports its contract only/],
  ['main/planted.ts', '../test/chromium.ts', /only tests import tests/],
  ['main/planted.ts', '../../elsewhere.ts', /outside the repository/],
  // inside main
  ['main/host/planted.ts', '../studies/rows.ts', /through its index\.ts only/],
  ['main/drafting/planted.ts', '../knowledge/priors.ts', /through its index\.ts only/],
  ['main/reports/planted.ts', '../host/index.ts', /imports a shell/],
  ['main/backend.ts', './cli/index.ts', /imports a shell/],
  ['main/store/planted.ts', '../studies/index.ts', /types of outside only/],
  ['main/dicom/planted.ts', '../store/index.ts', /types of outside only/],
  ['main/process/planted.ts', '../dicom/index.ts', /types of outside only/],
  ['main/settings/planted.ts', '../backend.ts', /does not know how it is built/],
  ['main/host/planted.ts', 'electron', /only main\/electron imports electron/],
  // inside the window
  ['renderer/report/planted.ts', '../viewer/index.ts', /a screen never imports a screen/],
  ['renderer/session/planted.ts', '../worklist/index.ts', /does not know screens/],
  ['renderer/ui/planted.ts', '../session/index.ts', /ui imports nothing/],
  ['renderer/backend/planted.ts', '../shell/index.ts', /imports nothing of the window/],
  ['renderer/ratings/planted.ts', '../backend/index.ts', /through its session/],
  ['renderer/viewer/planted.ts', 'node:fs', /has no Node/],
  ['renderer/viewer/planted.ts', 'electron', /only main\/electron/],
  ['models/packages/planted.ts', 'onnxruntime-node', /which silences it/],
  // inside models
  ['models/kit/planted.ts', 'node:fs', /the kit is pure/],
  ['models/kit/planted.ts', '../tasks/index.ts', /the kit imports nothing of models/],
  ['models/tasks/planted.ts', '../packages/planted.ts', /tasks do not know packages/],
  ['preload/contract/terms/planted.ts', 'node:crypto', /zod and nothing else/],
];

describe('the import law', () => {
  let copy = '';
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'sightline-law-'));
    for (const file of sourcesOf(REPOSITORY)) {
      mkdirSync(join(copy, dirname(file)), { recursive: true });
      copyFileSync(join(REPOSITORY, file), join(copy, file));
    }
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  it('is kept by every source file', () => {
    assert.deepEqual(violations(REPOSITORY), []);
  });

  for (const [file, imported, law] of PLANTED) {
    it(`speaks where ${file} imports ${imported}`, () => {
      const path = join(copy, file);
      mkdirSync(dirname(path), { recursive: true });
      let original: string | null = null;
      try {
        original = readFileSync(path, 'utf8');
      } catch {
        // A new file.
      }
      const line = `import type { Planted } from '${imported}';\n`;
      writeFileSync(
        path,
        file.endsWith('.svelte') ? `<script lang="ts">\n${line}</script>\n` : line + (original ?? ''),
      );
      try {
        const broken = violations(copy).filter((one) => one.file === file && one.imported === imported);
        assert.equal(broken.length, 1);
        assert.match(broken[0]?.law ?? '', law);
      } finally {
        if (original === null) rmSync(path);
        else writeFileSync(path, original);
      }
    });
  }

  it('sees every form of import, and none in comments', () => {
    const text = [
      "import a from './a.ts';",
      "import './b.ts';",
      "import { type C,\n  d } from './c.ts';",
      "import type E from './e.ts';",
      "export * from './f.ts';",
      "export { g } from './g.ts';",
      "const h = await import('./h.ts');",
      "const i = require('./i.cjs');",
      "new Worker(new URL('./j.ts', import.meta.url));",
      "// import k from './k.ts'",
      "/* import l from './l.ts' */",
    ].join('\n');
    assert.deepEqual(importsOf(text), [
      './a.ts',
      './b.ts',
      './c.ts',
      './e.ts',
      './f.ts',
      './g.ts',
      './h.ts',
      './i.cjs',
      './j.ts',
    ]);
  });

  it('notices where the kit speaks to Node or a page', () => {
    const path = join(copy, 'models/kit/planted.ts');
    writeFileSync(path, 'export const x = process.cwd();\n');
    assert.ok(violations(copy).some((one) => /neither Node nor a page/.test(one.law)));
    rmSync(path);
  });
});

describe('written lists', () => {
  /** What grows by a folder or a file, and the list beside it that must name each. */
  const LISTS: readonly (readonly [kind: string, pattern: string, list: string])[] = [
    ['viewer tool', 'renderer/viewer/tools/*/index.ts', 'renderer/viewer/tools/index.ts'],
    ['export format', 'main/exports/formats/*/index.ts', 'main/exports/formats/index.ts'],
    ['migration', 'main/store/migrations/[0-9]*.ts', 'main/store/migrations/index.ts'],
    ['command', 'main/cli/commands/*.ts', 'main/cli/index.ts'],
  ];
  const missing = (files: readonly string[], list: string, text: string): string[] => {
    const named = importsOf(text).map((imported) => posix.join(posix.dirname(list), imported));
    return files.filter((file) => !file.endsWith('.test.ts') && !named.includes(file));
  };
  for (const [kind, pattern, list] of LISTS) {
    it(`name every ${kind}`, () => {
      const files = globSync(pattern, { cwd: REPOSITORY }).map((file) => file.replaceAll('\\', '/'));
      const text = readFileSync(join(REPOSITORY, list), 'utf8');
      assert.ok(files.length > 2, pattern);
      assert.deepEqual(missing(files, list, text), []);
      const planted = posix.join(posix.dirname(files[0] ?? ''), 'planted.ts');
      assert.deepEqual(missing([...files, planted], list, text), [planted]);
    });
  }

  it('name every command that has a file', async () => {
    const files = globSync('main/cli/commands/*.ts', { cwd: REPOSITORY });
    const listed = await Promise.all(
      files.map(async (file) => Object.values((await import(join(REPOSITORY, file))) as Record<string, unknown>)),
    );
    assert.equal(files.length, commands.length);
    for (const made of listed) assert.ok(made.some((value) => (commands as readonly unknown[]).includes(value)));
  });
});

describe('the window’s markup', () => {
  /** What the content security policy would refuse at run time, or what could run a patient's text. */
  const REFUSED: readonly (readonly [name: string, pattern: RegExp])[] = [
    ['a style attribute written out', /\sstyle="[^"{]*"/],
    ['an inline handler', /\son[a-z]+="[^"{]*"/],
    ['an inline script', /<script(?![^>]*\b(?:lang|src|module)\b)[^>]*>/],
    ['a style block in a page', /<style/],
    ['raw HTML', /\{@html|innerHTML|insertAdjacentHTML|document\.write/],
    ['evaluated text', /\beval\(|new Function\(/],
  ];
  const found = (file: string, text: string): string[] =>
    REFUSED.filter(
      ([name, pattern]) => !(name.includes('style block') && file.endsWith('.svelte')) && pattern.test(text),
    ).map(([name]) => `${file}: ${name}`);

  it('has nothing that its content policy refuses', () => {
    const files = [
      ...globSync(['renderer/**/*.{svelte,html}', 'main/host/start/*.{html,js}'], { cwd: REPOSITORY }),
      ...sourcesOf(REPOSITORY).filter((file) => file.startsWith('renderer/') && file.endsWith('.ts')),
    ];
    assert.ok(files.length > 50);
    assert.deepEqual(
      files.flatMap((file) => found(file, readFileSync(join(REPOSITORY, file), 'utf8'))),
      [],
    );
  });

  it('would be seen to have it', () => {
    const wrong =
      '<div style="color: red" onclick="go()">{@html text}</div><script>eval("1")</script><style>a{}</style>';
    assert.equal(found('x.html', wrong).length, REFUSED.length);
    assert.deepEqual(
      found('x.svelte', '<script lang="ts"></script><div style={look} style:top={y}></div><style></style>'),
      [],
    );
  });
});
