/**
 * The 3D view's own canvas and context: surfaces of labels and the volume, in one picture. vtk.js draws a volume in one go
 * that nothing can stop, from a second copy of all voxels and on straight grids only; where the processor draws, that is
 * seconds of a window that does not answer. Here a picture is made coarse while the hand moves, and by strips at rest, so
 * that the next movement finds it free.
 */
import { type Extent, type SceneCamera, type Sight, sightOf } from '../view/scene-camera.ts';
import type { HalfSpace } from '../view/scene-cut.ts';
import { bindTexture, EVERYWHERE, finished, type Program, programOf, type Target, targetOf } from './gl.ts';
import { type DrawnSurface, LEAST_OPACITY, OPAQUE, SurfacePass } from './surface-pass.ts';
import { reductionWords } from './volume-grid.ts';
import { type DrawnVolume, LAYERS, VolumePass } from './volume-pass.ts';
import { type VolumeSource, type VolumeTexture, volumeTexture } from './volume-texture.ts';

export interface SceneRequest {
  readonly camera: SceneCamera;
  readonly extent: Extent;
  readonly surfaces: readonly DrawnSurface[];
  readonly cuts: readonly HalfSpace[];
  /** Of the volume whose texture is held; null: surfaces only. */
  readonly volume: Omit<DrawnVolume, 'texture'> | null;
  /** Smallest side of a voxel. */
  readonly voxelMm: number;
}

export interface SceneReports {
  /** What is shown is not what was asked for, and why. */
  readonly onTrouble: (error: Error) => void;
  /** The context is gone, and all that was made of it. */
  readonly onLost: () => void;
  /** 0 to 1 of the fine picture; null where it is there, or not begun. */
  readonly onProgress: (part: number | null) => void;
}

const SHOW = `
in vec2 at;
out vec4 drawn;
uniform sampler2D picture;
/** The part of the picture that is drawn. */
uniform vec2 part;
void main() {
  vec2 place = (at * 0.5 + 0.5) * part;
  vec4 color = texture(picture, place);
  drawn = vec4(color.rgb + (1.0 - color.a) * vec3(0.02, 0.027, 0.039), 1.0);
}`;

const BUDGET_BYTES = { hardware: 640e6, software: 320e6 } as const;
/** A picture while the hand moves, and a strip at rest. */
const MOVING_MS = 90;
const STRIP_MS = 70;
const REST_MS = 160;
const COARSEST = 0.14;
/** Twice as fine as the screen where it takes no longer. */
const DOUBLE_MS = 150;
const MOST_PIXELS = 3_500_000;

export class Scene {
  readonly #canvas = document.createElement('canvas');
  readonly #gl: WebGL2RenderingContext;
  readonly #kind: 'hardware' | 'software';
  readonly #reports: SceneReports;
  readonly #surfaces: SurfacePass;
  readonly #volumes: VolumePass;
  readonly #show: Program;
  readonly #array: WebGLVertexArrayObject;
  readonly #closing = new AbortController();
  #layers: readonly Target[] = [];
  #coarse: Target | null = null;
  #fine: Target | null = null;
  #texture: VolumeTexture | null = null;
  #making: { readonly key: string; readonly stop: AbortController } | null = null;
  #wanted: SceneRequest | null = null;
  #working = false;
  /** Stops the strips of the fine picture. */
  #refining: AbortController | null = null;
  /** Of a pixel's line of sight at full step, as it was last measured. */
  #msOfPixel: number;
  #unproven = true;

  constructor(element: HTMLElement, kind: 'hardware' | 'software', reports: SceneReports) {
    this.#kind = kind;
    this.#reports = reports;
    this.#msOfPixel = kind === 'software' ? 0.02 : 0.00005;
    const gl = this.#canvas.getContext('webgl2', {
      alpha: false,
      antialias: false,
      depth: false,
      // A picture of the view is made long after it was drawn: without this the browser has let go of it.
      preserveDrawingBuffer: true,
      powerPreference: 'high-performance',
    });
    if (gl === null) throw new Error('this machine gives no WebGL');
    this.#gl = gl;
    this.#canvas.className = 'picture';
    this.#canvas.addEventListener('webglcontextlost', this.#lost);
    this.#surfaces = new SurfacePass(gl);
    this.#volumes = new VolumePass(gl);
    this.#show = programOf(gl, EVERYWHERE, SHOW);
    this.#array = gl.createVertexArray();
    element.append(this.#canvas);
  }

  /**
   * Makes the texture of a volume; true where it is there. One that was begun for another is given up. Answers how it was
   * reduced, in words; null where it was given up.
   */
  async load(source: VolumeSource, onProgress: (part: number) => void): Promise<string | null> {
    if (this.#texture?.key === source.key) return reductionWords(this.#texture.grid.factors);
    this.#making?.stop.abort();
    const stop = new AbortController();
    this.#making = { key: source.key, stop };
    this.#drop();
    const made = await volumeTexture(
      this.#gl,
      source,
      { side: Number(this.#gl.getParameter(this.#gl.MAX_3D_TEXTURE_SIZE)), bytes: BUDGET_BYTES[this.#kind] },
      AbortSignal.any([stop.signal, this.#closing.signal]),
      onProgress,
    );
    if (this.#making?.stop === stop) this.#making = null;
    if (made === null) return null;
    if (stop.signal.aborted || this.#closing.signal.aborted) {
      this.#gl.deleteTexture(made.values);
      return null;
    }
    this.#texture = made;
    return reductionWords(made.grid.factors);
  }

  /** Gives the volume's memory back. */
  unload(): void {
    this.#making?.stop.abort();
    this.#making = null;
    this.#drop();
  }

  /** Draws it: the latest wish; what came between is left out. */
  draw(request: SceneRequest): void {
    this.#wanted = request;
    this.#refining?.abort();
    this.#reports.onProgress(0);
    if (!this.#working) void this.#work();
  }

  close(): void {
    this.#closing.abort();
    this.#refining?.abort();
    this.#canvas.removeEventListener('webglcontextlost', this.#lost);
    this.#drop();
    this.#surfaces.close();
    this.#volumes.close();
    // The browser counts contexts until they are collected: said at once that this one is done with.
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
    this.#canvas.remove();
  }

  readonly #lost = (): void => {
    this.#closing.abort();
    this.#refining?.abort();
    this.#reports.onLost();
  };

  #drop(): void {
    if (this.#texture !== null) this.#gl.deleteTexture(this.#texture.values);
    this.#texture = null;
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      while (this.#wanted !== null && !this.#closing.signal.aborted) {
        const request = this.#wanted;
        this.#wanted = null;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        // A later wish came before this one was begun.
        if (this.#wanted !== null) continue;
        const fine = this.#resize() && (await this.#moving(request));
        if (this.#wanted === null && !fine) await this.#rest(request);
      }
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#reports.onTrouble(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#working = false;
      if (!this.#closing.signal.aborted) this.#reports.onProgress(null);
    }
  }

  /** False where there is nothing to draw on. */
  #resize(): boolean {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.round(this.#canvas.clientWidth * ratio);
    const height = Math.round(this.#canvas.clientHeight * ratio);
    if (width < 2 || height < 2) return false;
    if (this.#coarse !== null && this.#canvas.width === width && this.#canvas.height === height) return true;
    this.#canvas.width = width;
    this.#canvas.height = height;
    for (const target of [...this.#layers, this.#coarse, this.#fine]) target?.delete();
    this.#layers = [];
    // Edges are drawn at twice the size and averaged, where that is not too many pixels.
    const times = ratio < 1.5 && width * height * 4 <= MOST_PIXELS ? 2 : 1;
    this.#coarse = targetOf(this.#gl, width * times, height * times, false);
    this.#fine = null;
    this.#unproven = true;
    return true;
  }

  /** Pixels of the picture at rest: of the screen, or twice as many along each side where that is soon drawn. */
  #restSize(coarse: Target, volume: DrawnVolume | null): readonly [number, number] {
    const soon = volume === null || this.#msOfPixel * coarse.width * coarse.height < DOUBLE_MS;
    return soon ? [coarse.width, coarse.height] : [this.#canvas.width, this.#canvas.height];
  }

  /** A picture as fine as it can be at once; true where that is as fine as at rest. */
  async #moving(request: SceneRequest): Promise<boolean> {
    const coarse = this.#coarse;
    if (coarse === null) return true;
    const volume = this.#volumeOf(request);
    const { width, height } = this.#canvas;
    const rough = this.#kind === 'software' && volume !== null ? 2 : 1;
    const affordable = Math.sqrt((MOVING_MS * rough) / (this.#msOfPixel * width * height));
    const scale = volume === null ? 1 : Math.min(1, Math.max(COARSEST, affordable));
    const size = [Math.max(2, Math.round(width * scale)), Math.max(2, Math.round(height * scale))] as const;
    const step = stepOf(request) * (scale < 1 ? rough : 1);
    const begun = performance.now();
    this.#layered(request, size);
    this.#volumes.draw(
      coarse,
      this.#layersOf(request),
      volume,
      this.#sight(request),
      request.cuts,
      size,
      [0, size[1]],
      step,
    );
    this.#present(coarse, size, null);
    if (!(await finished(this.#gl, this.#closing.signal))) return true;
    if (volume !== null) this.#learn(performance.now() - begun, size[0] * size[1] * (stepOf(request) / step));
    this.#prove();
    return step === stepOf(request) && size[0] === this.#restSize(coarse, volume)[0];
  }

  /** The fine picture by strips, each of them shown, until it is there or another is wished for. */
  async #rest(request: SceneRequest): Promise<void> {
    const coarse = this.#coarse;
    if (coarse === null || this.#closing.signal.aborted) return;
    const refining = new AbortController();
    this.#refining = refining;
    const given = AbortSignal.any([refining.signal, this.#closing.signal]);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    if (given.aborted) return;
    this.#fine ??= targetOf(this.#gl, coarse.width, coarse.height, false);
    const fine = this.#fine;
    const volume = this.#volumeOf(request);
    const size = this.#restSize(coarse, volume);
    const [width, height] = size;
    this.#layered(request, size);
    for (let top = height; top > 0; ) {
      const affordable = volume === null ? height : Math.floor(STRIP_MS / (this.#msOfPixel * width));
      const from = Math.max(0, top - Math.max(4, affordable));
      const begun = performance.now();
      this.#volumes.draw(
        fine,
        this.#layersOf(request),
        volume,
        this.#sight(request),
        request.cuts,
        size,
        [from, top],
        stepOf(request),
      );
      if (!(await finished(this.#gl, given))) return;
      if (volume !== null) this.#learn(performance.now() - begun, (top - from) * width);
      top = from;
      this.#present(coarse, null, { target: fine, size, from });
      if (volume !== null) this.#reports.onProgress(1 - top / height);
    }
    this.#prove();
  }

  #coarseSize: readonly [number, number] = [1, 1];
  /** The coarse picture, and over it the strips of the fine one that are there. */
  #present(
    coarse: Target,
    size: readonly [number, number] | null,
    over: { readonly target: Target; readonly size: readonly [number, number]; readonly from: number } | null,
  ): void {
    const gl = this.#gl;
    const { width, height } = this.#canvas;
    if (size !== null) this.#coarseSize = size;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    gl.disable(gl.BLEND);
    gl.disable(gl.SCISSOR_TEST);
    gl.bindVertexArray(this.#array);
    this.#show.use();
    gl.uniform1i(this.#show.at('picture'), 0);
    const show = (target: Target, [x, y]: readonly [number, number]): void => {
      bindTexture(gl, 0, gl.TEXTURE_2D, target.color);
      gl.uniform2f(this.#show.at('part'), x / target.width, y / target.height);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    };
    if (over === null || over.from > 0) show(coarse, this.#coarseSize);
    if (over !== null) {
      const from = Math.ceil((over.from / over.size[1]) * height);
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(0, from, width, height - from);
      show(over.target, over.size);
      gl.disable(gl.SCISSOR_TEST);
    }
    gl.bindVertexArray(null);
  }

  #layered(request: SceneRequest, size: readonly [number, number]): void {
    if (this.#coarse === null || !request.surfaces.some(isSeen)) return;
    const { width, height } = this.#coarse;
    const needed = layersFor(request);
    while (this.#layers.length < needed) this.#layers = [...this.#layers, targetOf(this.#gl, width, height, true)];
    this.#surfaces.draw(request.surfaces, this.#layers.slice(0, needed), this.#sight(request), request.cuts, size);
  }

  #layersOf(request: SceneRequest): readonly Target[] {
    return request.surfaces.some(isSeen) ? this.#layers.slice(0, layersFor(request)) : [];
  }

  #volumeOf({ volume }: SceneRequest): DrawnVolume | null {
    return volume === null || this.#texture === null ? null : { ...volume, texture: this.#texture };
  }

  #sight({ camera, extent }: SceneRequest): Sight {
    return sightOf(camera, extent, this.#canvas.clientWidth, this.#canvas.clientHeight);
  }

  #learn(ms: number, pixels: number): void {
    const measured = ms / Math.max(1, pixels);
    this.#msOfPixel = Math.min(1, Math.max(1e-6, 0.5 * this.#msOfPixel + 0.5 * measured));
  }

  /** Memory that the graphics hardware does not have shows in its errors only; asked once for each new picture. */
  #prove(): void {
    if (!this.#unproven || this.#gl.isContextLost()) return;
    this.#unproven = false;
    const error = this.#gl.getError();
    if (error === this.#gl.OUT_OF_MEMORY) throw new Error('the graphics hardware has too little memory.');
    if (error !== 0) throw new Error(`the graphics hardware answers error ${error}.`);
  }
}

const isSeen = ({ opacity }: DrawnSurface): boolean => opacity >= LEAST_OPACITY;
/** What is seen through needs layers of its own. */
const layersFor = ({ surfaces }: SceneRequest): number =>
  surfaces.some((surface) => isSeen(surface) && surface.opacity < OPAQUE) ? LAYERS : 1;

/** Two samples a voxel. */
const stepOf = ({ voxelMm }: SceneRequest): number => Math.max(0.2, voxelMm * 0.6);
