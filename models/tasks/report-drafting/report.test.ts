import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipelineOf } from '../../kit/manifest.ts';
import { prepareImage } from '../../kit/steps/image.ts';
import { readVocabulary } from '../../kit/text/tokens.ts';
import { reportOf, type SeenRegion, uprightFilm, writeReport } from './index.ts';

const TOKENS =
  '[pad] [unknown] [begin] [end] [separator] [sized] [unsized] [plain] [mm] [ratio] [region-0] [region-1] . a the there is nodule in left right upper zone effusion no clear'.split(
    ' ',
  );
const vocabulary = readVocabulary(TOKENS.join('\n'));
const id = (token: string): number => TOKENS.indexOf(token);
const pipeline: PipelineOf<'report-drafting'> = {
  task: 'report-drafting',
  network: { file: 'model.onnx', inputs: {}, outputs: {} },
  pre: [{ step: 'modality' }, { step: 'letterbox', size: 64 }],
  writer: { file: 'writer.onnx', inputs: {}, outputs: {} },
  tokenizer: {
    kind: 'wordpiece',
    vocabulary: 'vocabulary.txt',
    tokens: { pad: '[pad]', unknown: '[unknown]', begin: '[begin]', end: '[end]', separator: '[separator]' },
    limit: 60,
  },
  marks: { sized: '[sized]', unsized: '[unsized]', plain: '[plain]', mm: '[mm]', ratio: '[ratio]' },
  regions: [
    { token: '[region-0]', key: 'lung-nodule', name: 'Lung nodule', side: 'left' },
    { token: '[region-1]', key: 'effusion', name: 'Pleural effusion', side: 'right' },
  ],
  zones: { upper: 0.33, lower: 0.66, doubt: 0.05 },
  maxTokens: 60,
};

/** A network that wants to write these tokens in turn, whatever it is allowed. */
const wants = (text: string) => {
  const script = text.split(' ');
  return async (ids: BigInt64Array): Promise<Float32Array> => {
    const out = new Float32Array(TOKENS.length).fill(-5);
    out[id('[end]')] = 0;
    out[id('.')] = -1;
    const token = script[ids.length - 2];
    if (token !== undefined) out[id(token)] = 5;
    return out;
  };
};
const unknown = (): SeenRegion => ({ place: null, told: null });
const said = async (text: string, seenAt = unknown as (region: number) => SeenRegion): Promise<string[]> =>
  (await writeReport(pipeline, vocabulary, true, seenAt, wants(text))).map(
    ({ region, ids }) => `${region ?? '-'}: ${ids.map((one) => TOKENS[one]).join(' ')}`,
  );

test('sentences come one by one, each with its region or none', async () => {
  assert.deepEqual(await said('[region-0] a nodule . [plain] no effusion . [end]'), [
    '0: a nodule .',
    '-: no effusion .',
  ]);
});

test('a region is spoken of once and in order, and a plain sentence is not said twice', async () => {
  assert.deepEqual(await said('[region-1] effusion . [plain] clear . [plain] clear . [region-1] effusion . [end]'), [
    '1: effusion .',
    '-: clear .',
  ]);
  assert.deepEqual(await said('[region-1] effusion . [region-0] a nodule . [end]'), ['1: effusion .']);
});

test('regions that are to be told come before all else, and those that are not are not spoken of', async () => {
  const seenAs =
    (...told: (boolean | null)[]) =>
    (region: number): SeenRegion => ({ place: null, told: told[region] ?? null });
  // the sentence that the writer has in mind for its own mark stands at another one
  const text = '[plain] effusion . [plain] clear . [end]';
  assert.deepEqual(await said(text, seenAs(true, false)), ['0: effusion .', '-: clear .']);
  assert.deepEqual(await said(text, seenAs(true, true)), ['0: effusion .', '1: clear .']);
  assert.deepEqual(await said('[region-0] a nodule . [end] effusion . [end]', seenAs(null, true)), [
    '0: a nodule .',
    '1: effusion .',
  ]);
  assert.deepEqual(await said('[region-0] a nodule . [region-1] effusion . [end]', seenAs(false, true)), [
    '1: a nodule .',
  ]);
});

test('no mark inside a sentence, no three words twice, and what does not end is left out', async () => {
  const [line] = await said('[region-0] a nodule in the left [plain] a nodule in the left . [end]');
  assert.ok(line?.startsWith('0: a nodule in the left'), line);
  assert.doesNotMatch(line ?? '', /\[plain\]|a nodule in.*a nodule in/);
  const endless = async (): Promise<Float32Array> => {
    const out = new Float32Array(TOKENS.length).fill(-9);
    for (const token of ['[plain]', 'a', 'the', 'left', 'right']) out[id(token)] = Math.sin(id(token));
    out[id('.')] = -20;
    return out;
  };
  const ends = await writeReport({ ...pipeline, maxTokens: 12 }, vocabulary, true, unknown, endless);
  assert.deepEqual(ends, []);
});

test('numbers that are no numbers are refused', async () => {
  await assert.rejects(
    writeReport(pipeline, vocabulary, true, unknown, async () => new Float32Array(3)),
    RangeError,
  );
  await assert.rejects(
    writeReport(pipeline, vocabulary, true, unknown, async () => new Float32Array(TOKENS.length).fill(Number.NaN)),
    RangeError,
  );
});

const known = { kind: 'known', spacingMm: [2, 2], source: 'test' } as const;
/** A film of 64 by 32 pixels; the nodule lies in the upper zone, on the right of the network's picture. */
const draft = async (
  rowDirection: [number, number, number] | null,
  text: string,
  calibration: Parameters<typeof reportOf>[1]['frame']['calibration'] = known,
) => {
  const frame = { columns: 64, rows: 32, rowDirection, calibration };
  const stored = Float32Array.from({ length: 64 * 32 }, (_, n) => n % 64);
  const film = uprightFilm(stored, frame);
  const image = prepareImage({ ...frame, stored: film.stored, slope: 1, intercept: 0, inverted: false }, pipeline.pre);
  const places = Float32Array.from([40, 20, 46, 26, 0.9, 0.2, 4, 30, 20, 44, 0.8, 0.9]);
  const seen = {
    places: { data: places, dims: [1, 2, 6] },
    chest: { data: Float32Array.from([32, 0.5]), dims: [1, 2] },
  };
  const [sentence] = await reportOf(seen, { frame, image, mirrored: film.mirrored }, pipeline, vocabulary, wants(text));
  return { sentence, first: image.data[16 * 64] };
};

test('a size is measured, not written; without millimetres the sentence that wants one is not said', async () => {
  const text = '[region-0] there is a [mm] nodule in the left upper zone . [end]';
  const { sentence } = await draft([1, 0, 0], text);
  assert.equal(sentence?.text, 'There is a 12 mm nodule in the left upper zone.');
  assert.deepEqual(sentence?.finding?.measurements, [{ name: 'largest diameter', value: 12, unit: 'mm' }]);
  assert.equal(sentence?.finding?.place, 'left upper zone');
  // 32 rows lie in the middle of the square
  assert.deepEqual(sentence?.finding?.box, [40, 4, 46, 10]);
  assert.equal((await draft([1, 0, 0], text, { kind: 'unknown', reason: 'test' })).sentence, undefined);
});

test('a sentence names no other place than that of its region', async () => {
  const lines = await writeReport(
    pipeline,
    vocabulary,
    true,
    (region) => ({ place: ['left upper zone', 'right hemithorax'][region] ?? null, told: null }),
    wants(
      '[region-0] a nodule in the right upper zone . [region-1] there is a left effusion . [plain] left is clear . [end]',
    ),
  );
  const texts = lines.map(({ ids }) => ids.map((one) => TOKENS[one]).join(' '));
  assert.ok(!texts[0]?.includes('right') && texts[0]?.includes('upper zone'), texts[0]);
  assert.ok(!texts[1]?.includes('left'), texts[1]);
  assert.equal(texts[2], 'left is clear .');
});

test('where a box is wider than what it holds, the size is told smaller', async () => {
  const frame = { columns: 64, rows: 32, rowDirection: [1, 0, 0] as [number, number, number], calibration: known };
  const image = prepareImage(
    { ...frame, stored: new Float32Array(64 * 32), slope: 1, intercept: 0, inverted: false },
    pipeline.pre,
  );
  const seen = {
    places: { data: Float32Array.from([40, 20, 50, 26, 0.9, 0.2, 4, 30, 20, 44, 0.8, 0.9]), dims: [1, 2, 6] },
  };
  const [sentence] = await reportOf(
    seen,
    { frame, image, mirrored: false },
    { ...pipeline, diameterOfBox: 0.9 },
    vocabulary,
    wants('[region-0] there is a [mm] nodule . [end]'),
  );
  assert.equal(sentence?.text, 'There is an 18 mm nodule.');
});

test('what measures more than 30 mm is a mass, whatever the network calls it', async () => {
  const text = '[region-0] a nodule in the left zone . [end]';
  const wide = { kind: 'known', spacingMm: [6, 6], source: 'test' } as const;
  assert.equal((await draft([1, 0, 0], text, wide)).sentence?.text, 'A mass in the left zone.');
  assert.equal((await draft([1, 0, 0], text)).sentence?.text, 'A nodule in the left zone.');
  // as it is told: 30.4 mm are 30 mm
  const just = { kind: 'known', spacingMm: [5.07, 5.07], source: 'test' } as const;
  assert.equal((await draft([1, 0, 0], text, just)).sentence?.text, 'A nodule in the left zone.');
});

test('a region is told where its probability reaches the least for it, whatever the writer would say', async () => {
  const withLeast = (...least: number[]) => ({
    ...pipeline,
    regions: pipeline.regions.map((region, n) => ({ ...region, least: least[n] })),
  });
  const toldBy = async (own: typeof pipeline, text = '[region-1] clear . [end]'): Promise<(string | undefined)[]> => {
    const frame = { columns: 64, rows: 32, rowDirection: [1, 0, 0] as [number, number, number], calibration: known };
    const image = prepareImage(
      { ...frame, stored: new Float32Array(64 * 32), slope: 1, intercept: 0, inverted: false },
      pipeline.pre,
    );
    const places = Float32Array.from([40, 20, 46, 26, 0.5, 0.2, 4, 30, 20, 44, 0.25, 0.9]);
    const sentences = await reportOf(
      { places: { data: places, dims: [1, 2, 6] }, chest: { data: Float32Array.from([32, 0.5]), dims: [1, 2] } },
      { frame, image, mirrored: false },
      own,
      vocabulary,
      wants(text),
    );
    return sentences.map(({ finding }) => finding?.key);
  };
  assert.deepEqual(await toldBy(pipeline), ['effusion']);
  assert.deepEqual(await toldBy(withLeast(0.5, 0.3)), ['lung-nodule']);
  assert.deepEqual(await toldBy(withLeast(0.6, 0.25)), ['effusion']);
  assert.deepEqual(await toldBy(withLeast(0.6, 0.3)), []);
  // of two regions of one finding the lesser needs more
  const two = '[region-0] clear . [region-1] clear . [end]';
  const both = { ...pipeline, regions: withLeast(0.2, 0.2).regions.map((one) => ({ ...one, key: 'effusion' })) };
  assert.deepEqual(await toldBy(both, two), ['effusion', 'effusion']);
  const beside = { ...both, regions: both.regions.map((one) => ({ ...one, leastBeside: 0.3 })) };
  assert.deepEqual(await toldBy(beside, two), ['effusion']);
});

test("a film that shows the patient's right on image right is turned about, and its boxes back", async () => {
  const text = '[region-0] a nodule in the left upper zone . [end]';
  const { sentence, first } = await draft([-1, 0, 0], text);
  assert.equal(first, 63);
  assert.equal(sentence?.finding?.side, 'left');
  assert.deepEqual(sentence?.finding?.box, [18, 4, 24, 10]);
});

test('a film that does not say how it lies gives no side and no zone', async () => {
  const { sentence } = await draft(null, '[region-0] a nodule in the left upper zone . [end]');
  assert.equal(sentence?.finding?.side, null);
  assert.equal(sentence?.finding?.place, '');
});
