import type { Body } from './body.ts';
import { axesAlong, type Distance, ellipsoid, smoothPath } from './shapes.ts';

/** Points of a curve with a radius each: [x, y, z, radius]. */
export type Path = (readonly [number, number, number, number])[];

/** Shapes given in the reference body's mm, scaled to this one. */
export const drawing = (body: Body) => {
  const { parameters, noise, point, size } = body;
  const [sx, sy, sz] = parameters.scale;
  const path = (points: Path, steps = 6): [number, number, number, number][] =>
    smoothPath(
      points.map(([x, y, z, r]) => [x * sx, y * sy, z * sz, r * size] as const),
      steps,
    );
  // surfaces that are not quite ideal: bumps of `amplitude` mm about `lengthMm` apart
  const bumpy = (d: Distance, amplitude: number, lengthMm: number): Distance => {
    const f = 1 / lengthMm;
    return (x, y, z) => {
      const v = d(x, y, z);
      return v > 25 || v < -25 ? v : v + amplitude * noise(x * f + 7, y * f + 3, z * f + 11);
    };
  };
  const ball = (
    x: number,
    y: number,
    z: number,
    rx: number,
    ry: number,
    rz: number,
    along?: [number, number, number],
  ) => ellipsoid(point(x, y, z), [rx * sx, ry * sy, rz * sz], along ? axesAlong(along) : undefined);
  return { path, bumpy, ball };
};
