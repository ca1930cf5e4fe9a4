/** Images of interest as a DICOM Key Object Selection. PS3.3 A.35.4, PS3.16 TID 2010 */
import {
  codeOf,
  container,
  dcm,
  equipmentElements,
  evidenceElements,
  type ImageReference,
  item,
  lines,
  localOf,
  observers,
  studyElements,
  type WrittenStudy,
} from './content.ts';
import { type DataElements, part10 } from './part10.ts';
import { uidOf } from './phantom.ts';

const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';

export interface KeyObjectSelection {
  readonly study: WrittenStudy;
  /** What the UIDs are made of: of the series, and with the edition of the instance. */
  readonly key: string;
  readonly edition: string;
  /** Version of Sightline. */
  readonly software: string;
  readonly seriesNumber: number;
  readonly at: Date;
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
  const [date, time] = localOf(selection.at);
  const perInstance = [...Map.groupBy(images, (image) => image.sopInstanceUid).values()];
  const content = container(null, dcm('113000', 'Of Interest'), '2010', [
    codeOf('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), {
      value: 'en',
      scheme: 'RFC5646',
      meaning: 'English',
    }),
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
    ...studyElements(study),
    ...equipmentElements(selection.software),
    ['00080012', 'DA', date],
    ['00080013', 'TM', time],
    ['00080021', 'DA', date],
    ['00080023', 'DA', date],
    ['00080031', 'TM', time],
    ['00080033', 'TM', time],
    ['00080060', 'CS', 'KO'],
    ['0008103E', 'LO', 'Key images'],
    ['00081111', 'SQ', []],
    ['0020000E', 'UI', uidOf(`${selection.key}/series`)],
    ['00200011', 'IS', selection.seriesNumber],
    ['00200013', 'IS', 1],
    ...evidenceElements(study.uid, images),
    ...content,
  ];
  return { bytes: part10(KEY_OBJECT_SELECTION, uid, dataSet), sopInstanceUid: uid };
};
