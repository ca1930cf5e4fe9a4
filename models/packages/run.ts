/** A package's network run right here, through the same steps as in the application: for the tests of the packages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from '../onnxruntime.ts';
import type { Finding, Frame, SeriesImages } from '../../preload/contract/terms/index.ts';
import type { Phantom, XrayPhantom } from '../kit/phantom/index.ts';
import { Manifest } from '../kit/manifest.ts';
import { prepareImage } from '../kit/steps/image.ts';
import { readVocabulary } from '../kit/text/tokens.ts';
import { type AnswerContext, type Outputs, probabilityOf } from '../tasks/answer.ts';
import { detect, detectionFindings } from '../tasks/detection/index.ts';
import { textBatch, unitRows } from '../tasks/embedding/index.ts';
import { type ReportedSentence, reportOf, uprightFilm } from '../tasks/report-drafting/index.ts';
import { generateSentence, promptText, type SentencePrompt } from '../tasks/report-generation/index.ts';
import { segment, segmentationFindings } from '../tasks/segmentation/index.ts';

export interface Loaded {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly session: InferenceSession;
  /** The second network of a package that has one. */
  readonly writer: InferenceSession | null;
}

/** The package's own network, or the given bytes in its place. */
export const load = async (folder: string, bytes?: Uint8Array): Promise<Loaded> => {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  const options = { intraOpNumThreads: 2, logSeverityLevel: 4 } as const;
  const session = bytes
    ? await InferenceSession.create(bytes, options)
    : await InferenceSession.create(join(folder, manifest.pipeline.network.file), options);
  const { pipeline } = manifest;
  const writer = 'writer' in pipeline ? await InferenceSession.create(join(folder, pipeline.writer.file), options) : null;
  return { folder, manifest, session, writer };
};

export const run = ({ session, manifest }: Loaded, feeds: Record<string, Tensor>): Promise<Outputs> =>
  runSession(session, Object.keys(manifest.pipeline.network.outputs), feeds);

export const runWriter = ({ writer, manifest: { pipeline } }: Loaded, feeds: Record<string, Tensor>): Promise<Outputs> => {
  if (!writer || !('writer' in pipeline)) throw new Error('the package has no writer');
  return runSession(writer, Object.keys(pipeline.writer.outputs), feeds);
};

const runSession = async (
  session: InferenceSession,
  names: readonly string[],
  feeds: Record<string, Tensor>,
): Promise<Outputs> => {
  const answers = await session.run(feeds, names);
  return Object.fromEntries(
    names.map((name) => {
      const answer = answers[name];
      if (!answer || !(answer.data instanceof Float32Array)) throw new Error(`no output ${name}`);
      return [name, { data: answer.data, dims: answer.dims }];
    }),
  );
};

/** As the phantom's file would say it. */
export const frameOf = (phantom: XrayPhantom): Frame => {
  const [columns, rows] = phantom.image.dims;
  const [r, c] = phantom.detectorSpacingMm;
  return {
    index: 0,
    instanceUid: '2.25.1',
    frameNumber: 1,
    rows,
    columns,
    format: 'uint16',
    byteOffset: 0,
    byteLength: rows * columns * 2,
    positionMm: null,
    // the generator's films show the patient's left on image right
    rowDirection: [1, 0, 0],
    columnDirection: [0, 0, -1],
    calibration: {
      kind: 'known',
      spacingMm: [r / phantom.magnification, c / phantom.magnification],
      source: 'phantom',
    },
    slope: 1,
    intercept: 0,
    unit: '',
    windows: [],
    range: null,
    inverted: false,
  };
};

/** What the package says of a phantom. */
export interface Said {
  /** As the application would store them. */
  readonly findings: Finding[];
  /** Calibrated probability by label, thresholds left aside; empty where the network has no score for the whole image. */
  readonly scores: Readonly<Record<string, number>>;
  /** Label values on the phantom's grid; null where it outlines nothing. */
  readonly labels: Uint8Array | null;
}

export const findingsIn = async (loaded: Loaded, phantom: Phantom): Promise<Finding[]> =>
  (await saidOf(loaded, phantom)).findings;

export const saidOf = async (loaded: Loaded, phantom: Phantom): Promise<Said> => {
  const { manifest } = loaded;
  const { pipeline, labels } = manifest;
  const images: SeriesImages = {
    seriesId: 'series',
    frames: phantom.kind === 'xray' ? [frameOf(phantom)] : [],
    volume: { kind: 'none', reason: '' },
    frameOfReferenceUid: null,
    lossy: null,
    remark: '',
    pixelTag: 'tag',
  };
  const context: AnswerContext = {
    manifest,
    images,
    studyId: 'study',
    maker: { kind: 'model', package: manifest.name, version: manifest.version, jobId: 'job' },
    createdAt: '2026-01-01T00:00:00Z',
    idOf: (name) => name,
  };
  const [input = ''] = Object.keys(pipeline.network.inputs);
  if (pipeline.task === 'detection' && phantom.kind === 'xray') {
    const frame = frameOf(phantom);
    const image = prepareImage({ stored: phantom.image.data, ...frame }, pipeline.pre);
    const outputs = await run(loaded, {
      [input]: new Tensor('float32', image.data, [1, 1, image.rows, image.columns]),
    });
    const { findings, organs } = detect(outputs, image, frame, pipeline, labels);
    const scores = labels.flatMap((label) => {
      const logit = label.kind === 'finding' ? outputs.scores?.data[label.channel] : undefined;
      return logit === undefined ? [] : [[label.key, probabilityOf(label, logit)] as const];
    });
    return {
      findings: detectionFindings(
        { kind: 'detection', findings: [...findings], heatMaps: [], organs: null, remarks: [], unanswered: [] },
        context,
      ),
      scores: Object.fromEntries(scores),
      labels: organs,
    };
  }
  if (pipeline.task !== 'segmentation' || phantom.kind !== 'ct') throw new Error('the package reads other images');
  const { dims, affineVoxelToPatient, data } = phantom.image;
  const [columns, rows] = dims;
  const [px, py, pz] = pipeline.window.patch;
  const found = await segment(
    {
      dims,
      affineVoxelToPatient,
      slice: (k) => Float32Array.from(data.subarray(k * rows * columns, (k + 1) * rows * columns)),
    },
    pipeline,
    labels,
    async (patch) =>
      Object.values(await run(loaded, { [input]: new Tensor('float32', patch, [1, 1, pz, py, px]) }))[0]?.data ??
      new Float32Array(),
    () => {},
  );
  const file = { name: 'labels.u8', bytes: 0, sha256: '0'.repeat(64) };
  return {
    findings: segmentationFindings(
      { kind: 'segmentation', dims: [...dims], labels: file, counted: [], findings: [...found.findings], remarks: [] },
      context,
    ),
    scores: {},
    labels: found.labels,
  };
};

const vocabularyOf = ({ folder, manifest }: Loaded) => {
  if (!('tokenizer' in manifest.pipeline)) throw new Error('the package reads no text');
  return readVocabulary(readFileSync(join(folder, manifest.pipeline.tokenizer.vocabulary), 'utf8'));
};

/** Unit vectors; texts whose embedding has no direction (a network of zeros) get a constant one. */
export const embeddings = async (loaded: Loaded, texts: readonly string[]): Promise<Float32Array[]> => {
  const { pipeline } = loaded.manifest;
  if (pipeline.task !== 'embedding') throw new Error('the package embeds no text');
  const vocabulary = vocabularyOf(loaded);
  const out: Float32Array[] = [];
  for (let from = 0; from < texts.length; from += 16) {
    const own = texts.slice(from, from + 16);
    const { ids, mask, dims } = textBatch(own, vocabulary, pipeline.tokenizer);
    const { embedding } = await run(loaded, {
      input_ids: new Tensor('int64', ids, dims),
      attention_mask: new Tensor('int64', mask, dims),
    });
    const data = embedding?.data.map((v) => (Number.isFinite(v) ? v : 0)) ?? new Float32Array();
    try {
      out.push(...unitRows(data, own.length));
    } catch {
      out.push(...own.map(() => new Float32Array(pipeline.dims).fill(1 / Math.sqrt(pipeline.dims))));
    }
  }
  return out;
};

/** A sentence for a finding; empty where the network comes to no end. */
export const sentenceFor = async (loaded: Loaded, prompt: SentencePrompt): Promise<string> => {
  const { pipeline } = loaded.manifest;
  if (pipeline.task !== 'report-generation') throw new Error('the package writes no sentences');
  const made = await generateSentence(promptText(prompt), 0, pipeline, vocabularyOf(loaded), async (ids) => {
    const { logits } = await run(loaded, { input_ids: new Tensor('int64', ids, [1, ids.length]) });
    return logits?.data.map((v) => (Number.isFinite(v) ? v : 0)) ?? new Float32Array();
  });
  return made?.text ?? '';
};

/** The drafting network's sentences of a film. */
export const draftOf = async (loaded: Loaded, phantom: XrayPhantom): Promise<ReportedSentence[]> => {
  const { pipeline } = loaded.manifest;
  if (pipeline.task !== 'report-drafting') throw new Error('the package drafts no reports');
  const frame = frameOf(phantom);
  const film = uprightFilm(phantom.image.data, frame);
  const image = prepareImage({ ...frame, stored: film.stored }, pipeline.pre);
  const [input = ''] = Object.keys(pipeline.network.inputs);
  const seen = await run(loaded, { [input]: new Tensor('float32', image.data, [1, 1, image.rows, image.columns]) });
  const memory = seen.memory;
  if (!memory) throw new Error('no output memory');
  const held = new Tensor('float32', memory.data, memory.dims);
  return reportOf(seen, { frame, image, mirrored: film.mirrored }, pipeline, vocabularyOf(loaded), async (ids) => {
    const { logits } = await runWriter(loaded, { input_ids: new Tensor('int64', ids, [1, ids.length]), memory: held });
    return logits?.data.map((v) => (Number.isFinite(v) ? v : 0)) ?? new Float32Array();
  });
};
