/**
 * The picture of a 3D view: the surfaces' layers, and between them what the volume lets through along each line of sight.
 * Blocks without opacity are stepped over. The grid may be sheared: the lines are straight in it all the same.
 */
import { invert, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';
import type { Sight } from '../view/scene-camera.ts';
import type { HalfSpace } from '../view/scene-cut.ts';
import { ENTRIES, type VolumePreset } from '../view/transfer.ts';
import { bindTexture, EVERYWHERE, type Program, programOf, type Target, texture2D, texture3D } from './gl.ts';
import { CUTS, setCuts } from './sight-uniforms.ts';
import { BLOCK, highestOfBlocks, occupiedBlocks } from './volume-grid.ts';
import type { VolumeTexture } from './volume-texture.ts';

/** One opaque and three that are seen through. */
export const LAYERS = 4;

const LAYERED = `
uniform highp sampler2D color0, color1, color2, color3, depth0, depth1, depth2, depth3;
uniform int layerCount;
uniform float reachMm;
vec4 colors[4];
float depths[4];
/** Nearest first; the opaque one is the last. */
void readLayers() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  colors[0] = layerCount > 1 ? texelFetch(color1, pixel, 0) : vec4(0);
  colors[1] = layerCount > 2 ? texelFetch(color2, pixel, 0) : vec4(0);
  colors[2] = layerCount > 3 ? texelFetch(color3, pixel, 0) : vec4(0);
  colors[3] = layerCount > 0 ? texelFetch(color0, pixel, 0) : vec4(0);
  depths[0] = layerCount > 1 ? texelFetch(depth1, pixel, 0).r : 1.0;
  depths[1] = layerCount > 2 ? texelFetch(depth2, pixel, 0).r : 1.0;
  depths[2] = layerCount > 3 ? texelFetch(depth3, pixel, 0).r : 1.0;
  depths[3] = layerCount > 0 ? texelFetch(depth0, pixel, 0).r : 1.0;
  for (int n = 0; n < 4; n++) depths[n] = (depths[n] * 2.0 - 1.0) * reachMm;
}`;

const SURFACES_ONLY = `
out vec4 drawn;
${LAYERED}
void main() {
  readLayers();
  vec4 sum = vec4(0);
  for (int n = 0; n < 4; n++) sum += (1.0 - sum.a) * colors[n];
  drawn = sum;
}`;

const ALONG = `
in vec2 at;
out vec4 drawn;
uniform highp sampler3D values;
uniform highp sampler3D blocks;
uniform highp sampler2D transfer;
/** Texels at the middle of the view at depth 0, to its right and upper edge, and by a millimetre of depth. */
uniform vec3 texelMiddle, texelRight, texelUp, texelDeeper;
/** Texels that there are, and of them those that are filled with voxels. */
uniform vec3 texels, filled;
uniform float stepMm;
${CUTS}
${LAYERED}
/** Where the line is within the grid and the cuts. */
vec2 stretch(vec3 origin) {
  vec3 inverse = 1.0 / (mix(vec3(1e-9), texelDeeper, greaterThan(abs(texelDeeper), vec3(1e-9))));
  vec3 a = -origin * inverse;
  vec3 b = (filled - origin) * inverse;
  vec3 low = min(a, b), high = max(a, b);
  int entered;
  return keptAlong(at, vec2(max(max(low.x, low.y), low.z), min(min(high.x, high.y), high.z)), entered);
}
/** Millimetres to the end of the block that a place lies in. */
float leave(vec3 place, ivec3 block) {
  vec3 ahead = (vec3(block) + step(0.0, texelDeeper)) * ${BLOCK}.0 - place;
  vec3 far = abs(ahead) / max(abs(texelDeeper), vec3(1e-9));
  return min(min(far.x, far.y), far.z);
}
float noise() { return fract(52.9829189 * fract(dot(floor(gl_FragCoord.xy), vec2(0.06711056, 0.00583715)))); }
`;

const LIGHT = `${ALONG}
/** Gradients in the grid to the screen's directions: right, up, toward the eye. */
uniform mat3 gradientToScreen;
float valueAt(vec3 place) { return texture(values, place / texels).r; }
void main() {
  readLayers();
  vec3 origin = texelMiddle + at.x * texelRight + at.y * texelUp;
  vec2 kept = stretch(origin);
  vec4 sum = vec4(0);
  int layer = 0;
  float t = kept.x + stepMm * noise();
  for (int n = 0; n < 8192; n++) {
    if (t >= kept.y || sum.a > 0.985) break;
    while (layer < 4 && (colors[layer].a == 0.0 || depths[layer] <= t)) {
      sum += (1.0 - sum.a) * colors[layer];
      layer++;
    }
    vec3 place = origin + t * texelDeeper;
    ivec3 block = clamp(ivec3(floor(place / ${BLOCK}.0)), ivec3(0), textureSize(blocks, 0) - 1);
    if (texelFetch(blocks, block, 0).r == 0.0) {
      t += stepMm * max(1.0, ceil((leave(place, block) + 1e-4) / stepMm));
      continue;
    }
    float value = valueAt(place);
    vec4 matter = texelFetch(transfer, ivec2(int(value * ${ENTRIES - 1}.0 + 0.5), 0), 0);
    if (matter.a > 0.0) {
      vec3 g = vec3(
        valueAt(place + vec3(1, 0, 0)) - valueAt(place - vec3(1, 0, 0)),
        valueAt(place + vec3(0, 1, 0)) - valueAt(place - vec3(0, 1, 0)),
        valueAt(place + vec3(0, 0, 1)) - valueAt(place - vec3(0, 0, 1)));
      vec3 normal = gradientToScreen * g;
      float size = length(normal);
      float toEye = size > 0.0 ? abs(normal.z) / size : 1.0;
      // Where values hardly change there is no surface to be lit.
      // Nor at the face of a cut: it is flat, whatever lies about it.
      float surface = smoothstep(0.002, 0.02, length(g)) * smoothstep(stepMm, 3.0 * stepMm, t - kept.x);
      float light = mix(0.9, 0.16 + 0.84 * toEye, surface);
      vec3 lit = matter.rgb * light + surface * 0.16 * pow(toEye, 20.0);
      float alpha = 1.0 - pow(1.0 - matter.a, stepMm);
      sum += (1.0 - sum.a) * vec4(lit * alpha, alpha);
    }
    t += stepMm;
  }
  // What the line of sight still meets behind the volume.
  for (; layer < 4; layer++) sum += (1.0 - sum.a) * colors[layer];
  drawn = sum;
}`;

const MOST = `${ALONG}
/** Black and white, parts of the domain. */
uniform vec2 edges;
void main() {
  readLayers();
  vec3 origin = texelMiddle + at.x * texelRight + at.y * texelUp;
  vec2 kept = stretch(origin);
  float most = edges.x;
  float t = kept.x + stepMm * noise();
  for (int n = 0; n < 8192; n++) {
    if (t >= kept.y || most >= edges.y) break;
    vec3 place = origin + t * texelDeeper;
    ivec3 block = clamp(ivec3(floor(place / ${BLOCK}.0)), ivec3(0), textureSize(blocks, 0) - 1);
    if (texelFetch(blocks, block, 0).r <= most) {
      t += stepMm * max(1.0, ceil((leave(place, block) + 1e-4) / stepMm));
      continue;
    }
    most = max(most, texture(values, place / texels).r);
    t += stepMm;
  }
  float grey = clamp((most - edges.x) / (edges.y - edges.x), 0.0, 1.0);
  // A projection has no depth: labels lie over it.
  vec4 sum = vec4(0);
  for (int n = 0; n < 4; n++) sum += (1.0 - sum.a) * colors[n];
  drawn = sum + (1.0 - sum.a) * vec4(vec3(grey), grey);
}`;

/** What the volume is drawn as. */
export interface DrawnVolume {
  readonly texture: VolumeTexture;
  readonly preset: VolumePreset;
  /** Of transferTable. */
  readonly table: Float32Array;
  /** Parts of the domain from black to white. */
  readonly edges: readonly [number, number];
  readonly affine: Affine;
}

export class VolumePass {
  readonly #gl: WebGL2RenderingContext;
  readonly #array: WebGLVertexArrayObject;
  readonly #programs = new Map<string, Program>();
  #transfer: WebGLTexture | null = null;
  #blocks: WebGLTexture | null = null;
  #loaded: { table: Float32Array; texture: VolumeTexture; kind: string } | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#array = gl.createVertexArray();
  }

  /** Into the lower left `size` of the target, of it only the rows [from, to). */
  draw(
    target: Target,
    layers: readonly Target[],
    volume: DrawnVolume | null,
    sight: Sight,
    cuts: readonly HalfSpace[],
    size: readonly [number, number],
    rows: readonly [number, number],
    stepMm: number,
  ): void {
    const gl = this.#gl;
    const program = this.#program(volume === null ? 'none' : volume.preset.kind);
    program.use();
    for (let n = 0; n < LAYERS; n++) {
      bindTexture(gl, 3 + n, gl.TEXTURE_2D, layers[n]?.color ?? null);
      bindTexture(gl, 7 + n, gl.TEXTURE_2D, layers[n]?.depth ?? null);
      gl.uniform1i(program.at(`color${n}`), 3 + n);
      gl.uniform1i(program.at(`depth${n}`), 7 + n);
    }
    gl.uniform1i(program.at('layerCount'), layers.length);
    gl.uniform1f(program.at('reachMm'), sight.reachMm);
    setCuts(gl, program, cuts, sight);
    if (volume !== null) this.#volume(program, volume, sight, stepMm);
    target.bind();
    gl.viewport(0, 0, size[0], size[1]);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(0, rows[0], size[0], rows[1] - rows[0]);
    gl.disable(gl.BLEND);
    gl.bindVertexArray(this.#array);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.disable(gl.SCISSOR_TEST);
    gl.bindVertexArray(null);
  }

  close(): void {
    for (const program of this.#programs.values()) program.delete();
    this.#gl.deleteTexture(this.#transfer);
    this.#gl.deleteTexture(this.#blocks);
    this.#gl.deleteVertexArray(this.#array);
  }

  #program(kind: 'none' | VolumePreset['kind']): Program {
    let program = this.#programs.get(kind);
    if (program === undefined) {
      program = programOf(this.#gl, EVERYWHERE, { none: SURFACES_ONLY, light: LIGHT, most: MOST }[kind]);
      this.#programs.set(kind, program);
    }
    return program;
  }

  #volume(program: Program, volume: DrawnVolume, sight: Sight, stepMm: number): void {
    const gl = this.#gl;
    const { grid } = volume.texture;
    this.#load(volume);
    bindTexture(gl, 0, gl.TEXTURE_3D, volume.texture.values);
    bindTexture(gl, 1, gl.TEXTURE_3D, this.#blocks);
    bindTexture(gl, 2, gl.TEXTURE_2D, this.#transfer);
    gl.uniform1i(program.at('values'), 0);
    gl.uniform1i(program.at('blocks'), 1);
    gl.uniform1i(program.at('transfer'), 2);
    // Patient millimetres to continuous voxels (outer corner 0) to texels.
    const toVoxel = invert(volume.affine);
    const texel = (place: Vec3, corner: 0 | 0.5): Vec3 => {
      const v = voxelToPatient(toVoxel, place);
      const [fx, fy, fz] = grid.factors;
      return [(v[0] + corner) / fx, (v[1] + corner) / fy, (v[2] + corner) / fz];
    };
    const zero = texel([0, 0, 0], 0);
    const direction = (mm: Vec3): Vec3 => {
      const to = texel(mm, 0);
      return [to[0] - zero[0], to[1] - zero[1], to[2] - zero[2]];
    };
    const by = (v: Vec3, factor: number): Vec3 => [v[0] * factor, v[1] * factor, v[2] * factor];
    const [right, up, forward] = [direction(sight.right), direction(sight.up), direction(sight.forward)];
    gl.uniform3f(program.at('texelMiddle'), ...texel(sight.middle, 0.5));
    gl.uniform3f(program.at('texelRight'), ...by(right, (sight.width / 2) * sight.mmPerPixel));
    gl.uniform3f(program.at('texelUp'), ...by(up, (sight.height / 2) * sight.mmPerPixel));
    gl.uniform3f(program.at('texelDeeper'), ...forward);
    gl.uniform3f(program.at('texels'), ...grid.size);
    gl.uniform3f(
      program.at('filled'),
      grid.dims[0] / grid.factors[0],
      grid.dims[1] / grid.factors[1],
      grid.dims[2] / grid.factors[2],
    );
    gl.uniform1f(program.at('stepMm'), stepMm);
    gl.uniform2f(program.at('edges'), ...volume.edges);
    // d value / d screen = sum over the grid's directions of (d value / d texel) (d texel / d screen). Columns by texel.
    gl.uniformMatrix3fv(program.at('gradientToScreen'), false, [
      ...[right[0], up[0], -forward[0]],
      ...[right[1], up[1], -forward[1]],
      ...[right[2], up[2], -forward[2]],
    ]);
  }

  #load({ table, texture, preset }: DrawnVolume): void {
    const loaded = this.#loaded;
    if (loaded?.table === table && loaded.texture === texture && loaded.kind === preset.kind) return;
    const gl = this.#gl;
    this.#transfer ??= texture2D(gl, gl.RGBA32F, ENTRIES, 1, gl.NEAREST);
    bindTexture(gl, 2, gl.TEXTURE_2D, this.#transfer);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ENTRIES, 1, gl.RGBA, gl.FLOAT, table);
    const blocks = preset.kind === 'most' ? highestOfBlocks(texture.grid) : occupiedBlocks(texture.grid, table);
    if (loaded?.texture !== texture) {
      gl.deleteTexture(this.#blocks);
      gl.activeTexture(gl.TEXTURE1);
      this.#blocks = texture3D(gl, gl.R8, texture.grid.blocks, gl.NEAREST);
    }
    bindTexture(gl, 1, gl.TEXTURE_3D, this.#blocks);
    const [x, y, z] = texture.grid.blocks;
    gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, 0, x, y, z, gl.RED, gl.UNSIGNED_BYTE, blocks);
    this.#loaded = { table, texture, kind: preset.kind };
  }
}
