/**
 * Measurements as a DICOM Structured Report by template TID 1500 (PS3.16): regions of a plane by TID 1410, all else by TID
 * 1501. An Enhanced SR where every place lies on an image, a Comprehensive 3D SR where one lies in the patient.
 */
import type { Code, Vec3 } from '../../../preload/contract/index.ts';
import { type DataElements, decimalString, part10 } from './part10.ts';
import { uidOf } from './phantom.ts';

const ENHANCED_SR = '1.2.840.10008.5.1.4.1.1.88.22';
const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';

export interface ImageReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesUid: string;
  /** From 1; null for an instance of one frame. */
  readonly frameNumber: number | null;
}

/** Points as drawn: on an image in columns and rows, its upper left corner 0, 0 (PS3.3 C.18.6.1.1), or in the patient, mm. */
export type Coordinates =
  | {
      readonly kind: 'image';
      readonly graphic: 'POINT' | 'POLYLINE' | 'ELLIPSE';
      readonly points: readonly (readonly [number, number])[];
      readonly image: ImageReference;
    }
  | {
      readonly kind: 'patient';
      readonly graphic: 'POINT' | 'POLYLINE' | 'POLYGON' | 'ELLIPSE';
      readonly points: readonly Vec3[];
      readonly frameOfReferenceUid: string;
    };

export interface WrittenValue {
  readonly concept: Code;
  readonly value: number;
  /** UCUM. */
  readonly unit: Code;
  /** Mean, standard deviation, minimum, maximum; null for the thing itself. */
  readonly derivation: Code | null;
  readonly site: Code | null;
  /** What it was measured on; empty for values of the group's region. */
  readonly from: readonly Coordinates[];
}

export interface MeasurementGroup {
  /** Shown by readers; at most 64 characters of it are kept. */
  readonly trackingId: string;
  readonly trackingUid: string;
  /** The region that the values were taken in: TID 1410; null: TID 1501. */
  readonly region: Coordinates | null;
  readonly values: readonly WrittenValue[];
}

export interface MeasurementReport {
  readonly study: {
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
  };
  /** What the UIDs are made of: of the series, and with the edition of the instance. */
  readonly key: string;
  readonly edition: string;
  /** Version of Sightline. */
  readonly software: string;
  readonly seriesNumber: number;
  readonly at: Date;
  /** Empty where no reader has given a name. */
  readonly observer: string;
  readonly procedure: Code;
  readonly groups: readonly MeasurementGroup[];
  /** Images beside those that the groups name. */
  readonly evidence: readonly ImageReference[];
}

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });

/** Text of one line; a backslash would divide it. */
const line = (words: string, most: number): string =>
  words
    .replace(/[\\\p{Cc}]/gu, ' ')
    .trim()
    .slice(0, most)
    .trim();
const codeItem = (code: Code): DataElements => [
  ['00080100', 'SH', code.value],
  ['00080102', 'SH', code.scheme],
  ['00080104', 'LO', line(code.meaning, 64)],
];

type Relation = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'INFERRED FROM' | 'SELECTED FROM';

/** A content item: relation, kind, name, what it holds, and what hangs on it. PS3.3 C.17.3 */
const item = (
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
const codeOf = (relation: Relation, name: Code, value: Code): DataElements =>
  item(relation, 'CODE', name, [['0040A168', 'SQ', [codeItem(value)]]]);
const textOf = (name: Code, text: string): DataElements =>
  item('HAS OBS CONTEXT', 'TEXT', name, [['0040A160', 'UT', text]]);
const uidRef = (name: Code, uid: string): DataElements =>
  item('HAS OBS CONTEXT', 'UIDREF', name, [['0040A124', 'UI', uid]]);
const container = (
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

const coordinatesItem = (relation: 'CONTAINS' | 'INFERRED FROM', name: Code, from: Coordinates): DataElements => {
  const graphic: DataElements = [
    ['00700022', 'FL', from.points.flat()],
    ['00700023', 'CS', from.graphic],
  ];
  if (from.kind === 'patient')
    return item(relation, 'SCOORD3D', name, [...graphic, ['30060024', 'UI', from.frameOfReferenceUid]]);
  const { sopClassUid, sopInstanceUid, frameNumber } = from.image;
  const image: DataElements = [
    ['00081150', 'UI', sopClassUid],
    ['00081155', 'UI', sopInstanceUid],
    ...(frameNumber === null ? [] : ([['00081160', 'IS', frameNumber]] as const)),
  ];
  const source = item('SELECTED FROM', 'IMAGE', sct('260753009', 'Source'), [['00081199', 'SQ', [image]]]);
  return item(relation, 'SCOORD', name, graphic, [source]);
};

const IMAGE_REGION = dcm('111030', 'Image Region');
/** PS3.16 TID 300, TID 320. */
const SOURCE = sct('260753009', 'Source');

const valueItem = ({ concept, value, unit, derivation, site, from }: WrittenValue): DataElements =>
  item(
    'CONTAINS',
    'NUM',
    concept,
    [
      [
        '0040A300',
        'SQ',
        [
          [
            ['004008EA', 'SQ', [codeItem(unit)]],
            ['0040A161', 'FD', value],
            ['0040A30A', 'DS', decimalString(value)],
          ],
        ],
      ],
    ],
    [
      ...(derivation === null ? [] : [codeOf('HAS CONCEPT MOD', dcm('121401', 'Derivation'), derivation)]),
      ...(site === null ? [] : [codeOf('HAS CONCEPT MOD', sct('363698007', 'Finding Site'), site)]),
      ...from.map((one) => coordinatesItem('INFERRED FROM', SOURCE, one)),
    ],
  );

const groupItem = (group: MeasurementGroup): DataElements =>
  container('CONTAINS', dcm('125007', 'Measurement Group'), group.region === null ? '1501' : '1410', [
    textOf(dcm('112039', 'Tracking Identifier'), line(group.trackingId, 64) || 'Measurement'),
    uidRef(dcm('112040', 'Tracking Unique Identifier'), group.trackingUid),
    ...(group.region === null ? [] : [coordinatesItem('CONTAINS', IMAGE_REGION, group.region)]),
    ...group.values.map(valueItem),
  ]);

/** PS3.16 TID 1001 to 1004. */
const observers = (report: MeasurementReport): DataElements[] => {
  const type = dcm('121005', 'Observer Type');
  const person = line(report.observer, 64);
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
const personName = (name: string): string => {
  if (name.includes('^')) return name;
  const words = name.replace(/=/g, ' ').split(/\s+/);
  const family = words.at(-1) ?? '';
  return `${family}^${words.slice(0, -1).join(' ')}`;
};

const evidenceOf = (report: MeasurementReport): ImageReference[] => {
  const named = report.groups.flatMap((group) => [group.region, ...group.values.flatMap((value) => value.from)]);
  const images = named.flatMap((from) => (from?.kind === 'image' ? [from.image] : []));
  return [...new Map([...images, ...report.evidence].map((image) => [image.sopInstanceUid, image])).values()];
};

/** By the clock of this machine, as the times of the study are by the scanner's. */
const localOf = (at: Date): readonly [date: string, time: string] => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return [day, `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`];
};

const compact = (text: string | null): string | null => text?.replace(/[-:]/g, '') ?? null;
const isPatient = (from: Coordinates | null): boolean => from?.kind === 'patient';
const isIn3d = ({ region, values }: MeasurementGroup): boolean =>
  isPatient(region) || values.some(({ from }) => from.some(isPatient));

/** Throws RangeError where there is nothing to write. */
export const measurementReportFile = (report: MeasurementReport): { bytes: Uint8Array; sopInstanceUid: string } => {
  const { study, groups } = report;
  if (groups.length === 0) throw new RangeError('a report without measurements');
  const uid = uidOf(`${report.key}/instance/${report.edition}`);
  const [date, time] = localOf(report.at);
  const bySeries = Map.groupBy(evidenceOf(report), (image) => image.seriesUid);
  const series = [...bySeries].map(
    ([seriesUid, images]): DataElements => [
      [
        '00081199',
        'SQ',
        images.map(
          (image): DataElements => [
            ['00081150', 'UI', image.sopClassUid],
            ['00081155', 'UI', image.sopInstanceUid],
          ],
        ),
      ],
      ['0020000E', 'UI', seriesUid],
    ],
  );
  const content = container(null, dcm('126000', 'Imaging Measurement Report'), '1500', [
    codeOf('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), {
      value: 'en',
      scheme: 'RFC5646',
      meaning: 'English',
    }),
    ...observers(report),
    codeOf('HAS CONCEPT MOD', dcm('121058', 'Procedure reported'), report.procedure),
    container('CONTAINS', dcm('126010', 'Imaging Measurements'), null, groups.map(groupItem)),
  ]);
  const dataSet: DataElements = [
    ['00080012', 'DA', date],
    ['00080013', 'TM', time],
    ['00080020', 'DA', compact(study.date)],
    ['00080021', 'DA', date],
    ['00080023', 'DA', date],
    ['00080030', 'TM', compact(study.time)],
    ['00080031', 'TM', time],
    ['00080033', 'TM', time],
    ['00080050', 'SH', line(study.accession, 16)],
    ['00080060', 'CS', 'SR'],
    ['00080070', 'LO', 'Sightline'],
    ['00080090', 'PN', null],
    ...(study.description === '' ? [] : ([['00081030', 'LO', line(study.description, 64)]] as const)),
    ['0008103E', 'LO', 'Measurements'],
    ['00081090', 'LO', 'Sightline'],
    ['00081111', 'SQ', []],
    ['00100010', 'PN', study.patient.name],
    ['00100020', 'LO', line(study.patient.id, 64)],
    ...(study.patient.issuer === '' ? [] : ([['00100021', 'LO', line(study.patient.issuer, 64)]] as const)),
    ['00100030', 'DA', compact(study.patient.birthDate)],
    ['00100040', 'CS', study.patient.sex],
    ['00181000', 'LO', '1'],
    ['00181020', 'LO', report.software],
    ['0020000D', 'UI', study.uid],
    ['0020000E', 'UI', uidOf(`${report.key}/series`)],
    ['00200010', 'SH', null],
    ['00200011', 'IS', report.seriesNumber],
    ['00200013', 'IS', 1],
    ['0040A372', 'SQ', []],
    ...(series.length === 0
      ? []
      : ([
          [
            '0040A375',
            'SQ',
            [
              [
                ['00081115', 'SQ', series],
                ['0020000D', 'UI', study.uid],
              ],
            ],
          ],
        ] as const)),
    ['0040A491', 'CS', 'PARTIAL'],
    ['0040A493', 'CS', 'UNVERIFIED'],
    ['0040A496', 'CS', 'PRELIMINARY'],
    ...content,
  ];
  return { bytes: part10(groups.some(isIn3d) ? COMPREHENSIVE_3D_SR : ENHANCED_SR, uid, dataSet), sopInstanceUid: uid };
};
