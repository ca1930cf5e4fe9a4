/**
 * Specific Character Set (0008,0005): PS3.3 C.12.1.1.2 and PS3.5 6.1. Single sets, multi-byte sets without code
 * extensions, and ISO 2022 code extensions with escape sequences.
 */

type Decode = (bytes: Uint8Array) => string;

const latin1: Decode = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
const decoders = new Map<string, Decode>();
const by = (label: string): Decode => {
  let decode = decoders.get(label);
  if (!decode) {
    const decoder = new TextDecoder(label);
    decode = (bytes) => decoder.decode(bytes);
    decoders.set(label, decode);
  }
  return decode;
};

/** JIS X 0201: ASCII with yen and overline below, half-width katakana above. */
const jisX0201: Decode = (bytes) => {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\u00a5';
    else if (byte === 0x7e) text += '\u203e';
    else if (byte >= 0xa1 && byte <= 0xdf) text += String.fromCharCode(0xff61 + byte - 0xa1);
    else text += byte < 0x80 ? String.fromCharCode(byte) : '\ufffd';
  }
  return text;
};
const raised: Decode = (bytes) => by('euc-jp')(bytes.map((byte) => byte | 0x80));
const jisX0212: Decode = (bytes) => {
  const euc: number[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) euc.push(0x8f, (bytes[i] ?? 0) | 0x80, (bytes[i + 1] ?? 0) | 0x80);
  return by('euc-jp')(Uint8Array.from(euc));
};

/** Upper half (G1) of the single-byte sets, by the number of ISO-IR. */
const SINGLE: Readonly<Record<string, Decode>> = {
  '100': latin1,
  '101': (b) => by('iso-8859-2')(b),
  '109': (b) => by('iso-8859-3')(b),
  '110': (b) => by('iso-8859-4')(b),
  '144': (b) => by('iso-8859-5')(b),
  '127': (b) => by('iso-8859-6')(b),
  '126': (b) => by('iso-8859-7')(b),
  '138': (b) => by('iso-8859-8')(b),
  '148': (b) => by('windows-1254')(b),
  '203': (b) => by('iso-8859-15')(b),
  '166': (b) => by('windows-874')(b),
  '13': jisX0201,
};

interface Half {
  readonly decode: Decode;
  /** Bytes of one character. */
  readonly width: 1 | 2;
}
const ASCII: Half = { decode: latin1, width: 1 };
/** Escape sequences after ESC, PS3.3 tables C.12-3 and C.12-4: which half they fill and with what. */
const ESCAPES: readonly (readonly [string, 'low' | 'high', Half])[] = [
  ['(B', 'low', ASCII],
  ['(J', 'low', { decode: jisX0201, width: 1 }],
  ['$B', 'low', { decode: raised, width: 2 }],
  ['$@', 'low', { decode: raised, width: 2 }],
  ['$(D', 'low', { decode: jisX0212, width: 2 }],
  ['$)C', 'high', { decode: (b) => by('euc-kr')(b), width: 2 }],
  ['$)A', 'high', { decode: (b) => by('gbk')(b), width: 2 }],
  [')I', 'high', { decode: jisX0201, width: 1 }],
  ['-A', 'high', { decode: latin1, width: 1 }],
  ['-B', 'high', { decode: (b) => by('iso-8859-2')(b), width: 1 }],
  ['-C', 'high', { decode: (b) => by('iso-8859-3')(b), width: 1 }],
  ['-D', 'high', { decode: (b) => by('iso-8859-4')(b), width: 1 }],
  ['-L', 'high', { decode: (b) => by('iso-8859-5')(b), width: 1 }],
  ['-G', 'high', { decode: (b) => by('iso-8859-6')(b), width: 1 }],
  ['-F', 'high', { decode: (b) => by('iso-8859-7')(b), width: 1 }],
  ['-H', 'high', { decode: (b) => by('iso-8859-8')(b), width: 1 }],
  ['-M', 'high', { decode: (b) => by('windows-1254')(b), width: 1 }],
  ['-b', 'high', { decode: (b) => by('iso-8859-15')(b), width: 1 }],
  ['-T', 'high', { decode: (b) => by('windows-874')(b), width: 1 }],
];

export interface CharacterSets {
  readonly kind: 'ascii' | 'whole' | 'extended';
  /** For 'whole': the set of all bytes. */
  readonly decode: Decode;
  /** For 'extended': what both halves hold at the start and after each delimiter. */
  readonly low: Half;
  readonly high: Half;
}

const WHOLE: Readonly<Record<string, string>> = { '192': 'utf-8', GB18030: 'gb18030', GBK: 'gbk' };
const cache = new Map<string, CharacterSets>();

/** From the values of Specific Character Set; sloppy spellings of the field ('ISO-IR 100', 'ISO 2022 IR 100') are read. */
export const characterSetsOf = (values: readonly string[]): CharacterSets => {
  const key = values.join('\\');
  const known = cache.get(key);
  if (known) return known;
  const names = values.map((value) =>
    value
      .toUpperCase()
      .replace(/[\s_-]+/g, ' ')
      .replace(/^ISO 2022 IR /, '')
      .replace(/^ISO IR /, '')
      .trim(),
  );
  const whole = names.find((name) => WHOLE[name] !== undefined);
  const first = SINGLE[names[0] ?? ''];
  // The lower half of ISO-IR 13 is JIS X 0201's romaji.
  const low: Half = names[0] === '13' ? { decode: jisX0201, width: 1 } : ASCII;
  const high: Half = first ? { decode: first, width: 1 } : ASCII;
  const sets: CharacterSets = whole
    ? { kind: 'whole', decode: by(WHOLE[whole] ?? 'utf-8'), low, high }
    : names.length > 1 || key.includes('2022')
      ? { kind: 'extended', decode: latin1, low, high }
      : { kind: first ? 'extended' : 'ascii', decode: latin1, low, high };
  if (cache.size < 256) cache.set(key, sets);
  return sets;
};

const ESC = 0x1b;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of ISO 2022 is looked for
const MORE_THAN_ASCII = /[\u001b\u0080-\u00ff]/;

/**
 * Values of one element, split at the backslash where that byte is a delimiter and not half of a character. `plain`: its
 * bytes, each as one character.
 */
export const decodeText = (bytes: Uint8Array, sets: CharacterSets, plain: string = latin1(bytes)): string[] => {
  // Most text is plain ASCII, the same in every set but that of Japanese romaji.
  if ((sets.low === ASCII || sets.kind === 'whole') && !MORE_THAN_ASCII.test(plain)) return plain.split('\\');
  if (sets.kind === 'whole') return sets.decode(bytes).split('\\');
  const values: string[] = [];
  let value = '';
  let { low, high } = sets;
  let i = 0;
  while (i < bytes.length) {
    const byte = bytes[i] ?? 0;
    if (byte === ESC) {
      const found = ESCAPES.find(([code]) => [...code].every((c, n) => bytes[i + 1 + n] === c.charCodeAt(0)));
      if (found) {
        if (found[1] === 'low') low = found[2];
        else high = found[2];
        i += 1 + found[0].length;
      } else i += 1;
      continue;
    }
    const upper = byte >= 0x80;
    // Delimiters and controls count only where the lower half is a single-byte set.
    if (!upper && low.width === 1 && (byte === 0x5c || byte === 0x5e || byte === 0x3d || byte < 0x20)) {
      if (byte === 0x5c) {
        values.push(value);
        value = '';
      } else value += String.fromCharCode(byte);
      // PS3.5 6.1.2.5.3: the sets go back to the first value's at each delimiter.
      ({ low, high } = sets);
      i += 1;
      continue;
    }
    // Controls inside a two-byte set: a new line ends it.
    if (!upper && byte < 0x20) {
      ({ low, high } = sets);
      value += String.fromCharCode(byte);
      i += 1;
      continue;
    }
    const half = upper ? high : low;
    let end = i;
    while (end < bytes.length) {
      const b = bytes[end] ?? 0;
      if (b === ESC || b >= 0x80 !== upper) break;
      if (!upper && (b < 0x20 || (half.width === 1 && (b === 0x5c || b === 0x5e || b === 0x3d)))) break;
      end += half.width;
    }
    value += half.decode(bytes.subarray(i, Math.min(end, bytes.length)));
    i = Math.max(end, i + 1);
  }
  values.push(value);
  return values;
};
