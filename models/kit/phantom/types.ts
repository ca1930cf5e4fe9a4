import type { Vec3 } from '../geometry.ts';
import type { Volume } from '../volume.ts';

export type Modality = 'ct' | 'xray';
export type Side = 'left' | 'right';
export type LesionKind =
  | 'lung-nodule'
  | 'liver-lesion'
  | 'effusion'
  | 'consolidation'
  | 'pneumothorax'
  | 'cardiomegaly'
  | 'atelectasis';
export type Severity = 'small' | 'moderate' | 'large';
/** Phrase families: 'a' for training, 'b' held out. No finding sentence of one occurs in the other. */
export type PhraseFamily = 'a' | 'b';
/** Parameter ranges: 'in' for training, 'out' holds only bodies and images beyond it. */
export type ParameterRange = 'in' | 'out';

/** A lesion as asked for, before it has a place in a body. */
export interface LesionRequest {
  readonly kind: LesionKind;
  readonly side?: Side;
  /** 'upper', 'middle', 'lower', 'apex', 'base'; a lobe or zone. */
  readonly place?: string;
  readonly sizeMm?: number;
  readonly severity?: Severity;
  /** 'solid', 'part-solid', 'spiculated', 'hypodense', 'hyperdense'. */
  readonly character?: string;
  /** Its centre, where the line gives it. */
  readonly centreMm?: Vec3;
  /** Left out where the body has no room for it. */
  readonly optional?: boolean;
}

/** What was planted, exactly. Voxel and pixel boxes are [low, high], both included. */
export interface Lesion {
  /** 1, 2, ...: also the value in the instance volume. */
  readonly id: number;
  readonly kind: LesionKind;
  readonly side: Side | null;
  /** In a reader's words: 'right upper lobe', 'segment VII', 'left'. */
  readonly place: string;
  readonly character: string;
  readonly sizeMm: number;
  readonly severity: Severity;
  readonly centreMm: Vec3;
  /** CT: box of its voxels [i0, j0, k0, i1, j1, k1]; null where the grid holds none of it. */
  readonly voxelBox: readonly [number, number, number, number, number, number] | null;
  /** CT: the slice that shows most of it. */
  readonly sliceIndex: number | null;
  /** X-ray: [x0, y0, x1, y1] in image pixels; null where it is outside the image. */
  readonly pixelBox: readonly [number, number, number, number] | null;
  /** X-ray: largest change of the logarithmic signal it makes; CT: largest change in HU. */
  readonly contrast: number;
  /** Whether the image shows it at all: metrics count only these. */
  readonly visible: boolean;
}

export interface Mark {
  readonly positionMm: Vec3;
}

export interface Sentence {
  readonly text: string;
  readonly lesionIds: readonly number[];
  /** A lesion kind, or 'normal', 'incidental', 'advice', 'comparison'. */
  readonly kind: LesionKind | 'normal' | 'advice' | 'comparison';
}

export interface PhantomReport {
  readonly indication: string;
  readonly technique: string;
  readonly comparison: string;
  readonly findings: readonly Sentence[];
  readonly impression: readonly Sentence[];
}

export interface Patient {
  readonly sex: 'F' | 'M';
  readonly ageYears: number;
}

interface PhantomBase {
  readonly line: string;
  readonly seed: string;
  readonly patient: Patient;
  readonly lesions: readonly Lesion[];
  readonly marks: readonly Mark[];
  readonly report: PhantomReport;
}

export interface CtPhantom extends PhantomBase {
  readonly kind: 'ct';
  /** HU. i along a row, j down, k across slices. */
  readonly image: Volume<Int16Array>;
  /** Ids of LABELS, 0 outside the body. */
  readonly labels: Volume<Uint8Array>;
  /** Lesion id by voxel, 0 elsewhere. */
  readonly instances: Volume<Uint8Array>;
  /** PixelSpacing, mm: [between rows, between columns]. */
  readonly pixelSpacingMm: readonly [number, number];
  /** Table step between neighbouring slices, mm. Under a gantry tilt it is not along the slice normal. */
  readonly sliceStepMm: number;
  readonly sliceThicknessMm: number;
  readonly gantryTiltDeg: number;
  readonly patientPosition: 'HFS' | 'HFP' | 'FFS' | 'FFP';
  readonly contrastAgent: boolean;
  /** One for each k: what a DICOM writer puts into ImagePositionPatient and ImageOrientationPatient. */
  readonly slices: readonly {
    readonly imagePositionPatient: Vec3;
    readonly imageOrientationPatient: readonly [number, number, number, number, number, number];
  }[];
}

export interface XrayPhantom extends PhantomBase {
  readonly kind: 'xray';
  /** [columns, rows, 1], 12 bits, MONOCHROME2 (dense is bright), patient left on image right. Affine: the detector plane. */
  readonly image: Volume<Uint16Array>;
  /** Heart over lungs, visible lung fields only (outside heart shadow and dome): ids of LABELS. Same grid. */
  readonly labels: Volume<Uint8Array>;
  readonly view: 'PA' | 'AP';
  /** At the detector, mm: [between rows, between columns]. DICOM's Imager Pixel Spacing. */
  readonly detectorSpacingMm: readonly [number, number];
  readonly distanceSourceToDetectorMm: number;
  readonly distanceSourceToPatientMm: number;
  /** Of the patient's mid-plane: divide a length at the detector by it. */
  readonly magnification: number;
  /** Largest heart width over largest inner chest width, both measured in the projected masks. */
  readonly cardiothoracicRatio: number;
}

export type Phantom = CtPhantom | XrayPhantom;

/** Which wording the truth report uses. */
export interface PhantomFamilies {
  readonly phrases: PhraseFamily;
}
