import type { Body } from './body.ts';
import { drawing } from './draw.ts';
import { ID } from './labels.ts';
import {
  axesAlong,
  type Box,
  chain,
  type Distance,
  ellipsoid,
  type Part,
  smoothMax,
  smoothUnion,
  solid,
  tubes,
} from './shapes.ts';

export interface Heart {
  readonly parts: Part[];
  readonly distance: Distance;
  readonly centre: [number, number, number];
}

/** The heart with its chambers and the fat about it. */
export const heartParts = (body: Body, detail: 'whole' | 'projection'): Heart => {
  const whole = detail === 'whole';
  const { parameters: p, noise, point, cavity, diaphragm, size } = body;
  const [sx, sy, sz] = p.scale;
  const { path, bumpy } = drawing(body);
  const h = p.heart;
  const hc: [number, number, number] = [10, -18, -58];
  const about = (x: number, y: number, z: number): [number, number, number] =>
    point(hc[0] + (x - hc[0]) * h, hc[1] + (y - hc[1]) * (0.5 + 0.5 * h), hc[2] + (z - hc[2]) * (0.6 + 0.4 * h));
  const chamber = (c: [number, number, number], r: [number, number, number], along: [number, number, number]) =>
    ellipsoid(
      about(...c),
      [r[0] * h * size, r[1] * (0.4 + 0.6 * h) * size, r[2] * (0.4 + 0.6 * h) * size],
      axesAlong(along),
    );
  const axis: [number, number, number] = [0.76, -0.4, -0.5];
  const left = chamber([34, -24, -66], [53, 39, 40], axis);
  const front = chamber([6, -38, -66], [42, 32, 40], [0.8, -0.1, -0.55]);
  const atriumRight = chamber([-25, -14, -54], [36, 24, 29], [0.1, 0.1, -1]);
  const atriumLeft = chamber([4, 16, -38], [36, 24, 23], [1, 0.1, -0.1]);
  const base = chamber([-2, -16, -22], [30, 26, 26], [0.3, 0, 1]);
  const [, , middleZ] = point(...hc);
  const hull = chamber([13, -18, -52], [80, 62, 62], [0.9, -0.2, -0.3]);
  const heartRaw: Distance = (x, y, height) => {
    // drawn out downwards: it rests on the diaphragm, wherever that stands
    const z = height < middleZ ? middleZ + (height - middleZ) * 0.6 : height;
    const far = hull.distance(x, y, z);
    if (far > 14) return far;
    let d = smoothUnion(left.distance(x, y, z), front.distance(x, y, z), 14);
    d = smoothUnion(d, atriumRight.distance(x, y, z), 14);
    d = smoothUnion(d, atriumLeft.distance(x, y, z), 10);
    return smoothUnion(d, base.distance(x, y, z), 12);
  };
  const uneven = bumpy(heartRaw, 1.2, 26);
  const heart: Distance = (x, y, z) => {
    const d = uneven(x, y, z);
    if (d > 10) return d;
    // it rests on the diaphragm and stays behind the sternum
    return smoothMax(smoothMax(d, diaphragm(x, y) - z + 3, 8), cavity(x, y, z) + 8, 5);
  };
  const reach = 1.5 * h;
  const heartBox: Box = [(10 - 75 * reach) * sx, (10 + 75 * reach) * sx, -95 * sy, 60 * sy, -150 * sz, 15 * sz];
  const mediastinum: Part[] = [];
  mediastinum.push(
    solid(heartBox, -92, ID.body, (x, y, z) => {
      const d = heart(x, y, z);
      return d > 20 ? d : d - 2.4 - 3 * Math.max(0, noise(x / 24, y / 24, z / 24));
    }),
  );
  mediastinum.push(solid(heartBox, p.contrastAgent ? 105 : 46, ID.heart, heart));
  const cavityOf = (c: typeof left, wallMm: number, hu: number): void => {
    if (!whole) return;
    mediastinum.push(
      solid(
        c.box,
        hu,
        ID.heart,
        (x, y, z) => {
          const d = c.distance(x, y, z) + wallMm;
          return d > 5 ? d : Math.max(d + 0.8 * noise(x / 9, y / 9, z / 9), heart(x, y, z) + Math.min(4, wallMm));
        },
        { softMm: 1.5 },
      ),
    );
  };
  cavityOf(front, 4, p.bloodHu);
  cavityOf(atriumRight, 3, p.bloodHu);
  cavityOf(atriumLeft, 3, p.bloodHu + (p.contrastAgent ? 8 : 0));
  if (whole)
    mediastinum.push(
      solid(left.box, p.contrastAgent ? 108 : 47, ID.heart, (x, y, z) => {
        const d = left.distance(x, y, z) + 0.5;
        return d > 5 ? d : Math.max(d, heart(x, y, z) + 1);
      }),
    );
  cavityOf(left, 11, p.bloodHu + (p.contrastAgent ? 8 : 0));
  mediastinum.push(
    tubes(
      chain(
        path([
          [-2, -40, -30, 2.6],
          [-16, -50, -48, 2.2],
          [-20, -48, -74, 2],
        ]),
      ),
      -60,
      -1,
      1 << ID.heart,
    ),
  );
  return { parts: mediastinum, distance: heart, centre: point(...hc) };
};
