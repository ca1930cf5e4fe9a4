import type { Body } from './body.ts';
import { drawing } from './draw.ts';
import { ID } from './labels.ts';
import { type Box, type Distance, type Part, smoothMax, solid, tubes } from './shapes.ts';
import { grow, scatter } from './tree.ts';

/** The liver with its vessels and the gallbladder. `inner` is the space under the diaphragm. */
export const liverParts = (
  body: Body,
  inner: Distance,
  kidneyRight: Distance,
  detail: 'whole' | 'projection',
): { readonly parts: Part[]; readonly distance: Distance } => {
  const whole = detail === 'whole';
  const { parameters: p, noise, point, size } = body;
  const [sx, sy, sz] = p.scale;
  const vary = body.random.fork('liver');
  const { ball } = drawing(body);
  const lean = vary.between(-12, 10);
  const liverD: Distance = (x, y, z) => {
    const zr = z / sz;
    const xr = x / sx,
      yr = y / sy;
    const beside = 0.72 * (xr + 35) + yr - 62;
    if (beside > 12 && xr > -30) return beside;
    const top = inner(x, y, z) + 1;
    if (top > 8) return top;
    const low = (-226 + lean + 0.36 * Math.max(0, xr + 95) + 0.0016 * Math.max(0, xr + 95) ** 2 - 0.1 * yr) * sz - z;
    const back = yr - (xr < -35 ? 200 : 62 - 0.72 * (xr + 35));
    const spine = 40 - Math.sqrt(xr * xr * 0.81 + (yr - 50) * (yr - 50));
    const deep = Math.max(0, yr + 52);
    const fissure = 5 - Math.sqrt((xr - 8) * (xr - 8) * 2 + deep * deep);
    const d = smoothMax(smoothMax(smoothMax(top, low, 26), back * sy, 18), spine, 10);
    // the right kidney lies in a hollow of it, in a little fat
    const kidney = d > 8 || zr > -150 ? -9 : 3 - kidneyRight(x, y, z);
    return smoothMax(Math.max(d, fissure), kidney, 6) + 1.2 * noise(x / 30, y / 30, z / 30);
  };
  const liverBox: Box = [-145 * sx, 110 * sx, -108 * sy, 100 * sy, -270 * sz, -70 * sz];
  const liver: Part[] = [solid(liverBox, p.liverHu, ID.liver, liverD)];
  if (whole) {
    const insideLiver = 1 << ID.liver;
    const veins: number[] = [],
      portal: number[] = [];
    const tree = body.random.fork('liver vessels');
    const pick = (name: string, count: number) =>
      scatter(
        tree.fork(name),
        count,
        [-140 * sx, 80 * sx, -100 * sy, 95 * sy, -250 * sz, -85 * sz],
        (x, y, z) => liverD(x, y, z) < -7,
      );
    grow(tree.fork('hepatic'), point(-20, 16, -112), pick('hepatic', 70), 6.5 * size, veins, 0.9);
    grow(tree.fork('portal'), point(-26, 4, -168), pick('portal', 90), 7 * size, portal, 0.9);
    const vesselHu = p.contrastAgent ? p.liverHu + 45 : p.liverHu - 16;
    liver.push(tubes(veins, vesselHu, -1, insideLiver), tubes(portal, vesselHu, -1, insideLiver));
    const gallbladder = ball(-52, -38, -212, 30, 16, 16, [0.2, -0.6, -0.75]);
    liver.push(
      solid(gallbladder.box, 40, ID.body, gallbladder.distance),
      solid(gallbladder.box, 8, ID.body, (x, y, z) => gallbladder.distance(x, y, z) + 2),
    );
  }
  return { parts: liver, distance: liverD };
};
