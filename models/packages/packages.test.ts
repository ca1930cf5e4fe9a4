/** Each shipped package: whole, golden on both sides, and better than what knows nothing on phantoms that it never saw. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tensor } from '../onnxruntime.ts';
import type { z } from 'zod';
import type { Affine, Vec3 } from '../kit/geometry.ts';
import { type GoldenSamples, type GoldenTensor, Manifest } from '../kit/manifest.ts';
import { preparePhotograph } from '../kit/steps/fundus.ts';
import { prepareImage } from '../kit/steps/image.ts';
import { networkGrid, resampleToNetwork, volumeSteps } from '../kit/steps/volume.ts';
import { readVocabulary, tokenIds } from '../kit/text/tokens.ts';
import { drawnFor, figures } from './acceptance.ts';
import { load, run, runWriter } from './run.ts';
import { zeroTwin } from './zero-twin.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const manifestOf = (name: string): Manifest =>
  Manifest.parse(JSON.parse(readFileSync(join(HERE, name, 'manifest.json'), 'utf8')));

const filesBelow = (folder: string, at = ''): string[] =>
  readdirSync(join(folder, at), { withFileTypes: true }).flatMap((entry) => {
    const path = at === '' ? entry.name : `${at}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });

const ARRAYS = {
  float32: Float32Array,
  int64: BigInt64Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const;
/** Values of a golden file. */
const golden = (name: string, tensor: z.infer<typeof GoldenTensor>): Float32Array | BigInt64Array => {
  const file = readFileSync(join(HERE, name, tensor.path));
  const bytes = new Uint8Array(file).buffer;
  const stored = new ARRAYS[tensor.type](bytes);
  assert.equal(
    stored.length,
    tensor.dims.reduce((a, b) => a * b, 1),
  );
  return stored instanceof BigInt64Array ? stored : Float32Array.from(stored, (v) => v * tensor.scale + tensor.offset);
};
const tensorOf = (name: string, tensor: z.infer<typeof GoldenTensor>): Tensor => {
  const values = golden(name, tensor);
  return values instanceof BigInt64Array
    ? new Tensor('int64', values, tensor.dims)
    : new Tensor('float32', values, tensor.dims);
};
const holds = (
  what: string,
  told: Float32Array,
  dims: readonly number[],
  expected: z.infer<typeof GoldenSamples>,
): void => {
  assert.deepEqual([...dims], expected.dims, what);
  for (const [index, value] of expected.samples) {
    const own = told[index] ?? Number.NaN;
    assert.ok(Math.abs(own - value) <= expected.tolerance, `${what}[${index}]: ${own}, not ${value}`);
  }
};

test('the packages that Sightline needs are there', () => {
  const tasks = new Set(names.map((name) => manifestOf(name).pipeline.task));
  for (const task of ['detection', 'embedding', 'report-generation', 'segmentation'] as const)
    assert.ok(tasks.has(task), task);
});

for (const name of names) {
  const folder = join(HERE, name);

  test(`${name}: every file is listed with its size and hash, and the card says what must be said`, () => {
    const manifest = manifestOf(name);
    assert.equal(manifest.name, name);
    const listed = manifest.files.map((file) => file.path).sort();
    assert.deepEqual(
      filesBelow(folder)
        .filter((path) => path !== 'manifest.json')
        .sort(),
      listed,
    );
    for (const file of manifest.files) {
      assert.equal(statSync(join(folder, file.path)).size, file.bytes, file.path);
      assert.equal(
        createHash('sha256')
          .update(readFileSync(join(folder, file.path)))
          .digest('hex'),
        file.sha256,
        file.path,
      );
    }
    const card = readFileSync(join(folder, 'card.md'), 'utf8');
    assert.match(card, /not for clinical use/i);
    assert.match(card, /trained on/i);
    assert.ok(manifest.figures.length > 0);
  });

  test(`${name}: steps, tokens and network give the numbers that the recipe wrote down`, async () => {
    const manifest = manifestOf(name);
    const { pipeline } = manifest;
    const loaded = await load(folder);
    const feeds = Object.fromEntries(
      Object.entries(manifest.golden.inputs).map(([input, tensor]) => [input, tensorOf(name, tensor)]),
    );
    assert.deepEqual(Object.keys(feeds).sort(), Object.keys(pipeline.network.inputs).sort());
    const answers = await run(loaded, feeds);
    for (const [output, expected] of Object.entries(manifest.golden.outputs)) {
      const answer = answers[output];
      assert.ok(answer, output);
      holds(output, answer.data, answer.dims, expected);
    }
    const { steps, writer } = manifest.golden;
    assert.equal(writer !== undefined, 'writer' in pipeline, 'a second network has a golden of its own');
    if (writer) {
      const given = Object.fromEntries(
        Object.entries(writer.inputs).map(([input, tensor]) => [input, tensorOf(name, tensor)]),
      );
      const written = await runWriter(loaded, given);
      for (const [output, expected] of Object.entries(writer.outputs)) {
        const answer = written[output];
        assert.ok(answer, output);
        holds(output, answer.data, answer.dims, expected);
      }
    }
    if (pipeline.task === 'detection' || pipeline.task === 'segmentation' || pipeline.task === 'grading')
      assert.ok(steps, 'an imaging package has golden steps');
    if (steps && (pipeline.task === 'detection' || pipeline.task === 'report-drafting')) {
      const [rows = 0, columns = 0] = steps.image.dims;
      const stored = golden(name, steps.image) as Float32Array;
      const image = prepareImage(
        { stored, rows, columns, slope: steps.slope, intercept: steps.intercept, inverted: steps.inverted },
        pipeline.pre,
      );
      holds('the prepared image', image.data, [1, 1, image.rows, image.columns], steps.expected);
    }
    if (steps && pipeline.task === 'grading') {
      const [rows = 0, columns = 0] = steps.image.dims;
      const rgb = Uint8Array.from(golden(name, steps.image) as Float32Array);
      const photo = preparePhotograph({ rgb, rows, columns }, pipeline.pre);
      assert.ok(photo);
      holds('the prepared photograph', photo.data, [1, 3, photo.rows, photo.columns], steps.expected);
    }
    if (steps && pipeline.task === 'segmentation') {
      const [slices = 0, rows = 0, columns = 0] = steps.image.dims;
      const stored = golden(name, steps.image) as Float32Array;
      assert.ok(steps.affine);
      const grid = networkGrid([columns, rows, slices] as Vec3, steps.affine as unknown as Affine, pipeline.pre);
      const volume = resampleToNetwork(grid, (k) =>
        stored.slice(k * rows * columns, (k + 1) * rows * columns).map((v) => v * steps.slope + steps.intercept),
      );
      volumeSteps(volume, grid.dims, pipeline.pre);
      holds('the prepared volume', volume, [grid.dims[2], grid.dims[1], grid.dims[0]], steps.expected);
    }
    if ('tokenizer' in pipeline) {
      assert.ok(manifest.golden.tokens.length > 0, 'a text package has golden tokens');
      const vocabulary = readVocabulary(readFileSync(join(folder, pipeline.tokenizer.vocabulary), 'utf8'));
      for (const { text, ids } of manifest.golden.tokens)
        assert.deepEqual(tokenIds(vocabulary, text, pipeline.tokenizer.tokens.unknown), ids, text);
    }
    await loaded.session.release();
  });

  test(`${name}: beats chance and a constant on unseen phantoms, and its zero-weight twin fails the same test`, async (t) => {
    const { acceptance, pipeline } = manifestOf(name);
    const loaded = await load(folder);
    const drawn = drawnFor(acceptance);
    const own = await figures(loaded, drawn);
    await loaded.session.release();
    const { bytes, zeroed } = zeroTwin(readFileSync(join(folder, pipeline.network.file)));
    assert.ok(zeroed > 1000, 'the twin has lost its weights');
    const twin = await load(folder, bytes);
    const blind = await figures(twin, drawn);
    await twin.session.release();
    const told = { ...own, twin: blind.network, required: acceptance.required };
    t.diagnostic(`${acceptance.metric} on ${acceptance.count} phantoms: ${JSON.stringify(told)}`);
    const passes = ({ network, chance, constant }: typeof own): boolean =>
      network >= acceptance.required && network > chance && network > constant;
    assert.ok(passes(own), JSON.stringify(told));
    assert.ok(
      acceptance.required > own.chance && acceptance.required > own.constant,
      'the bar is above what knows nothing',
    );
    assert.ok(
      !passes({ ...blind, chance: own.chance, constant: own.constant }),
      `the twin passes: ${JSON.stringify(told)}`,
    );
  });
}
