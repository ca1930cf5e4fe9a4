/** What every structured report of ours is made of: content items, who observed, whose study it is. PS3.3 C.17.3 */
import type { Code } from '../../../preload/contract/index.ts';
import type { DataElements } from './part10.ts';
import { uidOf } from './phantom.ts';

export interface ImageReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesUid: string;
  /** From 1; null for an instance of one frame. */
  readonly frameNumber: number | null;
}

export interface WrittenStudy {
  readonly uid: string;
  readonly patient: {
    readonly name: string;
    readonly id: string;
    readonly issuer: string;
    readonly birthDate: string | null;
    readonly sex: string | null;
  };
  readonly date: string | null;
  readonly time: string | null;
  readonly accession: string;
  readonly description: string;
}

export const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
export const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });

/** Text of one line; a backslash would divide it. */
export const line = (words: string, most: number): string =>
  words
    .replace(/[\\\p{Cc}]/gu, ' ')
    .trim()
    .slice(0, most)
    .trim();
/** Text of several lines, as ST and UT hold it. */
export const lines = (words: string): string =>
  words.replace(/\p{Cc}/gu, (control) => (control === '\n' ? '\r\n' : ' '));

export const codeItem = (code: Code): DataElements => [
  ['00080100', 'SH', code.value],
  ['00080102', 'SH', code.scheme],
  ['00080104', 'LO', line(code.meaning, 64)],
];

type Relation = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'INFERRED FROM' | 'SELECTED FROM';

/** A content item: relation, kind, name, what it holds, and what hangs on it. PS3.3 C.17.3 */
export const item = (
  relation: Relation | null,
  kind: 'CONTAINER' | 'CODE' | 'TEXT' | 'PNAME' | 'UIDREF' | 'NUM' | 'SCOORD' | 'SCOORD3D' | 'IMAGE',
  name: Code | null,
  holds: DataElements,
  children: readonly DataElements[] = [],
): DataElements => [
  ...(relation === null ? [] : ([['0040A010', 'CS', relation]] as const)),
  ['0040A040', 'CS', kind],
  ...(name === null ? [] : ([['0040A043', 'SQ', [codeItem(name)]]] as const)),
  ...holds,
  ...(children.length === 0 ? [] : ([['0040A730', 'SQ', children]] as const)),
];
export const codeOf = (relation: Relation, name: Code, value: Code): DataElements =>
  item(relation, 'CODE', name, [['0040A168', 'SQ', [codeItem(value)]]]);
export const textOf = (name: Code, text: string): DataElements =>
  item('HAS OBS CONTEXT', 'TEXT', name, [['0040A160', 'UT', text]]);
export const uidRef = (name: Code, uid: string): DataElements =>
  item('HAS OBS CONTEXT', 'UIDREF', name, [['0040A124', 'UI', uid]]);
export const container = (
  relation: Relation | null,
  name: Code,
  template: string | null,
  children: readonly DataElements[],
): DataElements =>
  item(
    relation,
    'CONTAINER',
    name,
    [
      ['0040A050', 'CS', 'SEPARATE'],
      ...(template === null
        ? []
        : ([
            [
              '0040A504',
              'SQ',
              [
                [
                  ['00080105', 'CS', 'DCMR'],
                  ['0040DB00', 'CS', template],
                ],
              ],
            ],
          ] as const)),
    ],
    children,
  );

/** PS3.16 TID 1001 to 1004. */
export const observers = (observer: string): DataElements[] => {
  const type = dcm('121005', 'Observer Type');
  const person = line(observer, 64);
  return [
    ...(person === ''
      ? []
      : [
          codeOf('HAS OBS CONTEXT', type, dcm('121006', 'Person')),
          item('HAS OBS CONTEXT', 'PNAME', dcm('121008', 'Person Observer Name'), [
            ['0040A123', 'PN', personName(person)],
          ]),
        ]),
    codeOf('HAS OBS CONTEXT', type, dcm('121007', 'Device')),
    uidRef(dcm('121012', 'Device Observer UID'), uidOf('sightline')),
    textOf(dcm('121013', 'Device Observer Name'), 'Sightline'),
    textOf(dcm('121014', 'Device Observer Manufacturer'), 'Sightline'),
  ];
};

/** 'Ada Reader': family name last, as names are signed here; which part is which is not known of one word. */
export const personName = (name: string): string => {
  if (name.includes('^')) return name;
  const words = name.replace(/=/g, ' ').split(/\s+/);
  const family = words.at(-1) ?? '';
  return `${family}^${words.slice(0, -1).join(' ')}`;
};

/** By the clock of this machine, as the times of the study are by the scanner's. */
export const localOf = (at: Date): readonly [date: string, time: string] => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return [day, `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`];
};

export const compact = (text: string | null): string | null => text?.replace(/[-:]/g, '') ?? null;

/** Patient and study as the images say them. */
const studyElements = (study: WrittenStudy): DataElements => [
  ['00080020', 'DA', compact(study.date)],
  ['00080030', 'TM', compact(study.time)],
  ['00080050', 'SH', line(study.accession, 16)],
  ['00080090', 'PN', null],
  ...(study.description === '' ? [] : ([['00081030', 'LO', line(study.description, 64)]] as const)),
  ['00100010', 'PN', study.patient.name],
  ['00100020', 'LO', line(study.patient.id, 64)],
  ...(study.patient.issuer === '' ? [] : ([['00100021', 'LO', line(study.patient.issuer, 64)]] as const)),
  ['00100030', 'DA', compact(study.patient.birthDate)],
  ['00100040', 'CS', study.patient.sex],
  ['0020000D', 'UI', study.uid],
  ['00200010', 'SH', null],
];

/** Manufacturer and what else says that Sightline wrote it. */
const equipmentElements = (software: string): DataElements => [
  ['00080070', 'LO', 'Sightline'],
  ['00081090', 'LO', 'Sightline'],
  ['00181000', 'LO', '1'],
  ['00181020', 'LO', software],
];

/** Who writes what, when, into which series. */
export interface Written {
  readonly study: WrittenStudy;
  /** What the UIDs are made of: of the series, and with the edition of the instance. */
  readonly key: string;
  readonly edition: string;
  /** Version of Sightline. */
  readonly software: string;
  readonly seriesNumber: number;
  readonly at: Date;
}

/** Study, equipment, series and times of an object that Sightline writes. */
export const writtenElements = (
  { study, key, software, seriesNumber, at }: Written,
  modality: 'KO' | 'SR' | 'PR',
  title: string,
): DataElements => {
  const [date, time] = localOf(at);
  return [
    ...studyElements(study),
    ...equipmentElements(software),
    ['00080012', 'DA', date],
    ['00080013', 'TM', time],
    ['00080021', 'DA', date],
    ['00080031', 'TM', time],
    ['00080060', 'CS', modality],
    ['0008103E', 'LO', title],
    ['0020000E', 'UI', uidOf(`${key}/series`)],
    ['00200011', 'IS', seriesNumber],
  ];
};

/** What a document, which is a series of its own, has beside: when its content was written. PS3.3 C.17.2, C.17.6 */
export const documentElements = (at: Date): DataElements => {
  const [date, time] = localOf(at);
  return [
    ['00080023', 'DA', date],
    ['00080033', 'TM', time],
    ['00081111', 'SQ', []],
    ['00200013', 'IS', 1],
  ];
};

/** PS3.16 TID 1204. */
export const inEnglish = (): DataElements =>
  codeOf('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), {
    value: 'en',
    scheme: 'RFC5646',
    meaning: 'English',
  });

/** Items of Referenced Series Sequence: the instances by their series. */
export const bySeries = (images: readonly ImageReference[]): DataElements[] => {
  const once = [...new Map(images.map((image) => [image.sopInstanceUid, image])).values()];
  return [...Map.groupBy(once, (image) => image.seriesUid)].map(
    ([seriesUid, ofSeries]): DataElements => [
      [
        '00081199',
        'SQ',
        ofSeries.map(
          (image): DataElements => [
            ['00081150', 'UI', image.sopClassUid],
            ['00081155', 'UI', image.sopInstanceUid],
          ],
        ),
      ],
      ['0020000E', 'UI', seriesUid],
    ],
  );
};

/** Current Requested Procedure Evidence: what the document speaks of. PS3.3 C.17.2 */
export const evidenceElements = (studyUid: string, images: readonly ImageReference[]): DataElements =>
  images.length === 0
    ? []
    : [
        [
          '0040A375',
          'SQ',
          [
            [
              ['00081115', 'SQ', bySeries(images)],
              ['0020000D', 'UI', studyUid],
            ],
          ],
        ],
      ];
