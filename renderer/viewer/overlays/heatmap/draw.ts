/**
 * RGBA words of a heat map: the mark's colour, more opaque the hotter, nothing where it is cold (below a tenth), so that
 * the image under it can be read.
 */
export const heatWords = (
  heat: Uint8Array,
  color: readonly [number, number, number],
  opacity: number,
  out: Uint32Array,
): void => {
  const words = new Uint32Array(256);
  for (let value = 26; value < 256; value++) {
    const alpha = Math.round(255 * opacity * Math.min(1, (value / 255 - 0.1) / 0.7));
    words[value] = ((alpha << 24) | (color[2] << 16) | (color[1] << 8) | color[0]) >>> 0;
  }
  for (let index = 0; index < out.length; index++) out[index] = words[heat[index] ?? 0] ?? 0;
};
