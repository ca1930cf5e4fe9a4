/** The single elements of a file, read by dicom-parser. What it does beyond an element's head is kept from it here. */
import dicomParser, { type ByteStream } from 'dicom-parser';
import type { Element } from './data-set.ts';
import { tagText } from './tags.ts';

export interface Encoding {
  readonly littleEndian: boolean;
  readonly explicitVr: boolean;
}

/** Bytes that are no DICOM, or broken; the message is for the reader and names no patient. */
export class Unreadable extends Error {
  override readonly name: string = 'Unreadable';
}
/** The window of bytes ends inside an element; `needed` counts from the file's start. */
export class Short extends Unreadable {
  override readonly name = 'Short';
  readonly needed: number;
  constructor(needed: number) {
    super(`the file ends inside an element that needs ${needed} bytes`);
    this.needed = needed;
  }
}

const UNDEFINED = 0xffffffff;
export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;

const code = (vr: string): number => vr.charCodeAt(0) * 256 + vr.charCodeAt(1);
const SQ = code('SQ');
/** Lengths of 32 bits. PS3.5 table 7.1-1 */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'].map(code));
/** Those of them that came with the 64-bit VRs in 2018: dicom-parser 1.8 takes their lengths for 16 bits. */
const LONG_UNKNOWN_TO_IT = new Set(['OV', 'SV', 'UV'].map(code));

const elementOf = (tag: number, vr: string, offset: number, length: number): Element => {
  const undefinedLength = length === UNDEFINED;
  return { tag, vr, offset, length: undefinedLength ? 0 : length, undefinedLength };
};

/** What dicom-parser made of a tag with a VR: `code` are the VR's two bytes. */
interface Form {
  readonly code: number;
  readonly vr: string;
  /** Of tag, VR and length. */
  readonly headBytes: number;
}
/** By tag. Bounded, for files may hold any number of tags. */
const forms = new Map<number, Form>();
const MOST_FORMS = 4096;

const noVr = (): string => '';
/** dicom-parser notes here what it finds odd in values that it walks through; it walks through none. */
const warnings: string[] = [];

export class Tokens {
  private readonly bytes: Uint8Array;
  private little: ByteStream | null = null;
  private big: ByteStream | null = null;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Only for bytes that are there: on none, and beyond the end, dicom-parser throws (strings, no errors). */
  private streamAt(at: number, littleEndian: boolean): ByteStream {
    const { ByteStream, littleEndianByteArrayParser, bigEndianByteArrayParser } = dicomParser;
    let stream: ByteStream;
    if (littleEndian) {
      this.little ??= new ByteStream(littleEndianByteArrayParser, this.bytes, 0);
      stream = this.little;
    } else {
      this.big ??= new ByteStream(bigEndianByteArrayParser, this.bytes, 0);
      stream = this.big;
    }
    stream.position = at;
    return stream;
  }
  /** dicom-parser's own tags are text: the same two numbers, by its readers. */
  private tagAt(stream: ByteStream): number {
    const { position, byteArrayParser } = stream;
    return (
      byteArrayParser.readUint16(this.bytes, position) * 65_536 + byteArrayParser.readUint16(this.bytes, position + 2)
    );
  }
  private undefinedAt(at: number): boolean {
    const { bytes } = this;
    return bytes[at] === 255 && bytes[at + 1] === 255 && bytes[at + 2] === 255 && bytes[at + 3] === 255;
  }

  /**
   * The head of the element that starts at `at`; of a value of undefined length the length is 0 yet. Throws Short where
   * it does not end before `end`.
   */
  head(at: number, end: number, encoding: Encoding): Element {
    if (at + 8 > end) throw new Short(at + 8);
    const stream = this.streamAt(at, encoding.littleEndian);
    const tag = this.tagAt(stream);
    const vr = (this.bytes[at + 4] ?? 0) * 256 + (this.bytes[at + 5] ?? 0);
    // A writer that lost the VR of one element wrote it implicitly: no length of 64 KB would start with two letters.
    // The bounds are those of bytes AA to ZZ in order, as other readers have them. Items have no VR in any encoding.
    const explicit = encoding.explicitVr && vr >= 0x4141 && vr <= 0x5a5a && tag >>> 16 !== 0xfffe;
    return explicit ? this.explicit(tag, vr, end, stream) : this.implicit(tag, stream);
  }
  /** Its form is read once for all of this tag and VR: the files of a series hold the same thousands of times. */
  private explicit(tag: number, vr: number, end: number, stream: ByteStream): Element {
    const { position: at, byteArrayParser } = stream;
    const known = forms.get(tag);
    const form = known?.code === vr ? known : this.formOf(tag, vr, end, stream);
    const offset = at + form.headBytes;
    if (offset > end) throw new Short(offset);
    const length =
      form.headBytes === 12
        ? byteArrayParser.readUint32(this.bytes, at + 8)
        : byteArrayParser.readUint16(this.bytes, at + 6);
    return elementOf(tag, form.vr, offset, length);
  }
  /**
   * Told to stop at the very tag that it reads, dicom-parser gives an element's head only. Without, it goes into
   * sequences by recursion (a tower of them ends the process) and scans for the end of other undefined lengths; what
   * has a length it steps over.
   */
  private formOf(tag: number, code: number, end: number, stream: ByteStream): Form {
    const at = stream.position;
    let until: string | undefined;
    if (LONG.has(code)) {
      if (at + 12 > end) throw new Short(at + 12);
      if (LONG_UNKNOWN_TO_IT.has(code)) return { code, vr: String.fromCharCode(code >> 8, code & 255), headBytes: 12 };
      if (code === SQ || this.undefinedAt(at + 8)) until = this.tagTextAt(stream);
    }
    const { vr = '', dataOffset } = dicomParser.readDicomElementExplicit(stream, warnings, until);
    const form = { code, vr, headBytes: dataOffset - at };
    if (forms.size >= MOST_FORMS) forms.clear();
    forms.set(tag, form);
    return form;
  }
  private implicit(tag: number, stream: ByteStream): Element {
    const until = this.undefinedAt(stream.position + 4) ? this.tagTextAt(stream) : undefined;
    // With a VR given, though none, it does not guess from a value's first bytes that this is a sequence to go into.
    const element = dicomParser.readDicomElementImplicit(stream, until, noVr);
    return elementOf(tag, '', element.dataOffset, element.length);
  }
  private tagTextAt(stream: ByteStream): string {
    const at = stream.position;
    const text = dicomParser.readTag(stream);
    stream.position = at;
    return text;
  }

  /** The item, or the end of its sequence, that starts at `at`. */
  item(at: number, end: number, littleEndian: boolean): Element {
    if (at + 8 > end) throw new Short(at + 8);
    const stream = this.streamAt(at, littleEndian);
    const tag = this.tagAt(stream);
    if (tag === SEQUENCE_END) return elementOf(tag, '', at + 8, 0);
    if (tag !== ITEM) throw new Unreadable(`a sequence holds ${tagText(tag)} where an item must be`);
    const item = dicomParser.readSequenceItem(stream);
    return elementOf(tag, '', item.dataOffset, item.length);
  }
}
