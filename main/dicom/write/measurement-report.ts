/**
 * Measurements as a DICOM Structured Report by template TID 1500 (PS3.16): regions of a plane by TID 1410, all else by TID
 * 1501. An Enhanced SR where every place lies on an image, a Comprehensive 3D SR where one lies in the patient.
 */
import type { Code, Vec3 } from '../../../preload/contract/index.ts';
import {
  codeItem,
  codeOf,
  container,
  dcm,
  documentElements,
  evidenceElements,
  type ImageReference,
  inEnglish,
  item,
  line,
  observers,
  sct,
  textOf,
  uidRef,
  type Written,
  writtenElements,
} from './content.ts';
import { type DataElements, decimalString, part10 } from './part10.ts';
import { uidOf } from './phantom.ts';

const ENHANCED_SR = '1.2.840.10008.5.1.4.1.1.88.22';
const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';

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

export interface MeasurementReport extends Written {
  /** Empty where no reader has given a name. */
  readonly observer: string;
  readonly procedure: Code;
  readonly groups: readonly MeasurementGroup[];
  /** Images beside those that the groups name. */
  readonly evidence: readonly ImageReference[];
}

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

const evidenceOf = (report: MeasurementReport): ImageReference[] => {
  const named = report.groups.flatMap((group) => [group.region, ...group.values.flatMap((value) => value.from)]);
  const images = named.flatMap((from) => (from?.kind === 'image' ? [from.image] : []));
  return [...images, ...report.evidence];
};

const isPatient = (from: Coordinates | null): boolean => from?.kind === 'patient';
const isIn3d = ({ region, values }: MeasurementGroup): boolean =>
  isPatient(region) || values.some(({ from }) => from.some(isPatient));

/** Throws RangeError where there is nothing to write. */
export const measurementReportFile = (report: MeasurementReport): { bytes: Uint8Array; sopInstanceUid: string } => {
  const { study, groups } = report;
  if (groups.length === 0) throw new RangeError('a report without measurements');
  const uid = uidOf(`${report.key}/instance/${report.edition}`);
  const content = container(null, dcm('126000', 'Imaging Measurement Report'), '1500', [
    inEnglish(),
    ...observers(report.observer),
    codeOf('HAS CONCEPT MOD', dcm('121058', 'Procedure reported'), report.procedure),
    container('CONTAINS', dcm('126010', 'Imaging Measurements'), null, groups.map(groupItem)),
  ]);
  const dataSet: DataElements = [
    ...writtenElements(report, 'SR', 'Measurements'),
    ...documentElements(report.at),
    ['0040A372', 'SQ', []],
    ...evidenceElements(study.uid, evidenceOf(report)),
    ['0040A491', 'CS', 'PARTIAL'],
    ['0040A493', 'CS', 'UNVERIFIED'],
    ['0040A496', 'CS', 'PRELIMINARY'],
    ...content,
  ];
  return { bytes: part10(groups.some(isIn3d) ? COMPREHENSIVE_3D_SR : ENHANCED_SR, uid, dataSet), sopInstanceUid: uid };
};
