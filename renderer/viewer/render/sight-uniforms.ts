import { dot } from '../../../models/kit/geometry.ts';
import type { Sight } from '../view/scene-camera.ts';
import type { HalfSpace } from '../view/scene-cut.ts';
import type { Program } from './gl.ts';

/** Six sides of the box and a plane. */
export const MOST_CUTS = 7;

/**
 * Cuts as the shaders see them. `at` is the place on the screen, -1 to 1, and depth runs in millimetres away from the eye:
 * kept is where cut.x * at.x + cut.y * at.y + cut.z * depth + cut.w >= 0.
 */
export const CUTS = `
uniform vec4 cuts[${MOST_CUTS}];
uniform int cutCount;
/** The stretch of the line of sight that is kept, and the cut that it enters by. */
vec2 keptAlong(vec2 at, vec2 within, out int entered) {
  vec2 kept = within;
  entered = -1;
  for (int n = 0; n < ${MOST_CUTS}; n++) {
    if (n >= cutCount) break;
    vec4 cut = cuts[n];
    float away = cut.x * at.x + cut.y * at.y + cut.w;
    if (abs(cut.z) < 1e-7) { if (away < 0.0) return vec2(1.0, 0.0); }
    else if (cut.z > 0.0) { float t = -away / cut.z; if (t > kept.x) { kept.x = t; entered = n; } }
    else kept.y = min(kept.y, -away / cut.z);
  }
  return kept;
}`;

export const setCuts = (
  gl: WebGL2RenderingContext,
  program: Program,
  cuts: readonly HalfSpace[],
  sight: Sight,
): void => {
  const half = [(sight.width / 2) * sight.mmPerPixel, (sight.height / 2) * sight.mmPerPixel] as const;
  const used = cuts.slice(0, MOST_CUTS);
  const values = new Float32Array(MOST_CUTS * 4);
  for (const [n, { normal, offset }] of used.entries())
    values.set(
      [
        dot(normal, sight.right) * half[0],
        dot(normal, sight.up) * half[1],
        dot(normal, sight.forward),
        dot(normal, sight.middle) - offset,
      ],
      n * 4,
    );
  gl.uniform4fv(program.at('cuts'), values);
  gl.uniform1i(program.at('cutCount'), used.length);
};
