/** What a file draws over its images: overlay planes as pixels, shutters as paths. */
import type { OverlayPlane, Shutter } from '../../../preload/contract/index.ts';

/** RGBA words, little endian: a light yellow that is seen on black and on white. */
export const OVERLAY_COLOR = 0xff8ff0ff;

/** Groups of overlay planes that cover the image instead of being drawn over it. */
export const shutterGroups = (shutter: Shutter | undefined): ReadonlySet<number> =>
  new Set((shutter?.shapes ?? []).flatMap((shape) => (shape.kind === 'bitmap' ? [shape.group] : [])));

/** An opaque grey, 0 to 1, as an RGBA word. */
export const greyWord = (grey: number): number => {
  const level = Math.round(grey * 255);
  return (0xff000000 | (level << 16) | (level << 8) | level) >>> 0;
};

/** Each plane's pixels, [rows * columns] RGBA words, from the bits of all of them. */
export const planePixels = (
  planes: readonly OverlayPlane[],
  bits: Uint8Array,
  colorOf: (plane: OverlayPlane) => number = () => OVERLAY_COLOR,
): Uint32Array<ArrayBuffer>[] => {
  let from = 0;
  return planes.map((plane) => {
    const { rows, columns } = plane;
    const color = colorOf(plane);
    const pixels = new Uint32Array(rows * columns);
    for (let n = 0; n < pixels.length; n++) if (((bits[from + (n >> 3)] ?? 0) >> (n & 7)) & 1) pixels[n] = color;
    from += Math.ceil((rows * columns) / 8);
    return pixels;
  });
};

/** One path a shape: all of the image but the shape. Image coordinates, even-odd. */
export const coveredPaths = (
  shutter: Shutter,
  image: { readonly columns: number; readonly rows: number; readonly pixelSize: readonly [number, number] },
): string[] => {
  const { columns, rows, pixelSize } = image;
  const all = `M0 0H${columns}V${rows}H0Z`;
  return shutter.shapes.flatMap((shape) => {
    if (shape.kind === 'bitmap') return [];
    if (shape.kind === 'rectangle')
      return `${all}M${shape.left} ${shape.top}H${shape.right}V${shape.bottom}H${shape.left}Z`;
    if (shape.kind === 'polygon') return `${all}M${shape.points.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
    const [x, y] = shape.center;
    const rx = shape.radius;
    // Round in millimetres.
    const ry = (rx * pixelSize[0]) / pixelSize[1];
    return `${all}M${x - rx} ${y}A${rx} ${ry} 0 1 0 ${x + rx} ${y}A${rx} ${ry} 0 1 0 ${x - rx} ${y}Z`;
  });
};
