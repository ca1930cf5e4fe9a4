import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Manifest } from '../../models/kit/manifest.ts';
import { describe, findPackages } from './packages.ts';
import { writePackage } from './test-packages.ts';

const root = mkdtempSync(join(tmpdir(), 'sightline-packages-'));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const folder = (): string => mkdtempSync(join(root, `${count++}-`));
const only = async (at: string) => {
  const [found, ...others] = await findPackages([at]);
  assert.ok(found);
  assert.equal(others.length, 0);
  return describe(found);
};

test('a whole package is described from its manifest and card', async () => {
  const at = folder();
  writePackage(at, 'tiny', 'segment');
  const shown = await only(at);
  assert.equal(shown.refused, null);
  assert.equal(shown.task, 'segmentation');
  assert.match(shown.card, /For tests/);
  assert.ok(shown.bytes > 200);
});

const REFUSED: readonly (readonly [string, (own: string) => void, RegExp])[] = [
  [
    'a changed file of the same size',
    (own) => writeFileSync(join(own, 'card.md'), '# tiny\n\nFor tasts.\n'),
    /card\.md was changed/,
  ],
  ['a truncated network', (own) => truncateSync(join(own, 'segment.onnx'), 100), /segment\.onnx has 100 bytes/],
  ['a longer file', (own) => appendFileSync(join(own, 'segment.onnx'), 'x'), /segment\.onnx has/],
  ['a missing file', (own) => unlinkSync(join(own, 'card.md')), /card\.md is missing/],
  [
    'a link in the place of a file',
    (own) => {
      unlinkSync(join(own, 'card.md'));
      symlinkSync('/etc/hostname', join(own, 'card.md'));
    },
    /no plain file/,
  ],
  ['a manifest that is no JSON', (own) => writeFileSync(join(own, 'manifest.json'), '{'), /no JSON/],
];
for (const [what, spoil, why] of REFUSED)
  test(`refused: ${what}`, async () => {
    const at = folder();
    spoil(writePackage(at, 'tiny', 'segment'));
    assert.match((await only(at)).refused ?? '', why);
  });

const of = (manifest: Manifest): Record<string, unknown> & { pipeline: Record<string, unknown> } =>
  structuredClone(manifest) as never;
const CHANGED: readonly (readonly [string, (manifest: Manifest) => unknown, RegExp])[] = [
  [
    'a path out of the package',
    (m) => ({ ...m, files: [...m.files, { path: '../other/card.md', bytes: 1, sha256: 'a'.repeat(64) }] }),
    /files\.2\.path/,
  ],
  [
    'an absolute path',
    (m) => ({ ...m, files: [...m.files, { path: '/etc/passwd', bytes: 1, sha256: 'a'.repeat(64) }] }),
    /files\.2\.path/,
  ],
  [
    'a hidden segment',
    (m) => ({ ...m, files: [...m.files, { path: 'a/..b', bytes: 1, sha256: 'a'.repeat(64) }] }),
    /files\.2\.path/,
  ],
  [
    'a network that is not among the files',
    (m) => ({ ...m, pipeline: { ...of(m).pipeline, network: { ...m.pipeline.network, file: 'else.onnx' } } }),
    /else\.onnx is used but not listed/,
  ],
  [
    'a patch of a thousand voxels a side',
    (m) => ({
      ...m,
      pipeline: { ...of(m).pipeline, window: { patch: [1000, 1000, 1000], overlap: 0.25, blend: 'gaussian' } },
    }),
    /pipeline\.window\.patch/,
  ],
  [
    'steps out of order',
    (m) => ({
      ...m,
      pipeline: { ...of(m).pipeline, pre: [{ step: 'window', low: 0, high: 1 }, { step: 'modality' }] },
    }),
    /the steps are/,
  ],
  [
    'a step that is not ours',
    (m) => ({ ...m, pipeline: { ...of(m).pipeline, pre: [{ step: 'run', code: 'x' }] } }),
    /pipeline\.pre/,
  ],
  ['clinical use', (m) => ({ ...m, clinicalUse: true }), /clinicalUse/],
  [
    'two labels of one value',
    (m) => ({ ...m, labels: m.labels.map((label) => ({ ...label, value: 1 })) }),
    /same value/,
  ],
  ['another name than its folder', (m) => ({ ...m, name: 'other' }), /the folder's is tiny/],
  ['a later format', (m) => ({ ...m, format: 'sightline-model/9' }), /format/],
];
for (const [what, change, why] of CHANGED)
  test(`refused: ${what}`, async () => {
    const at = folder();
    writePackage(at, 'tiny', 'segment', change);
    assert.match((await only(at)).refused ?? '', why);
  });

test('refused: a gate that names what is no label', async () => {
  for (const [gate, why] of [
    [{ unansweredOnFilms: [], notDeniedOnFilms: ['atelectasis'] }, /the gate names atelectasis, which no label has/],
    [{ unansweredOnFilms: ['edema'] }, /the gate names edema, which no label has/],
  ] as const) {
    const at = folder();
    writePackage(at, 'tiny', 'detect', (m) => ({
      ...m,
      pipeline: { ...of(m).pipeline, gate: { frontal: 0, ap: 1, film: 2, ...gate } },
    }));
    assert.match((await only(at)).refused ?? '', why);
  }
});

test("of two packages with one name the first folder's counts", async () => {
  const [a, b] = [folder(), folder()];
  writePackage(a, 'tiny', 'segment');
  writePackage(b, 'tiny', 'detect');
  const found = (await findPackages([a, b])).map(describe);
  assert.deepEqual(
    found.map((own) => [own.task, own.refused !== null]),
    [
      ['segmentation', false],
      ['classification', true],
    ],
  );
});

test('a folder that is not there holds no packages', async () => {
  assert.deepEqual(await findPackages([join(root, 'nowhere')]), []);
});
