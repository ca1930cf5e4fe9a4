/**
 * Images and surfaces drawn by Cornerstone3D. It is given pictures and cameras and keeps neither: each image is a plane
 * of its own at the origin, [x right, y down] in millimetres, and where it lies in the patient is ours to know. Loaded
 * when first needed; images are drawn by the canvas painter until then.
 */
import { Enums, imageLoader, metaData, type Types, utilities } from '@cornerstonejs/core';
import { linearOf } from '../view/camera.ts';
import type { Picture } from '../view/slice-view.svelte.ts';
import { contextOf, engine, isPresent } from './engine.ts';
import type { Painter, Painting } from './painter.ts';

const SCHEME = 'sightline';
/** Pictures by image id, as long as a viewport may ask for them. */
const pictures = new Map<string, Picture>();

let nextViewport = 0;

let registered = false;
const register = (): void => {
  if (registered) return;
  registered = true;
  metaData.addProvider((type: string, imageId: unknown) => metadataOf(type, imageId), 10_000);
  imageLoader.registerImageLoader(SCHEME, (imageId) => ({ promise: Promise.resolve(imageOf(imageId)) }));
};

const metadataOf = (type: string, imageId: unknown): object | undefined => {
  const picture = typeof imageId === 'string' ? pictures.get(imageId) : undefined;
  if (picture === undefined) return undefined;
  const { columns, rows, pixelSize } = picture.image;
  switch (type) {
    case 'imagePlaneModule':
      return {
        frameOfReferenceUID: SCHEME,
        rows,
        columns,
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0],
        imagePositionPatient: [0, 0, 0],
        pixelSpacing: [pixelSize[1], pixelSize[0]],
        rowPixelSpacing: pixelSize[1],
        columnPixelSpacing: pixelSize[0],
        sliceThickness: 1,
        usingDefaultValues: false,
      };
    case 'imagePixelModule':
      return {
        samplesPerPixel: picture.rgb ? 3 : 1,
        photometricInterpretation: picture.rgb ? 'RGB' : 'MONOCHROME2',
        rows,
        columns,
        bitsAllocated: picture.pixels.BYTES_PER_ELEMENT * 8,
        bitsStored: picture.pixels.BYTES_PER_ELEMENT * 8,
        highBit: picture.pixels.BYTES_PER_ELEMENT * 8 - 1,
        pixelRepresentation: picture.pixels instanceof Int16Array || picture.pixels instanceof Int8Array ? 1 : 0,
      };
    case 'generalSeriesModule':
      return { modality: 'OT' };
    case 'voiLutModule':
      return { windowCenter: [128], windowWidth: [256] };
    default:
      return undefined;
  }
};

const imageOf = (imageId: string): Types.IImage => {
  const picture = pictures.get(imageId);
  if (picture === undefined) throw new Error('The picture is no longer shown.');
  const { columns, rows, pixelSize } = picture.image;
  const numberOfComponents = picture.rgb ? 3 : 1;
  const scalarData = picture.pixels as Types.PixelDataTypedArray;
  return {
    imageId,
    // Stored values throughout: the window is turned into them before, so that nothing is scaled twice.
    slope: 1,
    intercept: 0,
    minPixelValue: 0,
    maxPixelValue: 255,
    windowCenter: 128,
    windowWidth: 256,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR_EXACT,
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing: pixelSize[1],
    columnPixelSpacing: pixelSize[0],
    color: picture.rgb,
    rgba: false,
    invert: false,
    numberOfComponents,
    photometricInterpretation: picture.rgb ? 'RGB' : 'MONOCHROME2',
    dataType: scalarData.constructor.name as Types.PixelDataTypedArrayString,
    sizeInBytes: scalarData.byteLength,
    getPixelData: () => scalarData,
    getCanvas: () => document.createElement('canvas'),
    voxelManager: utilities.VoxelManager.createImageVoxelManager({
      width: columns,
      height: rows,
      scalarData,
      numberOfComponents,
    }),
  } as unknown as Types.IImage;
};

/** The camera that shows a plane at the origin as the placement says. */
const cameraOf = ({ picture, placement, presentation, height }: Painting): Types.ICamera => {
  const [a, b, c, d] = linearOf(presentation);
  const { columns, rows, pixelSize } = picture.image;
  // Pixel centres are the points of the image data: half a pixel in from the outer corner.
  const x = (columns / 2 - 0.5) * pixelSize[0] + presentation.center[0];
  const y = (rows / 2 - 0.5) * pixelSize[1] + presentation.center[1];
  // The linear part is orthogonal: its transpose takes screen directions back to the image.
  const right: Types.Point3 = [a, c, 0];
  const up: Types.Point3 = [-b, -d, 0];
  const toward = right[0] * up[1] - right[1] * up[0];
  return {
    focalPoint: [x, y, 0],
    position: [x, y, toward * 100],
    viewUp: up,
    viewPlaneNormal: [0, 0, toward],
    parallelProjection: true,
    parallelScale: height / 2 / placement.scale,
  };
};

const shapeKey = (picture: Picture): string =>
  `${picture.pixels.constructor.name} ${picture.rgb} ${picture.image.columns} ${picture.image.rows} ${picture.image.pixelSize}`;

/** A picture that does not appear for this long, where it would be seen, will not. */
const PATIENCE_MS = 20_000;

/** onTrouble: it cannot draw (any more); another painter must. */
export const cornerstonePainter = (element: HTMLElement, onTrouble: (error: Error) => void): Painter => {
  const rendering = engine();
  register();
  const viewportId = `slice-${nextViewport++}`;
  const host = document.createElement('div');
  host.className = 'cornerstone';
  element.append(host);
  rendering.enableElement({
    viewportId,
    element: host as HTMLDivElement,
    type: Enums.ViewportType.STACK,
    defaultOptions: { background: [0, 0, 0] },
  });
  const viewport = rendering.getViewport(viewportId) as Types.IStackViewport;
  let shape = '';
  let imageId = '';
  let key = '';
  let size = '';
  let wanted: Painting | null = null;
  let working = false;
  let closed = false;
  /** A texture was made that has not been seen on the screen yet. */
  let unproven = false;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const trouble = (error: unknown): void => {
    if (closed) return;
    closed = true;
    clearTimeout(patience);
    onTrouble(error instanceof Error ? error : new Error(String(error)));
  };
  const wait = (): void => {
    clearTimeout(patience);
    patience = setTimeout(() => {
      if (document.visibilityState === 'visible' && host.clientWidth > 0) trouble(new Error('no picture came'));
      else if (unproven && !closed) wait();
    }, PATIENCE_MS);
  };
  /** Memory that the graphics hardware does not have shows in its errors only; asked once for each new texture. */
  const proved = (): void => {
    if (!unproven || closed) return;
    unproven = false;
    clearTimeout(patience);
    const context = contextOf(rendering, viewportId);
    const error = context?.getError() ?? 0;
    if (error !== 0)
      trouble(new Error(error === context?.OUT_OF_MEMORY ? 'it has too little memory' : `error ${error}`));
  };
  host.addEventListener(Enums.Events.IMAGE_RENDERED, proved);

  const draw = async (painting: Painting): Promise<void> => {
    const { picture } = painting;
    const nextSize = `${painting.width}x${painting.height}`;
    if (nextSize !== size) {
      rendering.resize(true, true);
      size = nextSize;
    }
    if (picture.key !== key) {
      pictures.delete(imageId);
      imageId = `${SCHEME}:${viewportId}/${picture.key}`;
      pictures.set(imageId, picture);
      if (shapeKey(picture) === shape) viewport.renderImageObject(imageOf(imageId));
      else {
        // Errors of who drew before are not ours.
        contextOf(rendering, viewportId)?.getError();
        unproven = true;
        wait();
        await viewport.setStack([imageId], 0);
        if (closed) return;
        shape = shapeKey(picture);
      }
      key = picture.key;
    }
    const [low, high] = picture.edges;
    viewport.setProperties({
      voiRange: { lower: Math.min(low, high), upper: Math.max(low, high) },
      invert: low > high,
      interpolationType: Enums.InterpolationType.LINEAR,
      VOILUTFunction: Enums.VOILUTFunctionType.LINEAR_EXACT,
    });
    viewport.setCamera(cameraOf(painting));
    viewport.render();
  };

  // One at a time, the latest wish last; what came between is left out.
  const work = async (): Promise<void> => {
    working = true;
    try {
      while (wanted !== null && !closed && isPresent(rendering)) {
        const painting = wanted;
        wanted = null;
        await draw(painting);
      }
    } catch (error) {
      if (isPresent(rendering)) trouble(error);
    } finally {
      working = false;
    }
  };

  return {
    kind: 'webgl',
    paint: (painting) => {
      wanted = painting;
      host.style.visibility = painting === null ? 'hidden' : 'visible';
      if (painting !== null && !working) void work();
    },
    close: () => {
      closed = true;
      wanted = null;
      clearTimeout(patience);
      pictures.delete(imageId);
      if (isPresent(rendering)) rendering.disableElement(viewportId);
      host.remove();
    },
  };
};
