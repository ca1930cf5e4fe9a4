export { type ImageReference, localOf, type WrittenStudy } from './content.ts';
export { type ColourPicture, fundusFile, writeFundus } from './fundus.ts';
export { type KeyObjectSelection, keyObjectFile } from './key-objects.ts';
export {
  type Coordinates,
  type MeasurementGroup,
  type MeasurementReport,
  measurementReportFile,
  type WrittenValue,
} from './measurement-report.ts';
export { type DataElements, decimalString, part10, type Value, type Vr } from './part10.ts';
export { type PhantomIdentity, phantomFiles, uidOf, writePhantom } from './phantom.ts';
export { type PresentationFile, presentationStateFile } from './presentation-state.ts';
export {
  type SegmentationSource,
  type SegmentationType,
  segmentationFile,
  type WrittenSegment,
} from './segmentation.ts';
