/** A data set to bytes: DICOM Part 10 file, Explicit VR Little Endian. PS3.5 7.1.2, PS3.10 7.1 */
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
/** Names Sightline as the writer; a root of our own under 2.25 (UUID-derived). */
const IMPLEMENTATION_UID = '2.25.167434093185671034859201553489207731213';

export type Vr =
  | 'AE'
  | 'AS'
  | 'AT'
  | 'CS'
  | 'DA'
  | 'DS'
  | 'DT'
  | 'FD'
  | 'FL'
  | 'IS'
  | 'LO'
  | 'LT'
  | 'OB'
  | 'OW'
  | 'PN'
  | 'SH'
  | 'SL'
  | 'SQ'
  | 'SS'
  | 'ST'
  | 'TM'
  | 'UC'
  | 'UI'
  | 'UL'
  | 'UN'
  | 'US'
  | 'UT';

export type Value =
  | string
  | number
  | readonly string[]
  | readonly number[]
  | Uint8Array
  | readonly DataElements[]
  | null;

/** Tags as 'ggggeeee', VR and value; a null value writes an empty element (type 2). Sorted by the writer. */
export type DataElements = readonly (readonly [tag: string, vr: Vr, value: Value])[];

const LONG = new Set<Vr>(['OB', 'OW', 'SQ', 'UC', 'UN', 'UT']);
const TEXT = new Set<Vr>(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
const NUMBERS: Partial<Record<Vr, { bytes: number; set: (view: DataView, at: number, value: number) => void }>> = {
  US: { bytes: 2, set: (view, at, value) => view.setUint16(at, value, true) },
  SS: { bytes: 2, set: (view, at, value) => view.setInt16(at, value, true) },
  UL: { bytes: 4, set: (view, at, value) => view.setUint32(at, value, true) },
  SL: { bytes: 4, set: (view, at, value) => view.setInt32(at, value, true) },
  FL: { bytes: 4, set: (view, at, value) => view.setFloat32(at, value, true) },
  FD: { bytes: 8, set: (view, at, value) => view.setFloat64(at, value, true) },
};

/** At most 16 characters, as DS allows. PS3.5 6.2 */
export const decimalString = (value: number): string => {
  if (!Number.isFinite(value)) throw new RangeError('a decimal string holds a finite number');
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  for (let digits = 12; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  return value.toExponential(8);
};

const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

const padded = (bytes: Uint8Array, pad: number): Uint8Array => {
  if (bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1);
  even.set(bytes);
  even[bytes.length] = pad;
  return even;
};

const isBytes = (value: Value): value is Uint8Array => value instanceof Uint8Array;

const valueBytes = (vr: Vr, value: Value): Uint8Array => {
  if (value === null) return new Uint8Array(0);
  if (isBytes(value)) return padded(value, 0);
  if (vr === 'SQ') {
    return concat(
      (value as readonly DataElements[]).flatMap((item) => {
        const body = elements(item);
        const head = new Uint8Array(8);
        const view = new DataView(head.buffer);
        view.setUint16(0, 0xfffe, true);
        view.setUint16(2, 0xe000, true);
        view.setUint32(4, body.length, true);
        return [head, body];
      }),
    );
  }
  const values = (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
  const number = NUMBERS[vr];
  if (number) {
    const bytes = new Uint8Array(values.length * number.bytes);
    const view = new DataView(bytes.buffer);
    for (const [n, one] of values.entries()) number.set(view, n * number.bytes, Number(one));
    return bytes;
  }
  const text = values.map((one) => (typeof one === 'number' ? decimalString(one) : one)).join('\\');
  return padded(new TextEncoder().encode(text), vr === 'UI' ? 0 : 0x20);
};

const element = (tag: string, vr: Vr, value: Value): Uint8Array => {
  const body = valueBytes(vr, value);
  const long = LONG.has(vr);
  if (!long && body.length > 0xffff) throw new RangeError(`${tag} ${vr} is too long`);
  const head = new Uint8Array(long ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  head[4] = vr.charCodeAt(0);
  head[5] = vr.charCodeAt(1);
  if (long) view.setUint32(8, body.length, true);
  else view.setUint16(6, body.length, true);
  return concat([head, body]);
};

const elements = (dataSet: DataElements): Uint8Array =>
  concat([...dataSet].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([tag, vr, value]) => element(tag, vr, value)));

/** A complete file. Text beyond ASCII is written as UTF-8 and says so (ISO_IR 192). */
export const part10 = (sopClassUid: string, sopInstanceUid: string, dataSet: DataElements): Uint8Array => {
  const wide = (items: DataElements): boolean =>
    items.some(([, vr, value]) =>
      vr === 'SQ' && Array.isArray(value)
        ? (value as readonly DataElements[]).some(wide)
        : // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for
          TEXT.has(vr) && !/^[\u0000-\u007f]*$/.test(String(value)),
    );
  const body = elements([
    ...dataSet,
    ['00080016', 'UI', sopClassUid],
    ['00080018', 'UI', sopInstanceUid],
    ...(wide(dataSet) ? ([['00080005', 'CS', 'ISO_IR 192']] as const) : []),
  ]);
  const meta = elements([
    ['00020001', 'OB', new Uint8Array([0, 1])],
    ['00020002', 'UI', sopClassUid],
    ['00020003', 'UI', sopInstanceUid],
    ['00020010', 'UI', EXPLICIT_LITTLE],
    ['00020012', 'UI', IMPLEMENTATION_UID],
    ['00020013', 'SH', 'SIGHTLINE'],
  ]);
  const head = new Uint8Array(132);
  head.set([0x44, 0x49, 0x43, 0x4d], 128);
  return concat([head, element('00020000', 'UL', meta.length), meta, body]);
};
