/** What the inference process does with a request: read, prepare, run, write the answer. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { gantryTiltDegrees } from '../../models/kit/geometry.ts';
import type { Network, PipelineOf } from '../../models/kit/manifest.ts';
import { preparePhotograph } from '../../models/kit/steps/fundus.ts';
import { type PreparedImage, prepareImage } from '../../models/kit/steps/image.ts';
import { readVocabulary, type Vocabulary } from '../../models/kit/text/tokens.ts';
import type { AnswerFile, Outputs } from '../../models/tasks/answer.ts';
import { type ClassificationAnswer, classify } from '../../models/tasks/classification/index.ts';
import { type DetectionAnswer, detect, isFrontal } from '../../models/tasks/detection/index.ts';
import { textBatch, unitRows } from '../../models/tasks/embedding/index.ts';
import { type GradingAnswer, gradePhotograph, refusal } from '../../models/tasks/grading/index.ts';
import { reportOf, uprightFilm } from '../../models/tasks/report-drafting/index.ts';
import { generateSentence, promptText } from '../../models/tasks/report-generation/index.ts';
import { type SegmentationAnswer, segment } from '../../models/tasks/segmentation/index.ts';
import type { Frame, Provider } from '../../preload/contract/index.ts';
import { ANSWER_FILE, type Ask, type PackageRef } from './messages.ts';
import { openPixels, type PixelFile } from './pixels.ts';
import { openSession, packageFile, probe, reasonOf, runNetwork, tensor, Unusable } from './sessions.ts';

export class Cancelled extends Error {}

export interface WorkContext {
  cancelled(): boolean;
  progress(fraction: number, step: string): void;
}

/** Lets messages in, so that a cancel is heard between two runs. */
const pause = async (context: WorkContext): Promise<void> => {
  await breathe();
  if (context.cancelled()) throw new Cancelled();
};

type SeriesAsk = Extract<Ask, { kind: 'series' }>;

const writeAnswerFile = (folder: string, name: string, bytes: Uint8Array): AnswerFile => {
  writeFileSync(join(folder, name), bytes, { mode: 0o600 });
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};

const segmentSeries = async (
  ask: SeriesAsk,
  pipeline: PipelineOf<'segmentation'>,
  context: WorkContext,
): Promise<{ answer: SegmentationAnswer; provider: Provider }> => {
  const { volume, frames } = ask.images;
  if (volume.kind !== 'volume') throw new Unusable(`The series is no volume: ${volume.reason}.`);
  // The network's grid follows the voxels' own axes: what stands aslant would come to it sheared.
  if (gantryTiltDegrees(volume.affineVoxelToPatient, volume.dims) > 0)
    throw new Unusable('The gantry was tilted: the network reads upright volumes.');
  context.progress(0, 'loading the network');
  const { session, provider } = await openSession(ask.package, pipeline.network, ask.provider);
  const [input] = Object.keys(pipeline.network.inputs);
  const [output] = Object.keys(pipeline.network.outputs);
  if (!input || !output) throw new Unusable('The manifest names no input or output.');
  const [px, py, pz] = pipeline.window.patch;
  const file = openPixels(ask.pixels);
  const slice = new Float32Array(volume.dims[0] * volume.dims[1]);
  try {
    await pause(context);
    context.progress(0, 'reading the images');
    const done = await segment(
      {
        dims: volume.dims,
        affineVoxelToPatient: volume.affineVoxelToPatient,
        slice: (k) => {
          const frame = frames[k];
          if (!frame) throw new Unusable('The series has fewer frames than slices.');
          const stored = file.stored(frame);
          for (let n = 0; n < slice.length; n++) slice[n] = (stored[n] ?? 0) * frame.slope + frame.intercept;
          return slice;
        },
      },
      pipeline,
      ask.package.manifest.labels,
      async (patch) => {
        await pause(context);
        const answer = await runNetwork(session, pipeline.network, {
          [input]: tensor.float32(patch, [1, 1, pz, py, px]),
        });
        await pause(context);
        return answer[output]?.data ?? new Float32Array();
      },
      (at, of) => context.progress((0.95 * at) / of, at < of ? `part ${at + 1} of ${of}` : 'measuring'),
    );
    return {
      provider,
      answer: {
        kind: 'segmentation',
        dims: [volume.dims[0], volume.dims[1], volume.dims[2]],
        labels: writeAnswerFile(ask.out, 'labels.u8', done.labels),
        counted: done.counted.map((entry) => ({ ...entry })),
        findings: [...done.findings],
        remarks: [...done.remarks],
      },
    };
  } finally {
    file.close();
  }
};

/** Frames that the network may be shown: a file that says it is no frontal view is left out. */
const shown = (ask: SeriesAsk): Frame[] => {
  const frontal = ask.package.manifest.views.includes('frontal-chest');
  const frames = ask.images.frames.filter((frame) => !frontal || isFrontal(frame) !== false);
  if (frames.length === 0) throw new Unusable('No image of the series is a frontal view.');
  return frames;
};

/** Shows the network one frame after the other; those that `prepare` has nothing of are passed over. */
const eachFrame = async <Of extends PreparedImage>(
  ask: SeriesAsk,
  network: Network,
  context: WorkContext,
  { frames, called }: { frames: readonly Frame[]; called: string },
  prepare: (frame: Frame, file: PixelFile) => Of | null,
  use: (frame: Frame, prepared: Of, outputs: Outputs) => void,
): Promise<Provider> => {
  context.progress(0, 'loading the network');
  const { session, provider } = await openSession(ask.package, network, ask.provider);
  const [input] = Object.keys(network.inputs);
  if (!input) throw new Unusable('The manifest names no input.');
  const file = openPixels(ask.pixels);
  try {
    for (const [n, frame] of frames.entries()) {
      await pause(context);
      context.progress(n / frames.length, `${called} ${n + 1} of ${frames.length}`);
      const prepared = prepare(frame, file);
      if (!prepared) continue;
      const { data, columns, rows } = prepared;
      const feeds = { [input]: tensor.float32(data, [1, data.length / (columns * rows), rows, columns]) };
      use(frame, prepared, await runNetwork(session, network, feeds));
    }
    await pause(context);
    return provider;
  } finally {
    file.close();
  }
};

const eachImage = (
  ask: SeriesAsk,
  { network, pre }: PipelineOf<'detection'> | PipelineOf<'classification'>,
  context: WorkContext,
  use: (frame: Frame, image: PreparedImage, outputs: Outputs) => void,
): Promise<Provider> =>
  eachFrame(
    ask,
    network,
    context,
    { frames: shown(ask), called: 'image' },
    (frame, file) => prepareImage({ ...frame, stored: file.stored(frame) }, pre),
    use,
  );

const detectSeries = async (
  ask: SeriesAsk,
  pipeline: PipelineOf<'detection'>,
  context: WorkContext,
): Promise<{ answer: DetectionAnswer; provider: Provider }> => {
  const answer: DetectionAnswer = {
    kind: 'detection',
    findings: [],
    heatMaps: [],
    organs: null,
    remarks: [],
    unanswered: [],
  };
  const provider = await eachImage(ask, pipeline, context, (frame, image, outputs) => {
    const found = detect(outputs, image, frame, pipeline, ask.package.manifest.labels);
    answer.findings.push(...found.findings);
    for (const { key, data, columns, rows } of found.heatMaps)
      answer.heatMaps.push({
        key,
        frameIndex: frame.index,
        columns,
        rows,
        file: writeAnswerFile(ask.out, `heat-${answer.heatMaps.length}.u8`, data),
      });
    if (found.organs && ask.images.frames.length === 1)
      answer.organs = writeAnswerFile(ask.out, 'organs.u8', found.organs);
    for (const remark of found.remarks) if (!answer.remarks.includes(remark)) answer.remarks.push(remark);
    // what one image of the series leaves open stays open
    for (const key of found.unanswered) if (!answer.unanswered.includes(key)) answer.unanswered.push(key);
  });
  return { answer, provider };
};

const classifySeries = async (
  ask: SeriesAsk,
  pipeline: PipelineOf<'classification'>,
  context: WorkContext,
): Promise<{ answer: ClassificationAnswer; provider: Provider }> => {
  const answer: ClassificationAnswer = { kind: 'classification', findings: [] };
  const provider = await eachImage(ask, pipeline, context, (frame, _image, outputs) => {
    const scores = outputs.scores?.data ?? new Float32Array();
    answer.findings.push(...classify(scores, ask.package.manifest.labels, frame.index));
  });
  return { answer, provider };
};

const gradeSeries = async (
  ask: SeriesAsk,
  pipeline: PipelineOf<'grading'>,
  context: WorkContext,
): Promise<{ answer: GradingAnswer; provider: Provider }> => {
  const { labels } = ask.package.manifest;
  const answer: GradingAnswer = { kind: 'grading', graded: [], refused: [] };
  const provider = await eachFrame(
    ask,
    pipeline.network,
    context,
    { frames: ask.images.frames, called: 'photograph' },
    (frame, file) => {
      const { columns, rows, index: frameIndex } = frame;
      const photo = preparePhotograph({ rgb: file.colour(frame), columns, rows }, pipeline.pre);
      const why = refusal(photo?.quality ?? null, pipeline.gate);
      if (photo && why === null) return photo;
      answer.refused.push({ frameIndex, why: why ?? '' });
      return null;
    },
    (frame, photo, outputs) => {
      const { map, ...graded } = gradePhotograph(outputs, photo, frame, pipeline, labels);
      const { columns, rows } = map;
      const file = writeAnswerFile(ask.out, `map-${answer.graded.length}.u8`, map.data);
      answer.graded.push({
        frameIndex: frame.index,
        ...graded,
        probabilities: [...graded.probabilities],
        lesions: graded.lesions.map((lesion) => ({ ...lesion, boxes: [...lesion.boxes] })),
        map: { columns, rows, file },
      });
    },
  );
  return { answer, provider };
};

const runSeries = async (ask: SeriesAsk, context: WorkContext): Promise<{ value: null; provider: Provider }> => {
  const { pipeline } = ask.package.manifest;
  const run = () => {
    switch (pipeline.task) {
      case 'segmentation':
        return segmentSeries(ask, pipeline, context);
      case 'detection':
        return detectSeries(ask, pipeline, context);
      case 'classification':
        return classifySeries(ask, pipeline, context);
      case 'grading':
        return gradeSeries(ask, pipeline, context);
      default:
        throw new Unusable('This package reads no images.');
    }
  };
  const { answer, provider } = await run();
  writeFileSync(join(ask.out, ANSWER_FILE), JSON.stringify(answer), { mode: 0o600 });
  return { value: null, provider };
};

const vocabularies = new Map<string, Vocabulary>();
const vocabularyOf = (ref: PackageRef, path: string): Vocabulary => {
  const key = `${ref.folder}\n${ref.manifest.files.find((file) => file.path === path)?.sha256}`;
  const known = vocabularies.get(key) ?? readVocabulary(packageFile(ref, path).toString('utf8'));
  vocabularies.set(key, known);
  return known;
};

/** Texts a run: more would only make the padding wider. */
const BATCH = 16;

const embedTexts = async (
  ask: Extract<Ask, { kind: 'embed' }>,
  context: WorkContext,
): Promise<{ value: Float32Array; provider: Provider }> => {
  const { pipeline } = ask.package.manifest;
  if (pipeline.task !== 'embedding') throw new Unusable('This package embeds no text.');
  const { session, provider } = await openSession(ask.package, pipeline.network, ask.provider);
  const vocabulary = vocabularyOf(ask.package, pipeline.tokenizer.vocabulary);
  const value = new Float32Array(ask.texts.length * pipeline.dims);
  // texts of like length share a batch
  const order = [...ask.texts.keys()].sort((a, b) => (ask.texts[a]?.length ?? 0) - (ask.texts[b]?.length ?? 0));
  for (let from = 0; from < order.length; from += BATCH) {
    await pause(context);
    context.progress(from / order.length, `${from} of ${order.length} texts`);
    const own = order.slice(from, from + BATCH);
    const { ids, mask, dims } = textBatch(
      own.map((n) => ask.texts[n] ?? ''),
      vocabulary,
      pipeline.tokenizer,
    );
    const feeds = { input_ids: tensor.int64(ids, dims), attention_mask: tensor.int64(mask, dims) };
    const { embedding } = await runNetwork(session, pipeline.network, feeds);
    if (embedding?.data.length !== own.length * pipeline.dims) throw new Unusable('The encoder answered another size.');
    for (const [row, vector] of unitRows(embedding.data, own.length).entries())
      value.set(vector, (own[row] ?? 0) * pipeline.dims);
  }
  return { value, provider };
};

const generate = async (
  ask: Extract<Ask, { kind: 'generate' }>,
  context: WorkContext,
): Promise<{ value: unknown; provider: Provider }> => {
  const { pipeline } = ask.package.manifest;
  if (pipeline.task !== 'report-generation') throw new Unusable('This package writes no sentences.');
  const { session, provider } = await openSession(ask.package, pipeline.network, ask.provider);
  const vocabulary = vocabularyOf(ask.package, pipeline.tokenizer.vocabulary);
  const value = await generateSentence(promptText(ask.prompt), ask.seed, pipeline, vocabulary, async (ids) => {
    await pause(context);
    const { logits } = await runNetwork(session, pipeline.network, { input_ids: tensor.int64(ids, [1, ids.length]) });
    return logits?.data ?? new Float32Array();
  });
  return { value, provider };
};

const draft = async (
  ask: Extract<Ask, { kind: 'draft' }>,
  context: WorkContext,
): Promise<{ value: unknown; provider: Provider }> => {
  const { pipeline } = ask.package.manifest;
  if (pipeline.task !== 'report-drafting') throw new Unusable('This package drafts no reports.');
  const frame = ask.images.frames[ask.frameIndex];
  const [input] = Object.keys(pipeline.network.inputs);
  if (!frame || !input) throw new Unusable('There is no such image, or the manifest names no input.');
  context.progress(0, 'loading the networks');
  const { session, provider } = await openSession(ask.package, pipeline.network, ask.provider);
  const writer = await openSession(ask.package, pipeline.writer, 'cpu');
  const vocabulary = vocabularyOf(ask.package, pipeline.tokenizer.vocabulary);
  const file = openPixels(ask.pixels);
  try {
    await pause(context);
    context.progress(0.1, 'looking');
    const film = uprightFilm(file.stored(frame), frame);
    const image = prepareImage({ ...frame, stored: film.stored }, pipeline.pre);
    const feeds = { [input]: tensor.float32(image.data, [1, 1, image.rows, image.columns]) };
    const seen = await runNetwork(session, pipeline.network, feeds);
    if (!seen.memory) throw new Unusable('The network answered no memory.');
    const memory = tensor.float32(seen.memory.data, seen.memory.dims);
    const value = await reportOf(seen, { frame, image, mirrored: film.mirrored }, pipeline, vocabulary, async (ids) => {
      await pause(context);
      context.progress(0.3 + (0.7 * ids.length) / pipeline.maxTokens, 'writing');
      const given = { input_ids: tensor.int64(ids, [1, ids.length]), memory };
      return (await runNetwork(writer.session, pipeline.writer, given)).logits?.data ?? new Float32Array();
    });
    return { value, provider };
  } finally {
    file.close();
  }
};

export const work = async (ask: Ask, context: WorkContext): Promise<{ value: unknown; provider: Provider }> => {
  switch (ask.kind) {
    case 'probe':
      await probe(ask.provider);
      return { value: null, provider: ask.provider };
    case 'series':
      return runSeries(ask, context);
    case 'embed':
      return embedTexts(ask, context);
    case 'draft':
      return draft(ask, context);
    case 'generate':
      return generate(ask, context);
  }
};

/** How an error is told to the backend. */
export const faultOf = (error: unknown): { code: 'cancelled' | 'refused' | 'internal'; why: string } => {
  if (error instanceof Cancelled) return { code: 'cancelled', why: 'Cancelled.' };
  if (error instanceof Unusable) return { code: 'refused', why: error.message };
  // RangeError: what the pure steps say of input that cannot be meant
  if (error instanceof RangeError) return { code: 'refused', why: `The images cannot be used: ${error.message}.` };
  return { code: 'internal', why: reasonOf(error) };
};
