import { type ImageWords, imageWords, isEncapsulated, storedFrameBytes } from '../image.ts';
import { type Parsed, Unreadable } from '../parse.ts';
import { TAG, tagText } from '../tags.ts';
import { parseHead, type Source, sourceOfBytes } from './source.ts';

export interface Instance {
  readonly parsed: Parsed;
  readonly words: ImageWords;
  /** Bytes of one frame as the file stores them: compressed, or native (of one-bit frames: all of their bits, see bitOffset). */
  stored(frame: number): { bytes: Uint8Array; bitOffset: number };
  close(): void;
}

interface Fragment {
  readonly at: number;
  readonly length: number;
  /** From the first byte after the basic offset table. */
  readonly offset: number;
}

const ITEM = 0xfffee000;
const END = 0xfffee0dd;
const MOST_FRAGMENTS = 1_000_000;

const fragmentsOf = (source: Source, at: number): { table: number[]; fragments: Fragment[] } => {
  const fragments: Fragment[] = [];
  let table: number[] | null = null;
  let here = at;
  let base = at;
  let ended = false;
  while (here + 8 <= source.size) {
    const head = source.read(here, 8);
    const view = new DataView(head.buffer, head.byteOffset, 8);
    const tag = view.getUint16(0, true) * 65_536 + view.getUint16(2, true);
    const length = view.getUint32(4, true);
    if (tag === END) {
      ended = true;
      break;
    }
    if (tag !== ITEM) throw new Unreadable(`the pixel data holds ${tagText(tag)} where a fragment must be`);
    if (here + 8 + length > source.size) throw new Unreadable('the pixel data is cut short in a fragment');
    if (table === null) {
      const bytes = source.read(here + 8, length);
      const offsets = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      table = Array.from({ length: Math.floor(length / 4) }, (_, i) => offsets.getUint32(i * 4, true));
      base = here + 8 + length;
    } else {
      fragments.push({ at: here + 8, length, offset: here - base });
      if (fragments.length > MOST_FRAGMENTS) throw new Unreadable('too many fragments');
    }
    here += 8 + length;
  }
  // A file torn right here may have lost the end of its last fragment.
  if (!ended) throw new Unreadable('the pixel data is cut short: it has no end');
  return { table: table ?? [], fragments };
};

/** Fragments of each frame. PS3.5 A.4: by offset table where there is one, else one each, else by end-of-image marks. */
const framesOf = (source: Source, parsed: Parsed, at: number, frames: number): Fragment[][] => {
  const { table, fragments } = fragmentsOf(source, at);
  if (fragments.length === 0) throw new Unreadable('the pixel data holds no fragment');
  if (frames === 1) return [fragments];
  const extended = parsed.dataSet.raw(TAG.ExtendedOffsetTable);
  const offsets = extended
    ? Array.from({ length: extended.length / 8 }, (_, i) =>
        Number(new DataView(extended.buffer, extended.byteOffset, extended.length).getBigUint64(i * 8, true)),
      )
    : table;
  if (offsets.length === frames && offsets[0] === 0) {
    const starts = new Set(fragments.map((fragment) => fragment.offset));
    if (offsets.every((offset, i) => starts.has(offset) && (i === 0 || offset > (offsets[i - 1] ?? 0))))
      return offsets.map((from, i) => {
        const to = offsets[i + 1] ?? Number.POSITIVE_INFINITY;
        return fragments.filter((fragment) => fragment.offset >= from && fragment.offset < to);
      });
  }
  if (fragments.length === frames) return fragments.map((fragment) => [fragment]);
  if (fragments.length > frames) {
    const groups: Fragment[][] = [[]];
    for (const [i, fragment] of fragments.entries()) {
      groups.at(-1)?.push(fragment);
      const tail = source.read(fragment.at + Math.max(0, fragment.length - 4), Math.min(4, fragment.length));
      const ends = tail.some((byte, n) => byte === 0xff && tail[n + 1] === 0xd9);
      if (ends && i < fragments.length - 1) groups.push([]);
    }
    if (groups.length === frames) return groups;
  }
  throw new Unreadable(`${fragments.length} fragments cannot be told apart into ${frames} frames`);
};

const join = (source: Source, fragments: readonly Fragment[]): Uint8Array => {
  const [first] = fragments;
  if (first && fragments.length === 1) return source.read(first.at, first.length);
  return Buffer.concat(fragments.map((fragment) => source.read(fragment.at, fragment.length)));
};

/** Opens the images of one file. Throws Unreadable or Refusal. */
export const openInstance = (file: Source): Instance => {
  const { parsed } = parseHead(file);
  const words = imageWords(parsed);
  const { pixels } = parsed;
  if (!pixels) throw new Unreadable('the file holds no pixel data');
  const source = parsed.inflated ? sourceOfBytes(parsed.inflated) : file;
  const { layout } = words;
  if (isEncapsulated(layout.transferSyntax)) {
    if (!pixels.undefinedLength) throw new Unreadable('compressed pixel data that is not encapsulated');
    let frames: Fragment[][] | null = null;
    return {
      parsed,
      words,
      stored: (frame) => {
        frames ??= framesOf(source, parsed, pixels.offset, layout.frames);
        return { bytes: join(source, frames[frame] ?? []), bitOffset: 0 };
      },
      close: () => file.close(),
    };
  }
  const frameBytes = storedFrameBytes(layout);
  checkNativeLength(words, pixels.length, pixels.undefinedLength, source.size - pixels.offset);
  const after = pixels.offset + pixels.length;
  if (after + 4 <= source.size) {
    const next = source.read(after, 4);
    const group = parsed.dataSet.encoding.littleEndian ? [0xe0, 0x7f, 0x10, 0] : [0x7f, 0xe0, 0, 0x10];
    if (group.every((byte, i) => next[i] === byte)) throw new Unreadable('the file holds pixel data twice');
  }
  return {
    parsed,
    words,
    stored: (frame) => {
      // One-bit frames follow each other without a gap: a frame may start inside a byte. PS3.5 8.1.1, annex D
      const from = frame * frameBytes;
      let start = Math.floor(from);
      let end = Math.ceil(from + frameBytes);
      if (layout.bitsAllocated <= 8 && !parsed.dataSet.encoding.littleEndian && pixels.vr === 'OW') {
        // Swapped pair by pair below, so whole pairs are read.
        start -= start % 2;
        end += end % 2;
      }
      end = Math.min(end, source.size - pixels.offset);
      return { bytes: source.read(pixels.offset + start, end - start), bitOffset: Math.round((from - start) * 8) };
    },
    close: () => file.close(),
  };
};

/** Native pixel data that is shorter than its own header says is refused: what is missing cannot be known. */
export const checkNativeLength = (
  words: ImageWords,
  valueLength: number,
  undefinedLength: boolean,
  available: number,
): void => {
  const expected = Math.ceil(storedFrameBytes(words.layout) * words.layout.frames);
  if (undefinedLength) throw new Unreadable('uncompressed pixel data of undefined length');
  if (available < valueLength && available < expected)
    throw new Unreadable(`the pixel data is cut short: ${available} of ${expected} bytes`);
  if (valueLength < expected)
    throw new Unreadable(`the pixel data has ${valueLength} bytes where its size needs ${expected}`);
};
