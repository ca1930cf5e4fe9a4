import { constants, inflateRawSync } from 'node:zlib';
import { DataSet, type Element } from './data-set.ts';
import { TAG, tagText } from './tags.ts';
import { type Encoding, ITEM, ITEM_END, SEQUENCE_END, Short, Tokens, Unreadable } from './tokens.ts';

export { type Encoding, Short, Unreadable } from './tokens.ts';

const EXPLICIT: Encoding = { littleEndian: true, explicitVr: true };
const IMPLICIT: Encoding = { littleEndian: true, explicitVr: false };
const KNOWN_VRS = new Set([
  ...['AE', 'AS', 'AT', 'CS', 'DA', 'DS', 'DT', 'FL', 'FD', 'IS', 'LO', 'LT', 'OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'PN'],
  ...['SH', 'SL', 'SQ', 'SS', 'ST', 'SV', 'TM', 'UC', 'UI', 'UL', 'UN', 'UR', 'US', 'UT', 'UV'],
]);
/** Deeper nesting is an attack, not a document: SR trees of the field stay below 20. */
const DEEPEST = 48;
const MOST_ELEMENTS = 2_000_000;

/** Finds where values end, within bounds of depth and number. */
class Walker {
  readonly tokens: Tokens;
  private budget = MOST_ELEMENTS;
  constructor(bytes: Uint8Array) {
    this.tokens = new Tokens(bytes);
  }
  spend(): void {
    if (--this.budget < 0) throw new Unreadable(`more than ${MOST_ELEMENTS} elements`);
  }
  /** Where the value of undefined length ends: [end of the value, start of what follows]. */
  private undefinedEnd(at: number, end: number, encoding: Encoding, depth: number): readonly [number, number] {
    if (depth > DEEPEST) throw new Unreadable(`sequences nested deeper than ${DEEPEST}`);
    let here = at;
    for (;;) {
      this.spend();
      const { tag, offset, length, undefinedLength } = this.tokens.item(here, end, encoding.littleEndian);
      if (tag === SEQUENCE_END) return [here, offset];
      here = undefinedLength ? this.itemEnd(offset, end, encoding, depth) : offset + length;
      if (here > end) throw new Short(here);
    }
  }
  /** The start of what follows an item of undefined length. */
  private itemEnd(at: number, end: number, encoding: Encoding, depth: number): number {
    let here = at;
    for (;;) {
      this.spend();
      const head = this.tokens.head(here, end, encoding);
      if (head.tag === ITEM_END) return here + 8;
      here = this.after(head, end, encoding, depth)[1];
    }
  }
  /** [end of the value, start of what follows]. */
  after(head: Element, end: number, encoding: Encoding, depth: number): readonly [number, number] {
    if (head.undefinedLength) return this.undefinedEnd(head.offset, end, insideOf(head.vr, encoding), depth + 1);
    const next = head.offset + head.length;
    if (next > end) throw new Short(next);
    return [next, next];
  }
}

/** PS3.5 6.2.2: UN of undefined length is a sequence in implicit little endian. */
const insideOf = (vr: string, encoding: Encoding): Encoding => (vr === 'UN' ? IMPLICIT : encoding);

/** Elements of one level by tag; of a tag that comes twice the later one. */
type Elements = Map<number, Element>;
const put = (elements: Elements, head: Element, end: number): void => {
  elements.set(head.tag, head.undefinedLength ? { ...head, length: end - head.offset } : head);
};

const isPixels = (tag: number): boolean =>
  tag === TAG.PixelData || tag === TAG.FloatPixelData || tag === TAG.DoubleFloatPixelData;

interface Level {
  readonly elements: Elements;
  /** Pixel data of the top level, not walked through. */
  readonly pixels: Element | null;
  readonly cutShort: Short | null;
}

/** Elements from `at`. Stops before pixel data at the top level; what is cut off at the end is left out and told. */
const walkTop = (bytes: Uint8Array, at: number, encoding: Encoding, stop: (tag: number) => boolean): Level => {
  const walker = new Walker(bytes);
  const elements = new Map<number, Element>();
  let here = at;
  try {
    while (here < bytes.length) {
      walker.spend();
      // Trailing zeros or a torn last byte after the data set are no element.
      const head = walker.tokens.head(here, bytes.length, encoding);
      if (stop(head.tag)) break;
      if (isPixels(head.tag)) return { elements, pixels: head, cutShort: null };
      if (head.tag === ITEM || head.tag === ITEM_END || head.tag === SEQUENCE_END) {
        here = head.offset;
        continue;
      }
      const [end, next] = walker.after(head, bytes.length, encoding, 0);
      put(elements, head, end);
      here = next;
    }
  } catch (error) {
    if (error instanceof Short) return { elements, pixels: null, cutShort: error };
    throw error;
  }
  return { elements, pixels: null, cutShort: null };
};

/** Items of a sequence element, one level deep. Called by DataSet when a sequence is asked for. */
export const parseItems = (
  bytes: Uint8Array,
  element: Element,
  outer: Encoding,
): { elements: Elements; encoding: Encoding }[] => {
  const encoding = insideOf(element.vr, outer);
  const walker = new Walker(bytes);
  const items: { elements: Elements; encoding: Encoding }[] = [];
  const end = element.offset + element.length;
  let here = element.offset;
  while (here + 8 <= end) {
    const item = walker.tokens.item(here, end, encoding.littleEndian);
    if (item.tag === SEQUENCE_END) break;
    const itemEnd = item.undefinedLength ? end : item.offset + item.length;
    if (itemEnd > end) throw new Unreadable(`an item of ${tagText(element.tag)} is longer than the sequence`);
    const elements = new Map<number, Element>();
    let at = item.offset;
    const inner = at < itemEnd ? looksExplicit(bytes, at, encoding) : encoding;
    here = itemEnd;
    while (at < itemEnd) {
      walker.spend();
      const head = walker.tokens.head(at, itemEnd, inner);
      if (head.tag === ITEM_END) {
        here = at + 8;
        break;
      }
      const [valueEnd, next] = walker.after(head, itemEnd, inner, 0);
      put(elements, head, valueEnd);
      at = next;
    }
    items.push({ elements, encoding: inner });
  }
  return items;
};

/** Writers exist that say one VR encoding and use the other: the first element tells. */
const looksExplicit = (bytes: Uint8Array, at: number, said: Encoding): Encoding => {
  const a = bytes[at + 4];
  const b = bytes[at + 5];
  if (a === undefined || b === undefined) return said;
  const explicitVr = KNOWN_VRS.has(String.fromCharCode(a, b));
  // A VR that is no VR, in a data set said to be explicit, stays explicit when it is at least two letters.
  const letters = a >= 65 && a <= 90 && b >= 65 && b <= 90;
  return explicitVr === said.explicitVr || (said.explicitVr && letters) ? said : { ...said, explicitVr };
};

export const SYNTAX = {
  implicitLittle: '1.2.840.10008.1.2',
  explicitLittle: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  explicitBig: '1.2.840.10008.1.2.2',
} as const;

export interface Parsed {
  /** Group 0002; empty where the file has none. */
  readonly meta: DataSet;
  readonly dataSet: DataSet;
  /** Transfer Syntax UID as used to read, which may have been guessed where the file says none. */
  readonly transferSyntax: string;
  readonly pixels: Element | null;
  /** The file ends inside an element before its pixel data: what came before is here. */
  readonly cutShort: Short | null;
  /** Where a deflated data set was inflated: offsets of dataSet and pixels count in these bytes, not in the file. */
  readonly inflated: Uint8Array | null;
}

export interface ParseOptions {
  /** Bytes that a deflated data set may grow to. */
  readonly mostInflated?: number;
}

const hasPrefix = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x44 && bytes[at + 1] === 0x49 && bytes[at + 2] === 0x43 && bytes[at + 3] === 0x4d;

/** Whether the bytes may be DICOM at all: the prefix, or a believable first element of group 0002 or 0008. */
export const looksLikeDicom = (head: Uint8Array): boolean => {
  if (head.length >= 132 && hasPrefix(head, 128)) return true;
  if (head.length < 16) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const little of [true, false]) {
    const group = view.getUint16(0, little);
    const element = view.getUint16(2, little);
    if (group !== 2 && group !== 8) continue;
    if (element > 0x3000) continue;
    const vr = String.fromCharCode(head[4] ?? 0, head[5] ?? 0);
    if (KNOWN_VRS.has(vr)) return true;
    if (view.getUint32(4, little) <= 4096) return true;
  }
  return false;
};

/**
 * Reads the data set of a DICOM file up to its pixel data. `bytes` may be only the file's head: then `cutShort` tells
 * how much is needed. With or without preamble; explicit, implicit, big endian and deflated.
 */
export const parse = (bytes: Uint8Array, options: ParseOptions = {}): Parsed => {
  if (!looksLikeDicom(bytes)) throw new Unreadable('not a DICOM file');
  let at = bytes.length >= 132 && hasPrefix(bytes, 128) ? 132 : 0;
  if (at === 0 && hasPrefix(bytes, 0)) at = 4;
  const firstGroup = (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  let metaElements = new Map<number, Element>();
  if (firstGroup === 2) {
    const metaEncoding = looksExplicit(bytes, at, EXPLICIT);
    const level = walkTop(bytes, at, metaEncoding, (tag) => tag >= 0x00030000);
    metaElements = level.elements;
    if (level.cutShort) {
      const meta = new DataSet(bytes, metaElements, EXPLICIT);
      return { meta, dataSet: meta, transferSyntax: '', pixels: null, cutShort: level.cutShort, inflated: null };
    }
    let end = at;
    for (const element of metaElements.values()) end = Math.max(end, element.offset + element.length);
    at = end;
  }
  const meta = new DataSet(bytes, metaElements, EXPLICIT);
  const syntax = metaElements.get(TAG.TransferSyntaxUID);
  if (syntax && syntax.vr !== 'UI' && syntax.vr !== '') throw new Unreadable('the transfer syntax is not readable');
  const said = meta.code(TAG.TransferSyntaxUID);
  if (said === SYNTAX.deflated) {
    const inflated = inflate(bytes.subarray(at), options.mostInflated ?? 512 * 1024 * 1024);
    if (inflated === null) {
      const short = new Short(Number.MAX_SAFE_INTEGER);
      return { meta, dataSet: meta, transferSyntax: said, pixels: null, cutShort: short, inflated: null };
    }
    const level = walkTop(inflated, 0, EXPLICIT, () => false);
    return {
      meta,
      dataSet: new DataSet(inflated, level.elements, EXPLICIT),
      transferSyntax: said,
      pixels: level.pixels,
      cutShort: level.cutShort,
      inflated,
    };
  }
  let encoding: Encoding = {
    littleEndian: said !== SYNTAX.explicitBig,
    explicitVr: said !== SYNTAX.implicitLittle && said !== '',
  };
  if (said === '') {
    // No transfer syntax: a group of 0008 read the wrong way round would be 0800.
    const group = (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
    encoding = { littleEndian: group < 1024, explicitVr: false };
  }
  encoding = looksExplicit(bytes, at, encoding);
  const level = walkTop(bytes, at, encoding, () => false);
  const guessed = encoding.littleEndian
    ? encoding.explicitVr
      ? SYNTAX.explicitLittle
      : SYNTAX.implicitLittle
    : SYNTAX.explicitBig;
  return {
    meta,
    dataSet: new DataSet(bytes, level.elements, encoding),
    transferSyntax: said === '' ? guessed : said,
    pixels: level.pixels,
    cutShort: level.cutShort,
    inflated: null,
  };
};

/** Null where the compressed bytes end early (more of the file is needed, or it is cut off). */
const inflate = (compressed: Uint8Array, most: number): Uint8Array | null => {
  try {
    return inflateRawSync(compressed, { maxOutputLength: most, finishFlush: constants.Z_FINISH });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new Unreadable(`inflates to more than ${Math.round(most / 2 ** 20)} MB`);
    if (code === 'Z_BUF_ERROR') return null;
    throw new Unreadable('the deflated data set cannot be inflated');
  }
};
