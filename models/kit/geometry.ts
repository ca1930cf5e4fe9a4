/**
 * Patient geometry. All positions are millimetres in the DICOM patient frame, LPS:
 * +x to the patient's left, +y to the back (posterior), +z to the head (superior). PS3.3 C.7.6.2.1.1
 */
export type Vec3 = readonly [number, number, number];

/** Row-major 3x4 affine: [x y z]ᵀ mm = A · [i j k 1]ᵀ, with i along a row (column index), j down, k across slices. */
export type Affine = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vec3, s: number): Vec3 => [a[0] * s, a[1] * s, a[2] * s];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const norm = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const normalize = (a: Vec3): Vec3 => {
  const n = norm(a);
  if (n === 0) throw new RangeError('a vector of length zero has no direction');
  return scale(a, 1 / n);
};

/** Voxel index (i, j, k), may be fractional, to patient millimetres. */
export const voxelToPatient = (m: Affine, v: Vec3): Vec3 => [
  m[0] * v[0] + m[1] * v[1] + m[2] * v[2] + m[3],
  m[4] * v[0] + m[5] * v[1] + m[6] * v[2] + m[7],
  m[8] * v[0] + m[9] * v[1] + m[10] * v[2] + m[11],
];

/** Throws RangeError where the affine has no inverse (a degenerate grid). */
export const invert = (m: Affine): Affine => {
  const [a, b, c, tx, d, e, f, ty, g, h, i, tz] = m;
  const A = e * i - f * h,
    B = f * g - d * i,
    C = d * h - e * g;
  const det = a * A + b * B + c * C;
  if (!Number.isFinite(det) || Math.abs(det) < 1e-12) throw new RangeError('the affine has no inverse');
  const r = [A, c * h - b * i, b * f - c * e, B, a * i - c * g, c * d - a * f, C, b * g - a * h, a * e - b * d].map(
    (x) => x / det,
  ) as [number, number, number, number, number, number, number, number, number];
  return [
    r[0],
    r[1],
    r[2],
    -(r[0] * tx + r[1] * ty + r[2] * tz),
    r[3],
    r[4],
    r[5],
    -(r[3] * tx + r[4] * ty + r[5] * tz),
    r[6],
    r[7],
    r[8],
    -(r[6] * tx + r[7] * ty + r[8] * tz),
  ];
};

/** Affine of a grid from DICOM's words: origin = ImagePositionPatient of slice 0, row/column = ImageOrientationPatient. */
export const affineOf = (
  origin: Vec3,
  rowDirection: Vec3,
  columnDirection: Vec3,
  sliceStep: Vec3,
  /** PixelSpacing, mm: [between rows, between columns]. PS3.3 10.7.1.3 */
  pixelSpacingMm: readonly [number, number],
): Affine => {
  const r = scale(rowDirection, pixelSpacingMm[1]);
  const c = scale(columnDirection, pixelSpacingMm[0]);
  return [
    r[0],
    c[0],
    sliceStep[0],
    origin[0],
    r[1],
    c[1],
    sliceStep[1],
    origin[1],
    r[2],
    c[2],
    sliceStep[2],
    origin[2],
  ];
};

/** Length in mm of one step along i, j and k. */
export const spacingOf = (m: Affine): Vec3 => [
  Math.hypot(m[0], m[4], m[8]),
  Math.hypot(m[1], m[5], m[9]),
  Math.hypot(m[2], m[6], m[10]),
];

/** Letters of a direction, strongest first, as drawn at an image's edge: 'L', 'LP', 'HLA'. PS3.3 C.7.6.1.1.1 */
export const orientationLetters = (direction: Vec3): string => {
  const letters: readonly (readonly [string, number])[] = [
    [direction[0] < 0 ? 'R' : 'L', Math.abs(direction[0])],
    [direction[1] < 0 ? 'A' : 'P', Math.abs(direction[1])],
    [direction[2] < 0 ? 'F' : 'H', Math.abs(direction[2])],
  ];
  return letters
    .filter(([, size]) => size > 0.1)
    .toSorted((p, q) => q[1] - p[1])
    .map(([letter]) => letter)
    .join('');
};

/** A direction turned about a unit axis, right-handed, by degrees. */
export const turnedAbout = (v: Vec3, axis: Vec3, degrees: number): Vec3 => {
  const angle = (degrees * Math.PI) / 180;
  const along = scale(axis, dot(axis, v) * (1 - Math.cos(angle)));
  return add(add(scale(v, Math.cos(angle)), scale(cross(axis, v), Math.sin(angle))), along);
};

/** Unit vectors at right angles: along rows, down columns, and across the slices to the side that steps go to. */
export const uprightAxesOf = (m: Affine): readonly [Vec3, Vec3, Vec3] => {
  const row = normalize([m[0], m[4], m[8]]);
  const across = cross(row, [m[1], m[5], m[9]]);
  const normal = normalize(dot(across, [m[2], m[6], m[10]]) < 0 ? scale(across, -1) : across);
  const right = cross(normal, row);
  return [row, dot(right, [m[1], m[5], m[9]]) < 0 ? scale(right, -1) : right, normal];
};

/** Millimetres between slices, along their normal. */
export const sliceGapMm = (m: Affine): number => dot(uprightAxesOf(m)[2], [m[2], m[6], m[10]]);

/**
 * Degrees by which steps between slices lean off their normal, as a tilted gantry makes them; 0 where that shifts the
 * slices by no more than half a pixel over the whole volume, so that the grid is as good as rectangular.
 */
export const gantryTiltDegrees = (m: Affine, dims: Vec3): number => {
  const step: Vec3 = [m[2], m[6], m[10]];
  const gap = sliceGapMm(m);
  const aside = Math.sqrt(Math.max(0, dot(step, step) - gap * gap));
  const halfPixel = Math.min(Math.hypot(m[0], m[4], m[8]), Math.hypot(m[1], m[5], m[9])) / 2;
  return aside * (dims[2] - 1) <= halfPixel ? 0 : (Math.atan2(aside, gap) * 180) / Math.PI;
};
