/** The header of a NIfTI-1 file in one piece. https://nifti.nimh.nih.gov/nifti-1 */
import { type Affine, cross, dot, normalize, spacingOf, type Vec3 } from './geometry.ts';

export const NIFTI_HEAD_BYTES = 352;
const LABEL_INTENT = 1002;
const MILLIMETRES = 2;
const SCANNER = 1;
const MOST_ALONG = 32_767;

/** [code, bits a voxel] by how voxels are stored. */
const TYPES = {
  uint8: [2, 8],
  int16: [4, 16],
  int32: [8, 32],
  float32: [16, 32],
  rgb8: [128, 24],
  int8: [256, 8],
  uint16: [512, 16],
  uint32: [768, 32],
} as const;

export interface NiftiHead {
  /** [columns, rows, slices] */
  readonly dims: Vec3;
  /** Voxel centres to patient millimetres, LPS. */
  readonly affine: Affine;
  readonly format: keyof typeof TYPES;
  /** Value = stored * slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  readonly labels: boolean;
}

/** x and y change their signs between DICOM's frame (LPS) and that of NIfTI (RAS). */
const ras = (affine: Affine): readonly number[] => affine.map((value, n) => (n < 8 ? -value : value));

/**
 * Quaternion [b, c, d] and handedness of the axes; null where they are not at right angles (tilted gantry), which a qform
 * cannot say. After nifti_mat44_to_quatern of the standard's own library.
 */
export const quaternionOf = (m: readonly number[]): { bcd: Vec3; handed: 1 | -1 } | null => {
  const column = (n: number): Vec3 => normalize([m[n] ?? 0, m[4 + n] ?? 0, m[8 + n] ?? 0]);
  const [x, y, z] = [column(0), column(1), column(2)];
  if (Math.max(Math.abs(dot(x, y)), Math.abs(dot(x, z)), Math.abs(dot(y, z))) > 1e-4) return null;
  const handed = dot(cross(x, y), z) > 0 ? 1 : -1;
  const [r11, r21, r31] = x;
  const [r12, r22, r32] = y;
  const [r13, r23, r33] = [z[0] * handed, z[1] * handed, z[2] * handed];
  const trace = r11 + r22 + r33 + 1;
  if (trace > 0.5) {
    const a = 0.5 * Math.sqrt(trace);
    return { bcd: [(0.25 * (r32 - r23)) / a, (0.25 * (r13 - r31)) / a, (0.25 * (r21 - r12)) / a], handed };
  }
  const xd = 1 + r11 - (r22 + r33);
  const yd = 1 + r22 - (r11 + r33);
  const zd = 1 + r33 - (r11 + r22);
  let [a, b, c, d] = [0, 0, 0, 0];
  if (xd > 1) {
    b = 0.5 * Math.sqrt(xd);
    [a, c, d] = [(0.25 * (r32 - r23)) / b, (0.25 * (r12 + r21)) / b, (0.25 * (r13 + r31)) / b];
  } else if (yd > 1) {
    c = 0.5 * Math.sqrt(yd);
    [a, b, d] = [(0.25 * (r13 - r31)) / c, (0.25 * (r12 + r21)) / c, (0.25 * (r23 + r32)) / c];
  } else {
    d = 0.5 * Math.sqrt(zd);
    [a, b, c] = [(0.25 * (r21 - r12)) / d, (0.25 * (r13 + r31)) / d, (0.25 * (r23 + r32)) / d];
  }
  const sign = a < 0 ? -1 : 1;
  return { bcd: [b * sign, c * sign, d * sign], handed };
};

/** 352 bytes, then the voxels in the order of the images. Throws RangeError where NIfTI-1 cannot hold them. */
export const niftiHead = ({ dims, affine, format, slope, intercept, labels }: NiftiHead): Uint8Array => {
  const head = new Uint8Array(NIFTI_HEAD_BYTES);
  const view = new DataView(head.buffer);
  const [code, bits] = TYPES[format];
  view.setInt32(0, 348, true);
  for (const [n, value] of [3, ...dims, 1, 1, 1, 1].entries()) {
    if (value > MOST_ALONG) throw new RangeError('NIfTI-1 holds at most 32,767 voxels along an axis');
    view.setInt16(40 + 2 * n, value, true);
  }
  view.setInt16(68, labels ? LABEL_INTENT : 0, true);
  view.setInt16(70, code, true);
  view.setInt16(72, bits, true);
  const toRas = ras(affine);
  const quaternion = quaternionOf(toRas);
  for (const [n, value] of [quaternion?.handed ?? 1, ...spacingOf(affine), 1, 1, 1, 1].entries())
    view.setFloat32(76 + 4 * n, value, true);
  view.setFloat32(108, NIFTI_HEAD_BYTES, true);
  view.setFloat32(112, slope, true);
  view.setFloat32(116, intercept, true);
  view.setUint8(123, MILLIMETRES);
  for (const [n, letter] of [...'Sightline'].entries()) view.setUint8(148 + n, letter.charCodeAt(0));
  if (quaternion) {
    view.setInt16(252, SCANNER, true);
    const origin = [toRas[3] ?? 0, toRas[7] ?? 0, toRas[11] ?? 0];
    for (const [n, value] of [...quaternion.bcd, ...origin].entries()) view.setFloat32(256 + 4 * n, value, true);
  }
  view.setInt16(254, SCANNER, true);
  for (const [n, value] of toRas.entries()) view.setFloat32(280 + 4 * n, value, true);
  for (const [n, letter] of [...'n+1'].entries()) view.setUint8(344 + n, letter.charCodeAt(0));
  return head;
};
