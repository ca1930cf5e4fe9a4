/**
 * RGBA words of a heat map: from the mark's colour to white at the hottest, more opaque the hotter, nothing where it is
 * cold (below a tenth), so that the image under it can be read.
 */
export const heatWords = (
  heat: Uint8Array,
  color: readonly [number, number, number],
  opacity: number,
  out: Uint32Array,
): void => {
  const words = new Uint32Array(256);
  for (let value = 26; value < 256; value++) {
    const part = value / 255;
    const white = Math.max(0, (part - 0.75) / 0.25) * 0.5;
    const level = (n: number): number => Math.round((color[n] ?? 0) * (1 - white) + 255 * white);
    const alpha = Math.round(255 * opacity * Math.min(1, (part - 0.1) / 0.6));
    words[value] = ((alpha << 24) | (level(2) << 16) | (level(1) << 8) | level(0)) >>> 0;
  }
  for (let index = 0; index < out.length; index++) out[index] = words[heat[index] ?? 0] ?? 0;
};
