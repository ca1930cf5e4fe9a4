export { ultrasoundRegions } from './calibration.ts';
export { DataSet, type Element } from './data-set.ts';
export { type HeaderText, headerTexts } from './header-texts.ts';
export { type FrameWords, type ImageWords, Refusal, type SegmentationWords } from './image.ts';
export { KEY_OBJECT_SELECTION, type KeyObjectWords, keyObjectWords } from './key-objects.ts';
export { looksLikeDicom, type Parsed, parse, Short, Unreadable } from './parse.ts';
export { decodeJpegPicture, jpegHead } from './pixels/codecs.ts';
export { decodePixels } from './pixels/decode.ts';
export { type Instance, openInstance } from './pixels/frames.ts';
export type { Samples } from './pixels/native.ts';
export { overlayPlaneBits } from './pixels/overlay-planes.ts';
export { openSource, parseHead, type Source, sourceOfBytes } from './pixels/source.ts';
export {
  GRAYSCALE_STATE,
  OTHER_STATES,
  type PresentationWords,
  presentationWords,
} from './presentation-state.ts';
export { assembleSeries, type FrameSource, type SeriesInstance, seriesParts } from './series.ts';
export { type Contour, type Structure, type StructureWords, structureWords } from './structures.ts';
export { type FileWords, type SeriesWords, type StudyWords, sentence, summarize } from './summary.ts';
export { type PetWords, petWords, suvScale } from './suv.ts';
export { TAG, tagText } from './tags.ts';
export { volumeShape } from './volume-shape.ts';
