import type { DataSet } from './data-set.ts';

/** One text value, of whatever level. */
export interface HeaderText {
  readonly tag: number;
  readonly vr: string;
  readonly value: string;
}

const TEXT = new Set(['AE', 'AS', 'CS', 'DA', 'DT', 'LO', 'LT', 'PN', 'SH', 'ST', 'TM', 'UC', 'UI', 'UR', 'UT']);
const LONGEST_BYTES = 10_240;
const DEEPEST = 8;

const isPrintable = (text: string): boolean => {
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13) || code === 0xfffd || code === 127) return false;
  }
  return text !== '';
};
/** An item begins with (FFFE,E000), in either byte order. PS3.5 7.5 */
const beginsItem = (bytes: Uint8Array): boolean =>
  bytes.length >= 8 &&
  ((bytes[0] === 0xfe && bytes[1] === 0xff && bytes[2] === 0x00 && bytes[3] === 0xe0) ||
    (bytes[0] === 0xff && bytes[1] === 0xfe && bytes[2] === 0xe0 && bytes[3] === 0x00));

/** Every text in a data set, also in items, private attributes and values of unknown VR that read as text. */
export const headerTexts = (dataSet: DataSet, found: (text: HeaderText) => void, depth = 0): void => {
  for (const { tag, vr, length, undefinedLength } of dataSet.elements.values()) {
    const unknown = vr === '' || vr === 'UN' || vr === 'OB';
    try {
      if (vr === 'SQ' || undefinedLength || (unknown && beginsItem(dataSet.raw(tag) ?? new Uint8Array(0)))) {
        if (depth < DEEPEST && tag >>> 16 !== 0x7fe0)
          for (const item of dataSet.items(tag)) headerTexts(item, found, depth + 1);
      } else if ((TEXT.has(vr) || unknown) && length > 0 && length <= LONGEST_BYTES)
        for (const value of dataSet.texts(tag)) if (isPrintable(value)) found({ tag, vr, value });
    } catch {
      // A broken item holds no text that anything here reads.
    }
  }
};
