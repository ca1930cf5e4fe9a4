/** DICOM Segmentation (PS3.3 A.51, C.8.20) and Label Map Segmentation (A.93): bytes of one file from labels and the images under them. */
import type { Code, Vec3 } from '../../../preload/contract/index.ts';
import { cieLabOfRgb } from '../cielab.ts';
import { compact } from './content.ts';
import { type DataElements, part10 } from './part10.ts';
import { uidOf } from './phantom.ts';

const SEGMENTATION_CLASS = '1.2.840.10008.5.1.4.1.1.66.4';
const LABEL_MAP_CLASS = '1.2.840.10008.5.1.4.1.1.66.7';

export type SegmentationType = 'BINARY' | 'FRACTIONAL' | 'LABELMAP';

/** One image that labels lie on. */
export interface SourceFrame {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** From 1; null where its instance is of one frame. */
  readonly frameNumber: number | null;
  readonly positionMm: Vec3 | null;
  readonly rowDirection: Vec3 | null;
  readonly columnDirection: Vec3 | null;
  /** [between rows, between columns]; null where millimetres are not known. */
  readonly spacingMm: readonly [number, number] | null;
}

export interface SegmentationSource {
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
  readonly series: { readonly uid: string; readonly bodyPart: string };
  readonly frameOfReferenceUid: string | null;
  readonly rows: number;
  readonly columns: number;
  /** Distance between slices where they are even. */
  readonly sliceMm: number | null;
  readonly frames: readonly SourceFrame[];
}

export interface WrittenSegment {
  /** From 1, without gaps but in a label map. */
  readonly number: number;
  readonly label: string;
  readonly category: Code | null;
  readonly type: Code | null;
  readonly color: readonly [number, number, number];
  readonly algorithm: 'AUTOMATIC' | 'SEMIAUTOMATIC' | 'MANUAL';
  /** '' where it was drawn by hand. */
  readonly algorithmName: string;
  readonly tracking: { readonly id: string; readonly uid: string };
}

export interface SegmentationToWrite {
  readonly type: SegmentationType;
  readonly source: SegmentationSource;
  readonly segments: readonly WrittenSegment[];
  /**
   * rows * columns of one segment in one frame: 1 where it is (BINARY), 0 to 255 (FRACTIONAL); for LABELMAP of all
   * segments at once, their numbers, asked for with segment 0. Null where there is nothing.
   */
  readonly plane: (segment: number, frame: number) => Uint8Array | null;
  /** Frames without a marked pixel too; else only those that hold something. */
  readonly everyFrame: boolean;
  readonly overlap: 'YES' | 'NO' | 'UNDEFINED';
  readonly about: {
    /** What the UIDs are made of: the same key, the same UIDs. */
    readonly key: string;
    readonly seriesNumber: number;
    readonly description: string;
    readonly creator: string;
    readonly at: Date;
    readonly version: string;
  };
}

const TISSUE: Code = { value: '85756007', scheme: 'SCT', meaning: 'Tissue' };
const MORPHOLOGY: Code = { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Abnormal Structure' };
const ANATOMY: Code = { value: '123037004', scheme: 'SCT', meaning: 'Anatomical Structure' };
const LESION = /nodule|tumou?r|mass|lesion|neoplas|metasta|cyst|effusion|opacity|infarct|oedema|edema|ha?emorrhage/i;

/** The category that a property type falls in (PS3.16 CID 7150), where the file that it came from did not say. */
const categoryOf = (type: Code | null, label: string): Code =>
  type === null ? TISSUE : LESION.test(`${type.meaning} ${label}`) ? MORPHOLOGY : ANATOMY;

const dateOf = (at: Date): string => at.toISOString().slice(0, 10).replaceAll('-', '');
const timeOf = (at: Date): string => at.toISOString().slice(11, 19).replaceAll(':', '');
/** LO and SH hold so many characters, no backslash and no control character. */
const text = (words: string, most: number): string =>
  words
    .replace(/[\\\p{Cc}]/gu, ' ')
    .trim()
    .slice(0, most)
    .trim();
/** Values of eight and nine characters of SCT fit SH; longer ones go to Long Code Value. PS3.3 8.8 */
const codeItem = (code: Code): DataElements => [
  code.value.length <= 16 ? ['00080100', 'SH', code.value] : ['00080119', 'UC', code.value],
  ['00080102', 'SH', text(code.scheme, 16)],
  ['00080104', 'LO', text(code.meaning, 64) || 'unknown'],
];
const attributeTag = (tag: string): Uint8Array => {
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  return bytes;
};

const segmentItem = (segment: WrittenSegment): DataElements => [
  ['00620003', 'SQ', [codeItem(segment.category ?? categoryOf(segment.type, segment.label))]],
  ['00620004', 'US', segment.number],
  ['00620005', 'LO', text(segment.label, 64) || `Segment ${segment.number}`],
  ['00620008', 'CS', segment.algorithm],
  ...(segment.algorithm === 'MANUAL' ? [] : ([['00620009', 'LO', text(segment.algorithmName, 64)]] as const)),
  ['0062000D', 'US', cieLabOfRgb(segment.color)],
  ['0062000F', 'SQ', [codeItem(segment.type ?? TISSUE)]],
  ['00620020', 'UT', text(segment.tracking.id, 64) || `Segment ${segment.number}`],
  ['00620021', 'UI', segment.tracking.uid],
];
/** A label map names its background. */
const BACKGROUND: Code = { value: '125040', scheme: 'DCM', meaning: 'Background' };
const backgroundItem = (key: string, version: string): DataElements => [
  ['00620003', 'SQ', [codeItem({ value: '309825002', scheme: 'SCT', meaning: 'Spatial and Relational Concept' })]],
  ['00620004', 'US', 0],
  ['00620005', 'LO', 'Background'],
  ['00620008', 'CS', 'AUTOMATIC'],
  ['00620009', 'LO', `Sightline ${version}`],
  ['0062000F', 'SQ', [codeItem(BACKGROUND)]],
  ['00620020', 'UT', 'Background'],
  ['00620021', 'UI', uidOf(`${key}/background`)],
];

/** A file of many planes takes a while: others get their turn in between. */
const TURN = 24;
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface WrittenFrame {
  readonly segment: number;
  readonly frame: number;
}

/** Which frames are written: asked for once, and again when their pixels are, as all of them may not fit in memory. */
const framesOf = async ({
  type,
  source,
  segments,
  plane,
  everyFrame,
}: SegmentationToWrite): Promise<WrittenFrame[]> => {
  const numbers = type === 'LABELMAP' ? [0] : segments.map(({ number }) => number);
  const frames: WrittenFrame[] = [];
  let looked = 0;
  for (const segment of numbers)
    for (let frame = 0; frame < source.frames.length; frame++) {
      if (++looked % TURN === 0) await breathe();
      if (everyFrame || plane(segment, frame)?.some((value) => value !== 0)) frames.push({ segment, frame });
    }
  // A file without a frame is none.
  return frames.length > 0 ? frames : [{ segment: numbers[0] ?? 1, frame: 0 }];
};

/** Frames of one bit follow each other without a gap, the first pixel in the lowest bit. PS3.5 8.1.1 */
const pixelsOf = async (
  { type, source, plane }: SegmentationToWrite,
  frames: readonly WrittenFrame[],
): Promise<Uint8Array> => {
  const size = source.rows * source.columns;
  const bits = type === 'BINARY' ? 1 : 8;
  const bytes = new Uint8Array(Math.ceil((frames.length * size * bits) / 8));
  for (const [n, { segment, frame }] of frames.entries()) {
    if (n % TURN === TURN - 1) await breathe();
    const pixels = plane(segment, frame);
    if (pixels === null) continue;
    if (bits === 8) bytes.set(pixels, n * size);
    else
      for (let i = 0, at = n * size; i < size; i++, at++)
        if (pixels[i] !== 0) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return bytes;
};

const sourceItem = (frame: SourceFrame): DataElements => [
  ['00081150', 'UI', frame.sopClassUid],
  ['00081155', 'UI', frame.sopInstanceUid],
  ...(frame.frameNumber === null ? [] : ([['00081160', 'IS', frame.frameNumber]] as const)),
  ['0028135A', 'CS', 'YES'],
  [
    '0040A170',
    'SQ',
    [codeItem({ value: '121322', scheme: 'DCM', meaning: 'Source image for image processing operation' })],
  ],
];

const perFrameItem = (
  written: WrittenFrame,
  source: SegmentationSource,
  isLabelMap: boolean,
  placed: boolean,
): DataElements => {
  const frame = source.frames[written.frame];
  if (!frame) throw new RangeError(`there is no frame ${written.frame}`);
  const place = written.frame + 1;
  return [
    [
      '00089124',
      'SQ',
      [
        [
          ['00082112', 'SQ', [sourceItem(frame)]],
          ['00089215', 'SQ', [codeItem({ value: '113076', scheme: 'DCM', meaning: 'Segmentation' })]],
        ],
      ],
    ],
    [
      '00209111',
      'SQ',
      [[['00209157', 'UL', isLabelMap ? [place] : placed ? [written.segment, place] : [written.segment]]]],
    ],
    ...(placed && frame.positionMm
      ? ([['00209113', 'SQ', [[['00200032', 'DS', [...frame.positionMm]]]]]] as const)
      : []),
    ...(isLabelMap ? [] : ([['0062000A', 'SQ', [[['0062000B', 'US', written.segment]]]]] as const)),
  ];
};

const sharedItem = (source: SegmentationSource, placed: boolean): DataElements => {
  const [first] = source.frames;
  const thickness = source.sliceMm;
  return [
    ...(first?.spacingMm
      ? ([
          [
            '00289110',
            'SQ',
            [
              [
                // The slices of uneven gaps have no thickness that could be told from them: that of none is written as 0.
                ...(placed ? ([['00180050', 'DS', thickness ?? 0]] as const) : []),
                ...(thickness === null ? [] : ([['00180088', 'DS', thickness]] as const)),
                ['00280030', 'DS', [...first.spacingMm]],
              ],
            ],
          ],
        ] as const)
      : []),
    ...(placed && first?.rowDirection && first.columnDirection
      ? ([['00209116', 'SQ', [[['00200037', 'DS', [...first.rowDirection, ...first.columnDirection]]]]]] as const)
      : []),
  ];
};

const dimensions = (key: string, isLabelMap: boolean, placed: boolean): DataElements => {
  const uid = uidOf(`${key}/dimensions`);
  const index = (pointer: string, group: string, label: string): DataElements => [
    ['00209164', 'UI', uid],
    ['00209165', 'AT', attributeTag(pointer)],
    ['00209167', 'AT', attributeTag(group)],
    ['00209421', 'LO', label],
  ];
  const segment = index('0062000B', '0062000A', 'Segment Number');
  const position = placed
    ? index('00200032', '00209113', 'Image Position Patient')
    : index('00081155', '00089124', 'Source image');
  return [
    ['00209221', 'SQ', [[['00209164', 'UI', uid]]]],
    ['00209222', 'SQ', isLabelMap ? [position] : placed ? [segment, position] : [segment]],
    ['00209311', 'CS', '3D'],
  ];
};

/** Throws RangeError where it cannot be written: no segments, numbers that leave their type, overlap in a label map. */
export const segmentationFile = async (
  given: SegmentationToWrite,
): Promise<{ bytes: Uint8Array; sopInstanceUid: string }> => {
  const { type, source, segments, about } = given;
  if (segments.length === 0) throw new RangeError('a segmentation without segments');
  const isLabelMap = type === 'LABELMAP';
  if (isLabelMap && given.overlap === 'YES') throw new RangeError('segments of a label map cannot overlap');
  if (
    isLabelMap
      ? segments.some(({ number }) => number < 1 || number > 255)
      : segments.some(({ number }, n) => number !== n + 1)
  )
    throw new RangeError('segments are numbered from 1');
  const placed =
    source.frameOfReferenceUid !== null &&
    source.frames.every(
      ({ positionMm, rowDirection, columnDirection }) => positionMm && rowDirection && columnDirection,
    );
  const frames = await framesOf(given);
  const bits = type === 'BINARY' ? 1 : 8;
  const { study } = source;
  const uid = uidOf(`${about.key}/${type}/instance`);
  const instances = new Map(source.frames.map((frame) => [frame.sopInstanceUid, frame]));
  const key = `${about.key}/${type}`;
  const dataSet: DataElements = [
    ['00080008', 'CS', ['DERIVED', 'PRIMARY']],
    ['00080012', 'DA', dateOf(about.at)],
    ['00080013', 'TM', timeOf(about.at)],
    ['00080020', 'DA', compact(study.date)],
    ['00080021', 'DA', dateOf(about.at)],
    ['00080023', 'DA', dateOf(about.at)],
    ['00080030', 'TM', compact(study.time)],
    ['00080031', 'TM', timeOf(about.at)],
    ['00080033', 'TM', timeOf(about.at)],
    ['00080050', 'SH', text(study.accession, 16)],
    ['00080060', 'CS', 'SEG'],
    ['00080070', 'LO', 'Sightline'],
    ['00080090', 'PN', null],
    ...(study.description === '' ? [] : ([['00081030', 'LO', text(study.description, 64)]] as const)),
    ['0008103E', 'LO', text(about.description, 64)],
    ['00081090', 'LO', 'Sightline'],
    [
      '00081115',
      'SQ',
      [
        [
          [
            '0008114A',
            'SQ',
            [...instances.values()].map((frame): DataElements => {
              return [
                ['00081150', 'UI', frame.sopClassUid],
                ['00081155', 'UI', frame.sopInstanceUid],
              ];
            }),
          ],
          ['0020000E', 'UI', source.series.uid],
        ],
      ],
    ],
    ['00100010', 'PN', study.patient.name],
    ['00100020', 'LO', text(study.patient.id, 64)],
    ...(study.patient.issuer === '' ? [] : ([['00100021', 'LO', text(study.patient.issuer, 64)]] as const)),
    ['00100030', 'DA', compact(study.patient.birthDate)],
    ['00100040', 'CS', study.patient.sex],
    ...(source.series.bodyPart === '' ? [] : ([['00180015', 'CS', source.series.bodyPart]] as const)),
    ['00181000', 'LO', 'none'],
    ['00181020', 'LO', about.version],
    ['0020000D', 'UI', study.uid],
    ['0020000E', 'UI', uidOf(`${about.key}/${type}/series`)],
    ['00200010', 'SH', null],
    ['00200011', 'IS', about.seriesNumber],
    ['00200013', 'IS', 1],
    ...(placed && source.frameOfReferenceUid !== null
      ? ([
          ['00200052', 'UI', source.frameOfReferenceUid],
          ['00201040', 'LO', null],
        ] as const)
      : []),
    ...dimensions(key, isLabelMap, placed),
    ['00280002', 'US', 1],
    ['00280004', 'CS', 'MONOCHROME2'],
    ['00280008', 'IS', frames.length],
    ['00280010', 'US', source.rows],
    ['00280011', 'US', source.columns],
    ['00280100', 'US', bits],
    ['00280101', 'US', bits],
    ['00280102', 'US', bits - 1],
    ['00280103', 'US', 0],
    ...(isLabelMap ? ([['00280120', 'US', 0]] as const) : []),
    ['00282110', 'CS', '00'],
    ['00620001', 'CS', type],
    ['00620002', 'SQ', [...(isLabelMap ? [backgroundItem(key, about.version)] : []), ...segments.map(segmentItem)]],
    ...(type === 'FRACTIONAL'
      ? ([
          ['0062000E', 'US', 255],
          ['00620010', 'CS', 'OCCUPANCY'],
        ] as const)
      : []),
    ['00620013', 'CS', isLabelMap ? 'NO' : given.overlap],
    ['00700080', 'CS', 'SEGMENTATION'],
    ['00700081', 'LO', text(about.description, 64)],
    ['00700084', 'PN', about.creator],
    ['52009229', 'SQ', [sharedItem(source, placed)]],
    ['52009230', 'SQ', frames.map((frame) => perFrameItem(frame, source, isLabelMap, placed))],
    ['7FE00010', 'OB', await pixelsOf(given, frames)],
  ];
  return { bytes: part10(isLabelMap ? LABEL_MAP_CLASS : SEGMENTATION_CLASS, uid, dataSet), sopInstanceUid: uid };
};
