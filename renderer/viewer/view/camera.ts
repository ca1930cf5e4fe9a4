/** Where an image lies on the canvas, as one affine derived from how the reader has placed it. */

export interface Presentation {
  /** 1 shows the whole image. */
  readonly zoom: number;
  /** Point at the middle of the canvas, from the middle of the image, in millimetres (pixels where they are unknown). */
  readonly center: readonly [number, number];
  readonly quarterTurns: 0 | 1 | 2 | 3;
  readonly flipped: boolean;
  /** Clockwise beyond the quarter turns, degrees; what fits stays what fits without it. */
  readonly degrees?: number;
}

export const UPRIGHT: Presentation = { zoom: 1, center: [0, 0], quarterTurns: 0, flipped: false };

/** x' = a x + c y + e, y' = b x + d y + f: image coordinates (outer corner 0, 0) to canvas pixels. */
export interface Placement {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  /** Canvas pixels a millimetre (an image pixel where millimetres are unknown). */
  readonly scale: number;
}

/** A picture of a view's image elsewhere than on the view itself: in the lens. */
export interface Look {
  readonly placement: Placement;
  readonly width: number;
  readonly height: number;
}

export interface ImageShape {
  readonly columns: number;
  readonly rows: number;
  /** Size of a pixel, [x, y]: millimetres, or [1, 1]. */
  readonly pixelSize: readonly [number, number];
}

const TURNS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** Exact for quarter turns, so that pixels stay on the screen's. */
const cosSin = (p: Pick<Presentation, 'quarterTurns' | 'degrees'>): readonly [number, number] => {
  const { degrees = 0 } = p;
  const quarters = p.quarterTurns + degrees / 90;
  const exact = Number.isInteger(quarters) ? TURNS[(quarters + 4) % 4] : undefined;
  if (exact !== undefined) return exact;
  const angle = (p.quarterTurns * 90 + degrees) * (Math.PI / 180);
  return [Math.cos(angle), Math.sin(angle)];
};

/** Rotation clockwise on the screen, after the mirroring. Columns of the 2x2: where image x and image y go. */
export const linearOf = (
  p: Pick<Presentation, 'quarterTurns' | 'flipped' | 'degrees'>,
): readonly [number, number, number, number] => {
  const [cos, sin] = cosSin(p);
  const mirror = p.flipped ? -1 : 1;
  return [cos * mirror, sin * mirror, -sin, cos];
};

export const place = (image: ImageShape, p: Presentation, width: number, height: number): Placement => {
  const [sx, sy] = image.pixelSize;
  const turned = p.quarterTurns % 2 === 1;
  const extentX = turned ? image.rows * sy : image.columns * sx;
  const extentY = turned ? image.columns * sx : image.rows * sy;
  const scale = p.zoom * Math.min(width / extentX, height / extentY);
  const [la, lb, lc, ld] = linearOf(p);
  const a = la * scale * sx;
  const b = lb * scale * sx;
  const c = lc * scale * sy;
  const d = ld * scale * sy;
  // The image point at the middle of the canvas.
  const mx = image.columns / 2 + p.center[0] / sx;
  const my = image.rows / 2 + p.center[1] / sy;
  return { a, b, c, d, e: width / 2 - a * mx - c * my, f: height / 2 - b * mx - d * my, scale };
};

export const toCanvas = (p: Placement, x: number, y: number): [number, number] => [
  p.a * x + p.c * y + p.e,
  p.b * x + p.d * y + p.f,
];

export const toImage = (p: Placement, x: number, y: number): [number, number] => {
  const det = p.a * p.d - p.b * p.c;
  const dx = x - p.e;
  const dy = y - p.f;
  return [(p.d * dx - p.c * dy) / det, (p.a * dy - p.b * dx) / det];
};

/** Moved by canvas pixels: the image follows the hand. */
export const panned = (
  image: ImageShape,
  p: Presentation,
  size: readonly [number, number],
  dx: number,
  dy: number,
): Presentation => {
  const placement = place(image, p, size[0], size[1]);
  const [x0, y0] = toImage(placement, 0, 0);
  const [x1, y1] = toImage(placement, dx, dy);
  return {
    ...p,
    center: [p.center[0] - (x1 - x0) * image.pixelSize[0], p.center[1] - (y1 - y0) * image.pixelSize[1]],
  };
};

/** Zoomed about a canvas point, which stays where it is. */
export const zoomed = (
  image: ImageShape,
  p: Presentation,
  size: readonly [number, number],
  factor: number,
  at: readonly [number, number],
): Presentation => {
  const zoom = Math.min(40, Math.max(0.1, p.zoom * factor));
  const before = toImage(place(image, p, size[0], size[1]), at[0], at[1]);
  const next = { ...p, zoom };
  const after = toImage(place(image, next, size[0], size[1]), at[0], at[1]);
  return {
    ...next,
    center: [
      p.center[0] + (before[0] - after[0]) * image.pixelSize[0],
      p.center[1] + (before[1] - after[1]) * image.pixelSize[1],
    ],
  };
};

/** Turned clockwise by so many degrees about the middle of the canvas; the image keeps its size on the way. */
export const turnedBy = (p: Presentation, by: number): Presentation => {
  const all = Math.round(((((p.degrees ?? 0) + by) % 360) + 540) * 100) / 100;
  const rest = (all % 360) - 180;
  const { degrees: _, ...upright } = p;
  return rest === 0 ? upright : { ...upright, degrees: rest === -180 ? 180 : rest };
};

/** Clockwise from how the image is stored, 0 to 360. */
export const degreesOf = (p: Pick<Presentation, 'quarterTurns' | 'degrees'>): number =>
  (p.quarterTurns * 90 + (p.degrees ?? 0) + 360) % 360;

/** A length in mm of 1, 2 or 5 times a power of ten that is drawn between 55 and 140 pixels long. */
export const scaleBar = (pixelsPerMm: number, longest = 140): { readonly mm: number; readonly pixels: number } => {
  const target = longest / pixelsPerMm;
  const power = 10 ** Math.floor(Math.log10(target));
  const mm = [5, 2, 1].map((step) => step * power).find((length) => length <= target) ?? power;
  return { mm, pixels: mm * pixelsPerMm };
};
