/** Images of interest as a DICOM Key Object Selection. PS3.3 A.35.4, PS3.16 TID 2010 */
import {
  container,
  dcm,
  documentElements,
  evidenceElements,
  type ImageReference,
  inEnglish,
  item,
  lines,
  observers,
  type Written,
  writtenElements,
} from './content.ts';
import { type DataElements, part10 } from './part10.ts';
import { uidOf } from './phantom.ts';

const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';

export interface KeyObjectSelection extends Written {
  /** Empty where no reader has given a name. */
  readonly observer: string;
  /** Of all images together; empty for none. */
  readonly description: string;
  readonly images: readonly ImageReference[];
}

const referenceOf = (instance: readonly ImageReference[]): DataElements => {
  const [first] = instance;
  const frames = instance.flatMap(({ frameNumber }) => (frameNumber === null ? [] : [frameNumber]));
  return [
    ['00081150', 'UI', first?.sopClassUid ?? ''],
    ['00081155', 'UI', first?.sopInstanceUid ?? ''],
    ...(frames.length === 0 ? [] : ([['00081160', 'IS', frames]] as const)),
  ];
};

/** Throws RangeError where there is nothing to write. */
export const keyObjectFile = (selection: KeyObjectSelection): { bytes: Uint8Array; sopInstanceUid: string } => {
  const { study, images } = selection;
  if (images.length === 0) throw new RangeError('a selection without images');
  const uid = uidOf(`${selection.key}/instance/${selection.edition}`);
  const perInstance = [...Map.groupBy(images, (image) => image.sopInstanceUid).values()];
  const content = container(null, dcm('113000', 'Of Interest'), '2010', [
    inEnglish(),
    ...observers(selection.observer),
    ...(selection.description === ''
      ? []
      : [
          item('CONTAINS', 'TEXT', dcm('113012', 'Key Object Description'), [
            ['0040A160', 'UT', lines(selection.description)],
          ]),
        ]),
    ...perInstance.map((instance) => item('CONTAINS', 'IMAGE', null, [['00081199', 'SQ', [referenceOf(instance)]]])),
  ]);
  const dataSet: DataElements = [
    ...writtenElements(selection, 'KO', 'Key images'),
    ...documentElements(selection.at),
    ...evidenceElements(study.uid, images),
    ...content,
  ];
  return { bytes: part10(KEY_OBJECT_SELECTION, uid, dataSet), sopInstanceUid: uid };
};
