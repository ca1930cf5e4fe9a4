import { type CharacterSets, characterSetsOf, decodeText } from './character-sets.ts';
import { type Encoding, parseItems } from './parse.ts';
import { TAG } from './tags.ts';

export interface Element {
  readonly tag: number;
  /** Two letters; '' in implicit VR. */
  readonly vr: string;
  /** Of the value in the data set's bytes. */
  readonly offset: number;
  /** Bytes; for an undefined length up to the delimiter. */
  readonly length: number;
  readonly undefinedLength: boolean;
}

type NumberVr = 'US' | 'SS' | 'UL' | 'FL' | 'FD';
const NUMBER_BYTES: Readonly<Record<string, number>> = { US: 2, OW: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, OB: 1 };
/** Padding of values: spaces and, from careless writers, zeros. */
const trim = (text: string): string => {
  let from = 0;
  let to = text.length;
  while (to > from && text.charCodeAt(to - 1) <= 32) to -= 1;
  while (from < to && text.charCodeAt(from) <= 32) from += 1;
  return from === 0 && to === text.length ? text : text.slice(from, to);
};

const split = (text: string): string[] => (text.includes('\\') ? text.split('\\').map(trim) : [trim(text)]);
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const MOST_CODES_BYTES = 65_536;

/** Elements of one level, read where they lie; values are decoded when asked for. */
export class DataSet {
  readonly elements: ReadonlyMap<number, Element>;
  readonly encoding: Encoding;
  private readonly bytes: Buffer;
  private readonly view: DataView;
  private readonly parent: DataSet | null;
  private sets: CharacterSets | null = null;

  constructor(
    bytes: Uint8Array,
    elements: ReadonlyMap<number, Element>,
    encoding: Encoding,
    parent: DataSet | null = null,
  ) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.elements = elements;
    this.encoding = encoding;
    this.parent = parent;
  }

  has(tag: number): boolean {
    return this.elements.has(tag);
  }
  /** Undefined where absent or empty. */
  raw(tag: number): Uint8Array | undefined {
    const element = this.elements.get(tag);
    if (!element || element.length === 0) return undefined;
    return this.bytes.subarray(element.offset, element.offset + element.length);
  }
  /** The value, each byte as one character; '' where absent. */
  private plain(tag: number, most = Number.POSITIVE_INFINITY): string {
    const element = this.elements.get(tag);
    if (!element || element.length === 0) return '';
    return this.bytes.toString('latin1', element.offset, element.offset + Math.min(element.length, most));
  }
  /** Specific Character Set of this item, or of the one that holds it. PS3.3 C.12.1.1.2 */
  private characterSets(): CharacterSets {
    if (!this.sets) {
      const own = this.plain(TAG.SpecificCharacterSet);
      this.sets = own ? characterSetsOf(split(own)) : (this.parent?.characterSets() ?? characterSetsOf([]));
    }
    return this.sets;
  }
  /** All values of a text attribute; none where absent. Leading and trailing padding removed. */
  texts(tag: number): string[] {
    const value = this.raw(tag);
    return value ? decodeText(value, this.characterSets(), this.plain(tag)).map(trim) : [];
  }
  /** First value; '' where absent. */
  text(tag: number): string {
    return this.texts(tag)[0] ?? '';
  }
  /** Values of CS, UI, DA, IS, DS: never affected by a character set. */
  codes(tag: number): string[] {
    const value = this.plain(tag, MOST_CODES_BYTES);
    return value === '' ? [] : split(value);
  }
  code(tag: number): string {
    return this.has(tag) ? (this.codes(tag)[0] ?? '') : '';
  }
  /** DS and IS: numbers, NaN for what is none. */
  decimals(tag: number): number[] {
    const value = this.plain(tag);
    return value === '' ? [] : split(value).map((text) => (DECIMAL.test(text) ? Number(text) : Number.NaN));
  }
  /** First value of DS or IS; undefined where absent or no number. */
  decimal(tag: number): number | undefined {
    const value = this.decimals(tag)[0];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }
  /** US, SS, UL, SL, FL, FD and, where a writer used them, IS and DS. */
  numbers(tag: number, implicitVr: NumberVr = 'US'): number[] {
    const element = this.elements.get(tag);
    if (!element || element.length === 0) return [];
    const vr = element.vr === '' || element.vr === 'UN' ? implicitVr : element.vr;
    const size = NUMBER_BYTES[vr];
    if (size === undefined) return vr === 'IS' || vr === 'DS' ? this.decimals(tag) : [];
    const values: number[] = [];
    const end = element.offset + element.length;
    for (let at = element.offset; at + size <= end; at += size) values.push(this.numberAt(vr, at));
    return values;
  }
  private numberAt(vr: string, at: number): number {
    const little = this.encoding.littleEndian;
    switch (vr) {
      case 'US':
      case 'OW':
        return this.view.getUint16(at, little);
      case 'SS':
        return this.view.getInt16(at, little);
      case 'UL':
        return this.view.getUint32(at, little);
      case 'SL':
        return this.view.getInt32(at, little);
      case 'FL':
        return this.view.getFloat32(at, little);
      case 'FD':
        return this.view.getFloat64(at, little);
      default:
        return this.view.getUint8(at);
    }
  }
  number(tag: number, implicitVr: NumberVr = 'US'): number | undefined {
    return this.numbers(tag, implicitVr)[0];
  }
  /** Items of a sequence; none where absent. Throws where the items are broken. */
  items(tag: number): DataSet[] {
    const element = this.elements.get(tag);
    if (!element) return [];
    return parseItems(this.bytes, element, this.encoding).map(
      ({ elements, encoding }) => new DataSet(this.bytes, elements, encoding, this),
    );
  }
  item(tag: number): DataSet | undefined {
    return this.items(tag)[0];
  }
}
