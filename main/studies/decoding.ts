import { closeSync, openSync, writeSync } from 'node:fs';
import {
  decodePixels,
  type ImageWords,
  openInstance,
  openSource,
  overlayPlaneBits,
  Refusal,
  type Samples,
  sentence,
  Unreadable,
} from '../dicom/index.ts';
import type { DecodeAnswer, DecodeRequest, FileToDecode, FrameToDecode } from './decode-messages.ts';
import { inflated, readNifti } from './forms/nifti.ts';
import { readPicture } from './forms/picture.ts';
import { thumbnailPng } from './thumbnail.ts';

/** One file's images, whatever its form. */
export interface OpenImage {
  readonly words: ImageWords;
  decode(frame: number): Promise<Samples>;
  /** Bits of the overlay planes that lie on a frame; none where the form knows none. */
  overlayPlanes(frame: number): Uint8Array;
  close(): void;
}

/** The file was there when it was imported, and is not, or is another. */
class Missing extends Error {}

const noPlanes = { overlayPlanes: () => new Uint8Array(), close: () => {} };

const open = (file: FileToDecode): OpenImage => {
  let source: ReturnType<typeof openSource>;
  try {
    source = openSource(file.path);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Missing();
  }
  if (source.size !== file.bytes || source.modifiedMs !== file.modifiedMs) {
    source.close();
    throw new Missing();
  }
  try {
    if (file.form === 'nifti') {
      const nifti = readNifti(inflated(source.read(0, source.size)));
      source.close();
      return { words: nifti.words, decode: async (frame) => nifti.decode(frame), ...noPlanes };
    }
    if (file.form === 'picture') {
      const picture = readPicture(source.read(0, source.size));
      source.close();
      return { words: picture.words, decode: () => picture.decode(), ...noPlanes };
    }
    const instance = openInstance(source);
    return {
      words: instance.words,
      decode: (frame) => decodePixels(instance, frame),
      overlayPlanes: (frame) => overlayPlaneBits(instance, frame),
      close: () => instance.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
};

/** Least and greatest value, fill not counted. */
const rangeOf = (samples: Samples, padding: FrameToDecode['padding']): [number, number] => {
  const [from, to] = padding ?? [1, 0];
  let first = 0;
  const counts = (value: number): boolean => !Number.isNaN(value) && !(value >= from && value <= to);
  while (first < samples.length && !counts(samples[first] as number)) first++;
  if (first === samples.length) return [0, 0];
  // Begun with a sample and not with an infinity: whole numbers stay whole numbers, which is twice as fast.
  let low = samples[first] as number;
  let high = low;
  for (let i = first; i < samples.length; i++) {
    const value = samples[i] as number;
    if (value >= low && value <= high) continue;
    if (value >= from && value <= to) continue;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [0, 0];
};

const decodeOne = async (image: OpenImage, wanted: FrameToDecode): Promise<Samples> => {
  const { layout } = image.words;
  const { rescale } = wanted;
  if (layout.rows !== wanted.rows || layout.columns !== wanted.columns || (!rescale && layout.format !== wanted.format))
    throw new Missing();
  let samples = await image.decode(wanted.frame);
  if (rescale) samples = Float32Array.from(samples, (stored) => stored * rescale.slope + rescale.intercept);
  if (samples.byteLength < wanted.byteLength) throw new Unreadable('the decoded image is too short');
  return samples;
};

const answerTo = (error: unknown, id: number, index: number): DecodeAnswer => {
  if (error instanceof Missing) return { kind: 'missing', id, index };
  if (error instanceof Unreadable || error instanceof Refusal)
    return { kind: 'broken', id, index, reason: sentence(error.message) };
  if (error instanceof RangeError) return { kind: 'broken', id, index, reason: 'The image is broken.' };
  throw error;
};

/** Files stay open between requests: frames of a large multi-frame file are asked for in small groups. */
const opened = new Map<string, OpenImage>();
const MOST_OPEN = 4;
const keep = (file: FileToDecode): OpenImage => {
  const key = `${file.path}\n${file.bytes}\n${file.modifiedMs}`;
  const known = opened.get(key);
  if (known) return known;
  // Inflated whole: one of them at a time.
  if (file.form !== 'dicom') opened.clear();
  const image = open(file);
  opened.set(key, image);
  if (opened.size > MOST_OPEN) {
    const oldest = opened.keys().next().value;
    if (oldest !== undefined) {
      opened.get(oldest)?.close();
      opened.delete(oldest);
    }
  }
  return image;
};

const bytesOf = (samples: Samples, wanted: FrameToDecode): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, wanted.byteLength);

const writeNew = (path: string, bytes: Uint8Array): void => {
  const fd = openSync(path, 'wx', 0o600);
  try {
    let done = 0;
    while (done < bytes.length) done += writeSync(fd, bytes, done);
  } finally {
    closeSync(fd);
  }
};

/** Decodes into `out` at each frame's place, telling each frame as it is there. */
export const answerDecode = async (request: DecodeRequest, post: (answer: DecodeAnswer) => void): Promise<void> => {
  const { id } = request;
  if (request.kind === 'rehearse') {
    const [wanted] = request.file.frames;
    // What is wrong with the file is said when it is decoded in earnest.
    if (wanted)
      await decodeOne(keep(request.file), wanted).then(
        (samples) => rangeOf(samples, wanted.padding),
        () => {},
      );
    return post({ kind: 'done', id });
  }
  if (request.kind === 'thumbnail') {
    const [wanted] = request.file.frames;
    if (!wanted) return post({ kind: 'failed', id, why: 'no frame' });
    try {
      const samples = await decodeOne(keep(request.file), wanted);
      const png = thumbnailPng(samples, wanted, request);
      writeNew(request.out, png);
    } catch (error) {
      return post(answerTo(error, id, wanted.index));
    }
    return post({ kind: 'done', id });
  }
  if (request.kind === 'overlay-planes' || request.kind === 'frame-alone') {
    const [wanted] = request.file.frames;
    if (!wanted) return post({ kind: 'failed', id, why: 'no frame' });
    try {
      const image = keep(request.file);
      writeNew(
        request.out,
        request.kind === 'overlay-planes'
          ? image.overlayPlanes(wanted.frame)
          : bytesOf(await decodeOne(image, wanted), wanted),
      );
    } catch (error) {
      return post(answerTo(error, id, wanted.index));
    }
    return post({ kind: 'done', id });
  }
  const fd = openSync(request.out, 'r+');
  try {
    for (const file of request.files) {
      for (const wanted of file.frames) {
        try {
          const samples = await decodeOne(keep(file), wanted);
          const bytes = bytesOf(samples, wanted);
          let done = 0;
          while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, wanted.offset + done);
          const range = wanted.format === 'rgb8' ? null : rangeOf(samples, wanted.padding);
          post({ kind: 'frame', id, index: wanted.index, range });
        } catch (error) {
          post(answerTo(error, id, wanted.index));
        }
      }
    }
  } finally {
    closeSync(fd);
  }
  post({ kind: 'done', id });
};
