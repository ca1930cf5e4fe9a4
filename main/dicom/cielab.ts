/** Recommended display colours: CIELab as DICOM packs it (PS3.3 C.10.7.1.1), white of D50, to and from sRGB. */

/** Null where a value is missing. */
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

/** The matrix is the inverse of the one above (Lindbloom, sRGB adapted to D50 by Bradford). */
export const cieLabOfRgb = (rgb: readonly [number, number, number]): [number, number, number] => {
  const [r, g, b] = rgb.map((part) => {
    const v = part / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const x = (0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.96422;
  const y = 0.2225045 * r + 0.7168786 * g + 0.0606169 * b;
  const z = (0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.82521;
  const f = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const [fx, fy, fz] = [f(x), f(y), f(z)];
  const packed = (value: number, low: number, span: number): number =>
    Math.round(Math.min(1, Math.max(0, (value - low) / span)) * 65_535);
  return [packed(116 * fy - 16, 0, 100), packed(500 * (fx - fy), -128, 255), packed(200 * (fy - fz), -128, 255)];
};
