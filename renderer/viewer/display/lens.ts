import { type ImageShape, type Placement, type Presentation, place, toCanvas, toImage } from '../view/camera.ts';

/** How many times larger than the image beside it. */
export const LENS_POWERS: readonly number[] = [1.5, 2, 3, 4, 6, 8];
/** Side of the lens, CSS pixels. */
export const LENS_SIDE = 260;

export interface LensLook {
  readonly placement: Placement;
  readonly presentation: Presentation;
}

/** How the image lies in a square lens whose middle shows what is at this point of the view. */
export const lensLook = (
  image: ImageShape,
  presentation: Presentation,
  placement: Placement,
  at: readonly [number, number],
  power: number,
  side: number,
): LensLook => {
  const [x, y] = toImage(placement, at[0], at[1]);
  const fitted = place(image, { ...presentation, zoom: 1 }, side, side).scale;
  const looked: Presentation = {
    ...presentation,
    zoom: (placement.scale * power) / fitted,
    center: [(x - image.columns / 2) * image.pixelSize[0], (y - image.rows / 2) * image.pixelSize[1]],
  };
  return { placement: place(image, looked, side, side), presentation: looked };
};

/** Where the lens stands: over the pointer, but within the view, so that its edge never leaves the window. */
export const lensCorner = (
  at: readonly [number, number],
  width: number,
  height: number,
  side: number,
): readonly [number, number] => [
  Math.min(Math.max(0, width - side), Math.max(0, at[0] - side / 2)),
  Math.min(Math.max(0, height - side), Math.max(0, at[1] - side / 2)),
];

/** The view's own placement as the lens shows it: what is drawn in canvas pixels of the view is drawn by this. */
export const lensMatrix = (view: Placement, lens: Placement): string => {
  // Both place the same image alike but for size: three points say the rest.
  const origin = toImage(view, 0, 0);
  const [e, f] = toCanvas(lens, origin[0], origin[1]);
  const scale = lens.scale / view.scale;
  return `matrix(${scale} 0 0 ${scale} ${e} ${f})`;
};
