import type { DataSet } from './data-set.ts';
import type { SegmentationWords } from './image.ts';
import { TAG } from './tags.ts';

/** CIELab as DICOM packs it (PS3.3 C.10.7.1.1) to sRGB, D50 white. */
export const rgbOfCieLab = (packed: readonly number[]): [number, number, number] | null => {
  const [l16, a16, b16] = packed;
  if (l16 === undefined || a16 === undefined || b16 === undefined) return null;
  const l = (l16 / 65_535) * 100;
  const a = (a16 / 65_535) * 255 - 128;
  const b = (b16 / 65_535) * 255 - 128;
  const fy = (l + 16) / 116;
  const inverse = (f: number): number => (f > 6 / 29 ? f ** 3 : 3 * (6 / 29) ** 2 * (f - 4 / 29));
  const x = 0.96422 * inverse(fy + a / 500);
  const y = inverse(fy);
  const z = 0.82521 * inverse(fy - b / 200);
  const linear = [
    3.1338561 * x - 1.6168667 * y - 0.4906146 * z,
    -0.9787684 * x + 1.9161415 * y + 0.033454 * z,
    0.0719453 * x - 0.2289914 * y + 1.4052427 * z,
  ];
  const gamma = (v: number): number => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  const [red = 0, green = 0, blue = 0] = linear.map((v) =>
    Math.round(255 * Math.min(1, Math.max(0, gamma(Math.max(0, v))))),
  );
  return [red, green, blue];
};

const codeOf = (item: DataSet | undefined): SegmentationWords['segments'][number]['code'] => {
  if (!item) return null;
  const value = item.text(TAG.CodeValue);
  return value === ''
    ? null
    : { value, scheme: item.text(TAG.CodingSchemeDesignator), meaning: item.text(TAG.CodeMeaning) };
};

export const segmentationWords = (dataSet: DataSet, frames: number): SegmentationWords => {
  const said = dataSet.code(TAG.SegmentationType).toUpperCase();
  const type = said === 'FRACTIONAL' || said === 'LABELMAP' ? said : 'BINARY';
  const shared = dataSet.item(TAG.SharedFunctionalGroupsSequence);
  const perFrame = dataSet.items(TAG.PerFrameFunctionalGroupsSequence);
  const ofFrame = (n: number): number => {
    const group =
      perFrame[n]?.item(TAG.SegmentIdentificationSequence) ?? shared?.item(TAG.SegmentIdentificationSequence);
    return group?.number(TAG.ReferencedSegmentNumber) ?? 0;
  };
  const referenced = dataSet.items(TAG.ReferencedSeriesSequence).map((item) => item.code(TAG.SeriesInstanceUID));
  return {
    type,
    maximumFractional: dataSet.number(TAG.MaximumFractionalValue) ?? 255,
    referencedSeriesUids: referenced.filter((uid) => uid !== ''),
    segments: dataSet.items(TAG.SegmentSequence).map((item) => ({
      number: item.number(TAG.SegmentNumber) ?? 0,
      label: item.text(TAG.SegmentLabel).slice(0, 64),
      code: codeOf(item.item(TAG.SegmentedPropertyTypeCodeSequence)),
      color: rgbOfCieLab(item.numbers(TAG.RecommendedDisplayCIELabValue)),
    })),
    ofFrames: type === 'LABELMAP' ? [] : Array.from({ length: frames }, (_, n) => ofFrame(n)),
  };
};
