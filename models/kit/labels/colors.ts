type Rgb = readonly [number, number, number];

/** Well apart from each other by turning the hue by the golden angle. */
export const labelColor = (n: number): [number, number, number] => {
  const hue = (n * 137.508) % 360;
  const part = (shift: number): number => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
};

/**
 * Okabe and Ito's colours (Color Universal Design, 2008), grey in place of black: told apart with any form of colour
 * blindness, on a dark screen too.
 */
const SAFE: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [187, 187, 187],
];

/** Round after round of the safe colours, each lighter or darker than the one before, so that many labels still differ. */
export const safeColor = (n: number): Rgb => {
  const [r, g, b] = SAFE[n % SAFE.length] ?? [230, 159, 0];
  const round = Math.floor(n / SAFE.length) % 4;
  const mixed = (part: number): number =>
    Math.round(round === 0 ? part : round === 1 ? part + (255 - part) * 0.45 : part * (round === 2 ? 0.62 : 0.82));
  return [mixed(r), mixed(g), mixed(b)];
};
