/** A series as a 3D texture, made slice by slice from the frames that are held anyway: no second copy in memory. */
import type { Vec3 } from '../../../models/kit/geometry.ts';
import { spacingOf } from '../../../models/kit/geometry.ts';
import type { Affine, Frame } from '../../../preload/contract/index.ts';
import type { PixelArray } from '../data/pixels.ts';
import { texture3D } from './gl.ts';
import { type Limits, reductionFor, VolumeGrid } from './volume-grid.ts';

export interface VolumeSource {
  /** Another key, another volume. */
  readonly key: string;
  readonly frames: readonly Frame[];
  readonly pixels: readonly (PixelArray | null)[];
  readonly affine: Affine;
  readonly dims: Vec3;
  readonly domain: readonly [number, number];
}

export interface VolumeTexture {
  readonly key: string;
  readonly grid: VolumeGrid;
  readonly values: WebGLTexture;
}

/** The window stays quick meanwhile: no longer than this at a time. */
const SLICE_OF_TIME_MS = 24;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const makeOnce = async (
  gl: WebGL2RenderingContext,
  source: VolumeSource,
  factors: Vec3,
  signal: AbortSignal,
  onProgress: (part: number) => void,
): Promise<VolumeTexture | 'too large' | null> => {
  const grid = new VolumeGrid(source.dims, factors, source.domain);
  // Errors of what came before are not this one's.
  gl.getError();
  gl.activeTexture(gl.TEXTURE0);
  const values = texture3D(gl, gl.R16F, grid.size, gl.LINEAR);
  const failed = (answer: 'too large' | null): typeof answer => {
    gl.deleteTexture(values);
    return answer;
  };
  if (gl.getError() !== gl.NO_ERROR) return failed('too large');
  const frameAt = (k: number) => {
    const [frame, pixels] = [source.frames[k], source.pixels[k]];
    if (!frame || !pixels) return null;
    const { slope, intercept, padding } = frame;
    return { pixels, scaling: { slope, intercept, padding } };
  };
  let begun = performance.now();
  for (let z = 0; z < grid.size[2]; z++) {
    const slice = grid.slice(z, frameAt);
    if (slice === null) return failed(null);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_3D, values);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, z, grid.size[0], grid.size[1], 1, gl.RED, gl.HALF_FLOAT, slice);
    if (performance.now() - begun < SLICE_OF_TIME_MS) continue;
    onProgress((z + 1) / grid.size[2]);
    await pause();
    if (signal.aborted || gl.isContextLost()) return failed(null);
    begun = performance.now();
  }
  return gl.getError() === gl.NO_ERROR ? { key: source.key, grid, values } : failed('too large');
};

/**
 * As fine as the graphics hardware takes it; reduced further where it says that its memory is too small. Null where it was
 * given up. Throws where even an eighth along each side does not fit.
 */
export const volumeTexture = async (
  gl: WebGL2RenderingContext,
  source: VolumeSource,
  limits: Limits,
  signal: AbortSignal,
  onProgress: (part: number) => void,
): Promise<VolumeTexture | null> => {
  const spacing = spacingOf(source.affine);
  let bytes = limits.bytes;
  for (let attempt = 0; attempt < 10; attempt++) {
    const factors = reductionFor(source.dims, spacing, { side: limits.side, bytes });
    const made = await makeOnce(gl, source, factors, signal, onProgress);
    if (made !== 'too large') return made;
    const taken = factors.reduce((part, factor, n) => part * Math.ceil((source.dims[n] ?? 1) / factor), 2);
    bytes = Math.min(bytes, taken) / 2;
  }
  throw new Error('the graphics hardware has too little memory for this volume');
};
