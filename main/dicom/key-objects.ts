/** What a Key Object Selection says. PS3.3 A.35.4, PS3.16 TID 2010 */
import type { DataSet } from './data-set.ts';
import { TAG } from './tags.ts';

export const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';

export interface KeyObjectWords {
  readonly title: string;
  readonly note: string;
  readonly images: readonly { readonly instanceUid: string; readonly frameNumbers: readonly number[] }[];
}

const MOST_IMAGES = 20_000;
const MOST_LETTERS = 4000;
const DESCRIPTION = '113012';

/** Throws RangeError where it selects more than anyone looks at. */
export const keyObjectWords = (dataSet: DataSet): KeyObjectWords => {
  const images: { instanceUid: string; frameNumbers: number[] }[] = [];
  const notes: string[] = [];
  for (const item of dataSet.items(TAG.ContentSequence)) {
    const kind = item.code(TAG.ValueType).toUpperCase();
    if (kind === 'TEXT' && item.item(TAG.ConceptNameCodeSequence)?.text(TAG.CodeValue) === DESCRIPTION)
      notes.push(item.texts(TAG.TextValue).join('\\').replaceAll('\r\n', '\n'));
    if (kind !== 'IMAGE') continue;
    const reference = item.item(TAG.ReferencedSOPSequence);
    const instanceUid = reference?.code(TAG.ReferencedSOPInstanceUID).slice(0, 128) ?? '';
    const frameNumbers =
      reference?.decimals(TAG.ReferencedFrameNumber).filter((n) => Number.isInteger(n) && n > 0) ?? [];
    if (instanceUid !== '') images.push({ instanceUid, frameNumbers });
    if (images.length > MOST_IMAGES) throw new RangeError('it selects more images than are read');
  }
  return {
    title: dataSet.item(TAG.ConceptNameCodeSequence)?.text(TAG.CodeMeaning).slice(0, 200) ?? '',
    note: notes.join('\n').slice(0, MOST_LETTERS),
    images,
  };
};
