/** What a presentation says of one image, and how a view looks that shows it so. Pure. */
import { tableOf } from '../../../models/kit/voi.ts';
import type { Frame, Presentation, PresentedImages } from '../../../preload/contract/index.ts';
import type { ImageShape, Presentation as Lying } from '../view/camera.ts';
import type { ShownWindow } from '../view/presets.ts';

type Named = Pick<Frame, 'instanceUid' | 'frameNumber'>;

const names = (images: PresentedImages, frame: Named): boolean =>
  images.some(
    (one) =>
      one.instanceUid === frame.instanceUid &&
      (one.frameNumbers.length === 0 || one.frameNumbers.includes(frame.frameNumber)),
  );

export const speaksOf = (presentation: Presentation, frame: Named): boolean => names(presentation.images, frame);

/** A part that names no image speaks of all that the presentation names; the later one counts. */
const partFor = <Part extends { readonly images: PresentedImages }>(
  presentation: Presentation,
  parts: readonly Part[],
  frame: Named,
): Part | null =>
  speaksOf(presentation, frame)
    ? (parts.findLast(({ images }) => images.length === 0 || names(images, frame)) ?? null)
    : null;

/** In modality values of the image: those of the presentation are turned into them. Null where it gives none that fits. */
export const windowOn = (presentation: Presentation, frame: Frame): ShownWindow | null => {
  const part = partFor(presentation, presentation.windows, frame);
  if (part === null) return null;
  const { slope, intercept } = presentation.rescale;
  const own = frame.slope === 0 ? 1 : frame.slope;
  const factor = own / slope;
  const turned = (value: number): number => (value - intercept) * factor + frame.intercept;
  const same = slope === frame.slope && intercept === frame.intercept;
  // A table's entries are of the presentation's own values.
  if (part.table !== null && !same) return null;
  const { window } = part;
  return {
    name: `Presentation${window.name === '' ? '' : `: ${window.name}`}`,
    center: same ? window.center : turned(window.center),
    width: same ? window.width : window.width * Math.abs(factor),
    ...(window.function === undefined ? {} : { function: window.function }),
    ...(part.table === null ? {} : { curve: tableOf(part.table) }),
  };
};

/** How the image lies in a view of this size. */
export const lyingOn = (
  presentation: Presentation,
  frame: Frame,
  image: ImageShape,
  size: readonly [number, number],
): Lying => {
  const { quarterTurns, flipped } = presentation;
  const area = partFor(presentation, presentation.areas, frame);
  const whole: Lying = { zoom: 1, center: [0, 0], quarterTurns, flipped };
  if (area === null || size[0] === 0 || size[1] === 0) return whole;
  const [sx, sy] = image.pixelSize;
  const extent = (columns: number, rows: number): readonly [number, number] =>
    quarterTurns % 2 === 1 ? [rows * sy, columns * sx] : [columns * sx, rows * sy];
  const fitted = ([x, y]: readonly [number, number]): number => Math.min(size[0] / x, size[1] / y);
  const all = fitted(extent(image.columns, image.rows));
  const wide = Math.max(1e-3, area.to[0] - area.from[0]);
  const high = Math.max(1e-3, area.to[1] - area.from[1]);
  const scale =
    area.mode === 'magnify' && area.magnification !== null ? area.magnification / sx : fitted(extent(wide, high));
  return {
    zoom: Math.min(40, Math.max(0.1, scale / all)),
    center: [
      ((area.from[0] + area.to[0]) / 2 - image.columns / 2) * sx,
      ((area.from[1] + area.to[1]) / 2 - image.rows / 2) * sy,
    ],
    quarterTurns,
    flipped,
  };
};

/** Graphics that lie on the image, in their order. */
export const graphicsOn = (presentation: Presentation, frame: Named): Presentation['graphics'] =>
  speaksOf(presentation, frame)
    ? presentation.graphics.filter(({ images }) => images.length === 0 || names(images, frame))
    : [];

/** What of it cannot be shown on these images, beyond what the file's reading has said. */
export const remarksOn = (presentation: Presentation, frames: readonly Frame[]): string[] => {
  const shown = frames.filter((frame) => speaksOf(presentation, frame));
  const lost = presentation.images.filter(({ instanceUid }) => !frames.some((one) => one.instanceUid === instanceUid));
  return [
    ...(lost.length > 0 ? [`${lost.length} of the images that it speaks of are not in this series.`] : []),
    ...(shown.some((frame) => frame.format === 'rgb8') ? ['It is for grey images: colours stay as they are.'] : []),
    ...(shown.some((frame) => {
      const part = partFor(presentation, presentation.windows, frame);
      return part !== null && part.table !== null && windowOn(presentation, frame) === null;
    })
      ? ['Its table of greys is for values of another scale and is not applied.']
      : []),
  ];
};
