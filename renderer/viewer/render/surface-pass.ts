/**
 * Draws label surfaces into layers, each the next nearest to the eye: the opaque ones into one, what is seen through into
 * others, so that whatever lies between can be laid between. Where a cut goes through a label its inside is closed with a
 * face in the label's colour (Kilgard's capping: the stencil counts how often the line of sight has gone in and not out).
 */
import { dot } from '../../../models/kit/geometry.ts';
import { type Sight, toScreen } from '../view/scene-camera.ts';
import type { HalfSpace } from '../view/scene-cut.ts';
import { bindTexture, EVERYWHERE, type Program, programOf, type Target } from './gl.ts';
import type { PlacedMesh } from './mesh-points.ts';
import { CUTS, MOST_CUTS, setCuts } from './sight-uniforms.ts';

const SURFACE_VERTEX = `
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 outward;
uniform vec3 middle, right, up, forward;
uniform vec2 halfMm;
uniform float reachMm;
out vec3 screen;
out vec3 normal;
void main() {
  vec3 from = place - middle;
  screen = vec3(dot(from, right) / halfMm.x, dot(from, up) / halfMm.y, dot(from, forward));
  // Toward the eye is +z of the normal.
  normal = vec3(dot(outward, right), dot(outward, up), -dot(outward, forward));
  gl_Position = vec4(screen.xy, screen.z / reachMm, 1.0);
}`;

const LIT = `
uniform vec4 color;
uniform highp sampler2D behind;
uniform highp sampler2D opaque;
uniform int layer;
out vec4 drawn;
vec4 lit(vec3 normal) {
  float toEye = abs(normalize(normal).z);
  float shine = pow(toEye, 24.0) * 0.22;
  return vec4((color.rgb * (0.14 + 0.8 * toEye) + shine) * color.a, color.a);
}
/** Only what lies behind the layer before, and before what is opaque. */
bool isOfLayer(float depth) {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  if (layer >= 1 && depth >= texelFetch(opaque, pixel, 0).r) return false;
  return layer < 2 || depth > texelFetch(behind, pixel, 0).r + 1e-6;
}`;

const SURFACE_FRAGMENT = `
in vec3 screen;
in vec3 normal;
${CUTS}
${LIT}
void main() {
  for (int n = 0; n < ${MOST_CUTS}; n++) {
    if (n >= cutCount) break;
    if (dot(cuts[n].xyz, screen) + cuts[n].w < 0.0) discard;
  }
  if (!isOfLayer(gl_FragCoord.z)) discard;
  drawn = lit(normal);
}`;

const CAP_FRAGMENT = `
in vec2 at;
uniform float reachMm;
uniform vec3 cutNormals[${MOST_CUTS}];
${CUTS}
${LIT}
void main() {
  int entered;
  vec2 kept = keptAlong(at, vec2(-reachMm, reachMm), entered);
  if (entered < 0 || kept.x >= kept.y) discard;
  float depth = kept.x / reachMm * 0.5 + 0.5;
  if (!isOfLayer(depth)) discard;
  gl_FragDepth = depth;
  // Flat and without shine: a face that was cut, not one that the label has.
  drawn = vec4(color.rgb * (0.3 + 0.58 * abs(cutNormals[entered].z)) * color.a, color.a);
}`;

export interface DrawnSurface {
  readonly key: string;
  readonly mesh: PlacedMesh;
  /** 0 to 255. */
  readonly color: readonly [number, number, number];
  /** 0 to 1. */
  readonly opacity: number;
}

interface Held {
  readonly array: WebGLVertexArrayObject;
  readonly buffers: readonly WebGLBuffer[];
  readonly count: number;
}

/** From this on nothing shines through. */
export const OPAQUE = 0.995;
/** Below this it is not seen at all. */
export const LEAST_OPACITY = 0.004;

export class SurfacePass {
  readonly #gl: WebGL2RenderingContext;
  readonly #surface: Program;
  readonly #cap: Program;
  readonly #empty: WebGLVertexArrayObject;
  readonly #held = new Map<string, Held>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#surface = programOf(gl, SURFACE_VERTEX, SURFACE_FRAGMENT);
    this.#cap = programOf(gl, EVERYWHERE, CAP_FRAGMENT);
    this.#empty = gl.createVertexArray();
  }

  /**
   * layers[0] gets what is opaque, the others what is seen through, nearest first. size: the lower left part of the layers
   * that is drawn into.
   */
  draw(
    surfaces: readonly DrawnSurface[],
    layers: readonly Target[],
    sight: Sight,
    cuts: readonly HalfSpace[],
    size: readonly [number, number],
  ): void {
    const gl = this.#gl;
    this.#keep(surfaces);
    const opaque = surfaces.filter(({ opacity }) => opacity >= OPAQUE);
    const clear = surfaces.filter(({ opacity }) => opacity >= LEAST_OPACITY && opacity < OPAQUE);
    for (const [n, layer] of layers.entries()) {
      layer.bind();
      gl.viewport(0, 0, size[0], size[1]);
      gl.disable(gl.SCISSOR_TEST);
      gl.disable(gl.BLEND);
      gl.enable(gl.DEPTH_TEST);
      gl.depthMask(true);
      gl.stencilMask(0xff);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
      for (const program of [this.#surface, this.#cap]) {
        program.use();
        setCuts(gl, program, cuts, sight);
        gl.uniform1i(program.at('layer'), n);
        gl.uniform1i(program.at('opaque'), 0);
        gl.uniform1i(program.at('behind'), 1);
        gl.uniform1f(program.at('reachMm'), sight.reachMm);
      }
      const normals = cuts
        .slice(0, MOST_CUTS)
        .flatMap(({ normal }) => [dot(normal, sight.right), dot(normal, sight.up), -dot(normal, sight.forward)]);
      if (normals.length > 0) gl.uniform3fv(this.#cap.at('cutNormals'), normals);
      bindTexture(gl, 0, gl.TEXTURE_2D, n === 0 ? null : (layers[0]?.depth ?? null));
      bindTexture(gl, 1, gl.TEXTURE_2D, n < 2 ? null : (layers[n - 1]?.depth ?? null));
      for (const surface of n === 0 ? opaque : clear) this.#one(surface, n, sight, cuts.length > 0, size);
    }
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.SCISSOR_TEST);
    gl.disable(gl.CULL_FACE);
    gl.disable(gl.DEPTH_TEST);
    gl.bindVertexArray(null);
  }

  close(): void {
    for (const key of [...this.#held.keys()]) this.#letGo(key);
    this.#surface.delete();
    this.#cap.delete();
    this.#gl.deleteVertexArray(this.#empty);
  }

  #one(surface: DrawnSurface, layer: number, sight: Sight, cut: boolean, size: readonly [number, number]): void {
    const gl = this.#gl;
    const held = this.#held.get(surface.key);
    const area = areaOf(surface.mesh, sight, size);
    if (held === undefined || area === null) return;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(...area);
    const [r, g, b] = surface.color;
    const color = [r / 255, g / 255, b / 255, surface.opacity] as const;
    this.#surface.use();
    gl.uniform4f(this.#surface.at('color'), ...color);
    gl.uniform3f(this.#surface.at('middle'), ...sight.middle);
    gl.uniform3f(this.#surface.at('right'), ...sight.right);
    gl.uniform3f(this.#surface.at('up'), ...sight.up);
    gl.uniform3f(this.#surface.at('forward'), ...sight.forward);
    gl.uniform2f(
      this.#surface.at('halfMm'),
      (sight.width / 2) * sight.mmPerPixel,
      (sight.height / 2) * sight.mmPerPixel,
    );
    gl.bindVertexArray(held.array);
    gl.disable(gl.STENCIL_TEST);
    gl.enable(gl.CULL_FACE);
    gl.cullFace(gl.BACK);
    gl.depthFunc(gl.LESS);
    gl.drawElements(gl.TRIANGLES, held.count, gl.UNSIGNED_INT, 0);
    if (!cut) return;
    // Every face that is left counts, whichever layer it is of.
    gl.uniform1i(this.#surface.at('layer'), 0);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.STENCIL_TEST);
    gl.stencilFunc(gl.ALWAYS, 0, 0xff);
    gl.stencilOpSeparate(gl.FRONT, gl.KEEP, gl.KEEP, gl.DECR_WRAP);
    gl.stencilOpSeparate(gl.BACK, gl.KEEP, gl.KEEP, gl.INCR_WRAP);
    gl.colorMask(false, false, false, false);
    gl.depthMask(false);
    gl.depthFunc(gl.ALWAYS);
    gl.drawElements(gl.TRIANGLES, held.count, gl.UNSIGNED_INT, 0);
    gl.uniform1i(this.#surface.at('layer'), layer);
    gl.colorMask(true, true, true, true);
    gl.depthMask(true);
    gl.depthFunc(gl.LESS);
    this.#cap.use();
    gl.uniform4f(this.#cap.at('color'), ...color);
    gl.stencilFunc(gl.NOTEQUAL, 0, 0xff);
    gl.stencilOp(gl.ZERO, gl.ZERO, gl.ZERO);
    gl.bindVertexArray(this.#empty);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.disable(gl.STENCIL_TEST);
  }

  #keep(surfaces: readonly DrawnSurface[]): void {
    const wanted = new Set(surfaces.map(({ key }) => key));
    for (const key of [...this.#held.keys()]) if (!wanted.has(key)) this.#letGo(key);
    for (const { key, mesh } of surfaces) if (!this.#held.has(key)) this.#held.set(key, this.#upload(mesh));
  }

  #upload(mesh: PlacedMesh): Held {
    const gl = this.#gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    const buffer = (kind: number, data: Float32Array | Uint32Array): WebGLBuffer => {
      const made = gl.createBuffer();
      gl.bindBuffer(kind, made);
      gl.bufferData(kind, data, gl.STATIC_DRAW);
      return made;
    };
    const buffers = [
      buffer(gl.ARRAY_BUFFER, mesh.points),
      buffer(gl.ARRAY_BUFFER, mesh.normals),
      buffer(gl.ELEMENT_ARRAY_BUFFER, mesh.triangles),
    ];
    for (const n of [0, 1]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[n] ?? null);
      gl.enableVertexAttribArray(n);
      gl.vertexAttribPointer(n, 3, gl.FLOAT, false, 0, 0);
    }
    gl.bindVertexArray(null);
    return { array, buffers, count: mesh.triangles.length };
  }

  #letGo(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#gl.deleteVertexArray(held.array);
    for (const buffer of held.buffers) this.#gl.deleteBuffer(buffer);
    this.#held.delete(key);
  }
}

/** Pixels that the mesh can cover: [left, bottom, width, height]; null where it lies outside. */
const areaOf = (
  { lowest, highest }: PlacedMesh,
  sight: Sight,
  size: readonly [number, number],
): readonly [number, number, number, number] | null => {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let n = 0; n < 8; n++) {
    const [x, y] = toScreen(sight, [
      n & 1 ? highest[0] : lowest[0],
      n & 2 ? highest[1] : lowest[1],
      n & 4 ? highest[2] : lowest[2],
    ]);
    const [px, py] = [(x / sight.width) * size[0], (1 - y / sight.height) * size[1]];
    [left, bottom, right, top] = [Math.min(left, px), Math.min(bottom, py), Math.max(right, px), Math.max(top, py)];
  }
  const x0 = Math.max(0, Math.floor(left) - 1);
  const y0 = Math.max(0, Math.floor(bottom) - 1);
  const x1 = Math.min(size[0], Math.ceil(right) + 1);
  const y1 = Math.min(size[1], Math.ceil(top) + 1);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1 - x0, y1 - y0] : null;
};
