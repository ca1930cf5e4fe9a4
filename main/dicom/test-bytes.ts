import { deflateRawSync } from 'node:zlib';

/** Small data sets as bytes in every encoding, for tests: [tag, VR, value]; a list of lists is a sequence. */
export type TestElement = readonly [
  tag: number,
  vr: string,
  value: string | number | readonly number[] | Uint8Array | readonly TestItem[],
];
export type TestItem = readonly TestElement[];

export interface TestEncoding {
  readonly explicit?: boolean;
  readonly little?: boolean;
  /** Sequences and items of undefined length. */
  readonly undefinedLength?: boolean;
}

const LONG = new Set(['OB', 'OD', 'OF', 'OW', 'SQ', 'UN', 'UT']);
const SIZES: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, OW: 2, OF: 4, OD: 8 };

const isItems = (value: unknown): value is readonly TestItem[] => Array.isArray(value) && Array.isArray(value[0]);

export const encode = (elements: TestItem, encoding: TestEncoding = {}): Buffer => {
  const { explicit = true, little = true, undefinedLength = false } = encoding;
  const u16 = (n: number): Buffer => {
    const b = Buffer.alloc(2);
    little ? b.writeUInt16LE(n) : b.writeUInt16BE(n);
    return b;
  };
  const u32 = (n: number): Buffer => {
    const b = Buffer.alloc(4);
    little ? b.writeUInt32LE(n) : b.writeUInt32BE(n);
    return b;
  };
  const tagBytes = (tag: number): Buffer => Buffer.concat([u16(Math.floor(tag / 65_536)), u16(tag % 65_536)]);
  const numbers = (vr: string, values: readonly number[]): Buffer => {
    const size = SIZES[vr] ?? 1;
    const b = Buffer.alloc(values.length * size);
    const view = new DataView(b.buffer, b.byteOffset);
    values.forEach((n, i) => {
      const at = i * size;
      if (vr === 'US' || vr === 'OW') view.setUint16(at, n, little);
      else if (vr === 'SS') view.setInt16(at, n, little);
      else if (vr === 'UL') view.setUint32(at, n, little);
      else if (vr === 'SL') view.setInt32(at, n, little);
      else if (vr === 'FL' || vr === 'OF') view.setFloat32(at, n, little);
      else if (vr === 'FD' || vr === 'OD') view.setFloat64(at, n, little);
      else view.setUint8(at, n);
    });
    return b;
  };
  const parts: Buffer[] = [];
  for (const [tag, vr, value] of elements) {
    let bytes: Buffer;
    let length: number | null = null;
    if (vr === 'SQ' && (isItems(value) || (Array.isArray(value) && value.length === 0))) {
      const items = (value as readonly TestItem[]).map((item) => {
        const inner = encode(item, encoding);
        return undefinedLength
          ? Buffer.concat([tagBytes(0xfffee000), u32(0xffffffff), inner, tagBytes(0xfffee00d), u32(0)])
          : Buffer.concat([tagBytes(0xfffee000), u32(inner.length), inner]);
      });
      bytes = Buffer.concat(undefinedLength ? [...items, tagBytes(0xfffee0dd), u32(0)] : items);
      if (undefinedLength) length = 0xffffffff;
    } else if (typeof value === 'string') {
      bytes = Buffer.from(value, 'latin1');
      if (bytes.length % 2 === 1) bytes = Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
    } else if (value instanceof Uint8Array) {
      bytes = Buffer.concat([value, Buffer.alloc(value.length % 2)]);
    } else bytes = numbers(vr, typeof value === 'number' ? [value] : (value as readonly number[]));
    const size = length ?? bytes.length;
    const head = !explicit
      ? u32(size)
      : LONG.has(vr)
        ? Buffer.concat([Buffer.from(vr), Buffer.alloc(2), u32(size)])
        : Buffer.concat([Buffer.from(vr), u16(size)]);
    parts.push(tagBytes(tag), head, bytes);
  }
  return Buffer.concat(parts);
};

/** A whole file: preamble, meta group, data set. */
export const file = (transferSyntax: string, elements: TestItem, encoding: TestEncoding = {}): Buffer => {
  const meta = encode([[0x00020010, 'UI', transferSyntax]]);
  const body = encode(elements, encoding);
  const deflated = transferSyntax.endsWith('.1.99') ? deflateRawSync(body) : body;
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta, deflated]);
};

/** Compressed pixel data: an empty offset table and one fragment a frame. */
export const encapsulated = (frames: readonly Uint8Array[]): Buffer => {
  const item = (bytes: Uint8Array): Buffer => {
    const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    head.writeUInt32LE(bytes.length + (bytes.length % 2), 4);
    return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)]);
  };
  return Buffer.concat([
    Buffer.from([0xe0, 0x7f, 0x10, 0x00]),
    Buffer.from('OB\0\0'),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    item(new Uint8Array()),
    ...frames.map(item),
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
};
