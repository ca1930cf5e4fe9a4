/** Addresses of pixels and files, relative to the media base that the shell tells. Pixels never travel through calls. */
const part = encodeURIComponent;

/** PNG, at most 256 pixels a side. */
export const thumbnail = (seriesId: string): string => `thumbnail/${part(seriesId)}`;

/**
 * Stored values of frames [from, to) one after another, little endian, as SeriesImages.frames says; streamed as they
 * are decoded. pixelTag keeps caches honest: another tag answers 409.
 */
export const pixels = (seriesId: string, pixelTag: string, from: number, to: number): string =>
  `pixels/${part(seriesId)}/${part(pixelTag)}/${from}-${to}`;
/** One frame of a series that may never be opened: it alone is decoded. Bytes as of pixels. */
export const frameAhead = (seriesId: string, pixelTag: string, index: number): string =>
  `frame-ahead/${part(seriesId)}/${part(pixelTag)}/${index}`;

/**
 * Overlay planes of a frame, one after another as Frame.overlayPlanes lists them: rows * columns bits each, the first
 * pixel in the lowest bit of the first byte; each plane begins at a byte.
 */
export const overlayPlanes = (seriesId: string, pixelTag: string, frameIndex: number): string =>
  `overlay-planes/${part(seriesId)}/${part(pixelTag)}/${frameIndex}`;

/** uint8 labels on the series' grid, dims[0]*dims[1]*dims[2] bytes. */
export const labelmap = (overlayId: string): string => `labelmap/${part(overlayId)}`;

/**
 * PUT: acts of the reader on a segmentation that she edits, in order, kept all or none and durable before the answer.
 * Each act: length of its JSON (uint32, little endian), JSON (SegmentAct), length of its difference, difference.
 */
export const segmentationActs = (segmentationId: string): string => `segmentation/${part(segmentationId)}/acts`;

/** A segmentation (of any maker) as a file: DICOM SEG in one of its three types, or a NIfTI label map. */
export const segmentationFile = (overlayId: string, form: 'binary' | 'fractional' | 'labelmap' | 'nifti'): string =>
  `segmentation/${part(overlayId)}/file/${form}`;

/** The difference of one edit (models/kit/labels/difference.ts). */
export const segmentationEdit = (segmentationId: string, editId: string): string =>
  `segmentation/${part(segmentationId)}/edit/${part(editId)}`;

/** uint8 columns*rows. */
export const heatmap = (overlayId: string): string => `heatmap/${part(overlayId)}`;

/** The signed report: 'pdf', 'json' or 'txt'. */
export const report = (reportId: string, form: 'pdf' | 'json' | 'txt'): string => `report/${part(reportId)}.${form}`;

/** The study's measurements as a DICOM SR. */
export const measurements = (studyId: string): string => `measurements/${part(studyId)}.dcm`;

/** The study's key images as a DICOM Key Object Selection. */
export const keyImages = (studyId: string): string => `key-images/${part(studyId)}.dcm`;

/** A presentation of the reader's as a DICOM Grayscale Softcopy Presentation State. */
export const presentation = (presentationId: string): string => `presentation/${part(presentationId)}.dcm`;

/** The images of a series as one NIfTI volume, with the affine of its label maps. */
export const niftiVolume = (seriesId: string): string => `volume/${part(seriesId)}.nii.gz`;

/** One file of an export; path segments as the export lists them. */
export const exported = (exportId: string, path: string): string =>
  `export/${part(exportId)}/${path.split('/').map(part).join('/')}`;

/** PUT: file number n of an upload; its relative path in the header 'x-sightline-path', percent-encoded. */
export const upload = (uploadId: string, n: number): string => `upload/${part(uploadId)}/${n}`;
