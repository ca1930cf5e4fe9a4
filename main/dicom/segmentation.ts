import { rgbOfCieLab } from './cielab.ts';
import type { DataSet } from './data-set.ts';
import type { CodeWords, SegmentationWords } from './image.ts';
import { TAG } from './tags.ts';

export const codeOf = (item: DataSet | undefined): CodeWords | null => {
  if (!item) return null;
  const value = item.text(TAG.CodeValue) || item.text(TAG.LongCodeValue);
  return value === ''
    ? null
    : { value, scheme: item.text(TAG.CodingSchemeDesignator), meaning: item.text(TAG.CodeMeaning) };
};

/** The one image that a frame says it was made from; null where it names none or several. */
const sourceOf = (group: DataSet | undefined): { uid: string; frame: number } | null => {
  const images = group?.items(TAG.DerivationImageSequence).flatMap((item) => item.items(TAG.SourceImageSequence)) ?? [];
  const [image] = images;
  const uid = image?.code(TAG.ReferencedSOPInstanceUID) ?? '';
  if (!image || images.length > 1 || uid === '') return null;
  const frames = image.decimals(TAG.ReferencedFrameNumber);
  return frames.length > 1 ? null : { uid, frame: frames[0] ?? 1 };
};

/** Background, as a label map names what is none of its segments. PS3.16 */
const isBackground = (code: CodeWords | null): boolean => code?.scheme === 'DCM' && code.value === '125040';

export const segmentationWords = (dataSet: DataSet, frames: number): SegmentationWords => {
  const said = dataSet.code(TAG.SegmentationType).toUpperCase();
  const type = said === 'FRACTIONAL' || said === 'LABELMAP' ? said : 'BINARY';
  const shared = dataSet.item(TAG.SharedFunctionalGroupsSequence);
  const perFrame = dataSet.items(TAG.PerFrameFunctionalGroupsSequence);
  const groupOf = (n: number, tag: number): DataSet | undefined => (perFrame[n]?.has(tag) ? perFrame[n] : shared);
  const referenced = dataSet.items(TAG.ReferencedSeriesSequence).map((item) => item.code(TAG.SeriesInstanceUID));
  const uids = new Map<string, number>();
  const sources = Array.from({ length: frames }, (_, n) => {
    const source = sourceOf(groupOf(n, TAG.DerivationImageSequence));
    if (source === null) return null;
    const index = uids.get(source.uid) ?? uids.size;
    uids.set(source.uid, index);
    return [index, source.frame] as const;
  });
  return {
    type,
    maximumFractional: dataSet.number(TAG.MaximumFractionalValue) ?? 255,
    referencedSeriesUids: referenced.filter((uid) => uid !== ''),
    segments: dataSet.items(TAG.SegmentSequence).flatMap((item) => {
      const code = codeOf(item.item(TAG.SegmentedPropertyTypeCodeSequence));
      const number = item.number(TAG.SegmentNumber) ?? 0;
      if (type === 'LABELMAP' && (isBackground(code) || /^background$/i.test(item.text(TAG.SegmentLabel)))) return [];
      const uid = item.code(TAG.TrackingUID);
      return [
        {
          number,
          label: item.text(TAG.SegmentLabel).slice(0, 64),
          code,
          color: rgbOfCieLab(item.numbers(TAG.RecommendedDisplayCIELabValue)),
          category: codeOf(item.item(TAG.SegmentedPropertyCategoryCodeSequence)),
          tracking: uid === '' ? null : { id: item.text(TAG.TrackingID).slice(0, 64), uid },
        },
      ];
    }),
    ofFrames:
      type === 'LABELMAP'
        ? []
        : Array.from({ length: frames }, (_, n) => {
            const group = groupOf(n, TAG.SegmentIdentificationSequence);
            return group?.item(TAG.SegmentIdentificationSequence)?.number(TAG.ReferencedSegmentNumber) ?? 0;
          }),
    instanceUids: [...uids.keys()],
    sources,
  };
};
