import type { Body } from './body.ts';
import { drawing } from './draw.ts';
import { BELLY, ID } from './labels.ts';
import {
  axesAlong,
  type Box,
  chain,
  type Distance,
  ellipsoid,
  type Part,
  padded,
  smoothMax,
  smoothUnion,
  solid,
  tubes,
} from './shapes.ts';

/** Diaphragm and what lies under it, without the liver. `inner` is the space that the organs share. */
export const abdomenParts = (
  body: Body,
  detail: 'whole' | 'projection',
): { readonly parts: Part[]; readonly inner: Distance; readonly kidneyRight: Distance } => {
  const whole = detail === 'whole';
  const { parameters: p, noise, point, cavity, diaphragm, size } = body;
  const [sx, sy, sz] = p.scale;
  const vary = body.random.fork('abdomen');
  const { path, bumpy, ball } = drawing(body);
  const abdomen: Part[] = [];
  // below the diaphragm a projection needs its own label: there the lung is hidden
  const belly = whole ? ID.body : BELLY;
  const below: Box = [-150 * sx, 150 * sx, -110 * sy, 110 * sy, -400, -70 * sz];
  abdomen.push(
    solid(below, p.muscleHu, belly, (x, y, z) => {
      const d = z - diaphragm(x, y);
      return d > 10 ? d : smoothMax(cavity(x, y, z) + 3, d, 6);
    }),
  );
  const inner: Distance = (x, y, z) => {
    const d = z - diaphragm(x, y) + 3.6;
    return d > 10 ? d : smoothMax(cavity(x, y, z) + 7, d, 8);
  };
  abdomen.push(solid(below, -102, belly, inner));
  const psoas: number[] = [];
  for (const s of [1, -1]) {
    psoas.push(
      ...chain(
        path([
          [s * 20, 46, -185, 8],
          [s * 30, 42, -225, 15],
          [s * 38, 36, -270, 21],
          [s * 44, 24, -330, 24],
        ]),
      ),
    );
    psoas.push(
      ...chain(
        path([
          [s * 10, 34, -150, 5],
          [s * 12, 26, -190, 6],
          [s * 9, 24, -225, 5],
        ]),
      ),
    );
  }
  abdomen.push(tubes(psoas, p.muscleHu, -1));
  // stomach: wall, fluid, gas where gravity leaves it
  const fundus = ball(64, 4, -134, 40, 38, 40);
  const antrum = ball(42, -38, -172, 48, 30, 30, [0.75, -0.4, -0.6]);
  const stomach = { box: [2 * sx, 112 * sx, -82 * sy, 50 * sy, -212 * sz, -80 * sz] as Box };
  const stomachBumpy = bumpy((x, y, z) => smoothUnion(fundus.distance(x, y, z), antrum.distance(x, y, z), 24), 3, 24);
  const stomachD: Distance = (x, y, z) => {
    const d = stomachBumpy(x, y, z);
    return d > 6 ? d : Math.max(d, inner(x, y, z) + 2);
  };
  abdomen.push(solid(stomach.box, p.contrastAgent ? 75 : 42, belly, stomachD));
  abdomen.push(solid(stomach.box, 18, belly, (x, y, z) => stomachD(x, y, z) + 4.5));
  const gasLevel = (-132 + vary.between(-16, 8)) * sz + p.domeMm;
  const air: Distance =
    p.posture === 'upright'
      ? (_x, _y, z) => gasLevel - z
      : p.posture === 'prone'
        ? (_x, y) => -12 * sy - y
        : (_x, y) => y + 30 * sy;
  abdomen.push(solid(stomach.box, -980, belly, (x, y, z) => Math.max(stomachD(x, y, z) + 5, air(x, y, z))));
  // bowel: loops with content, some with gas
  const bowel = body.random.fork('bowel');
  const loops: number[] = [],
    lumen: number[] = [],
    gas: number[] = [];
  for (let n = 0; whole && n < 15; n++) {
    let x = bowel.between(-95, 95),
      y = bowel.between(-62, 6),
      z = bowel.between(-320, -215);
    const line: [number, number, number, number][] = [];
    const r = bowel.between(9, 15);
    for (let m = 0; m < 6; m++) {
      line.push([x, y, z, r * bowel.between(0.8, 1.15)]);
      x = Math.min(100, Math.max(-100, x + bowel.normal(0, 24)));
      y = Math.min(12, Math.max(-66, y + bowel.normal(0, 13)));
      z = Math.min(-205, z + bowel.normal(0, 16));
    }
    const smooth = path(line, 4);
    loops.push(...chain(smooth));
    lumen.push(...chain(smooth.map(([a, b, c, q]) => [a, b, c, q - 2.6] as const)));
    if (bowel.next() < 0.4)
      gas.push(...chain(smooth.slice(4, 14).map(([a, b, c, q]) => [a, b - q * 0.25, c, q * 0.55] as const)));
  }
  const colon = path([
    [112, -30, -330, 17],
    [110, -10, -270, 19],
    [102, -14, -215, 20],
    [88, -36, -190, 20],
    [60, -62, -215, 19],
    [0, -72, -235, 19],
    [-60, -62, -225, 19],
    [-100, -30, -245, 20],
    [-108, -5, -300, 22],
  ]);
  loops.push(...chain(colon));
  lumen.push(...chain(colon.map(([a, b, c, q]) => [a, b, c, q - 2.5] as const)));
  gas.push(
    ...chain(
      colon.filter((_, n) => noise(n * 0.4, 3, 9) > -0.2).map(([a, b, c, q]) => [a, b - q * 0.2, c, q * 0.62] as const),
    ),
  );
  const fatOnly = 1 << ID.body;
  abdomen.push(tubes(loops, 45, -1, fatOnly), tubes(lumen, 15, -1, fatOnly), tubes(gas, -900, -1, fatOnly));
  // spleen
  const spleenBall = ball(94, 44, -150, 58, 33, 38, [0.42, -0.68, -0.6]);
  const hilum = ball(64, 12, -150, 26, 34, 40);
  const spleenUneven = bumpy(spleenBall.distance, 3, 30);
  const spleenD: Distance = (x, y, z) => {
    const d = spleenUneven(x, y, z);
    return d > 8 ? d : Math.max(d, inner(x, y, z), -hilum.distance(x, y, z));
  };
  abdomen.push(solid(padded(spleenBall.box, 7), p.spleenHu, ID.spleen, spleenD));
  // kidneys: cortex, medulla (darker in the early phase), sinus fat
  let kidneyRight: Distance = () => 99;
  for (const s of [1, -1] as const) {
    const label = s > 0 ? ID['kidney-left'] : ID['kidney-right'];
    const dz = (s > 0 ? -208 : -222) + vary.between(-6, 6);
    const dx = s * (57 + vary.between(-3, 3));
    const along: [number, number, number] = [s * 0.22, 0.12, -1];
    const outer = ellipsoid(point(dx, 46, dz), [54 * sz, 27 * size, 24 * size], axesAlong(along));
    const sinus = ellipsoid(point(dx - s * 15, 42, dz), [26 * sz, 12 * size, 13 * size], axesAlong(along));
    const kidney = bumpy(outer.distance, 1.5, 18);
    if (s < 0) kidneyRight = outer.distance;
    abdomen.push(solid(padded(outer.box, 4), p.kidneyHu, label, kidney));
    if (!whole) continue;
    if (p.contrastAgent)
      abdomen.push(
        solid(
          padded(outer.box, 4),
          p.kidneyHu - 55,
          label,
          (x, y, z) => kidney(x, y, z) + 7 + 3.5 * noise(x / 7, y / 7, z / 7),
          { opacity: 0.8 },
        ),
      );
    abdomen.push(solid(padded(sinus.box, 7), -85, label, bumpy(sinus.distance, 3, 12)));
    abdomen.push(
      tubes(
        chain(
          path([
            [dx - s * 14, 40, dz, 6],
            [dx - s * 34, 34, dz + 4, 4],
          ]),
        ),
        p.bloodHu,
        -1,
      ),
    );
    // adrenal
    abdomen.push(
      tubes(
        chain(
          path([
            [s * 38, 36, dz + 58, 2.6],
            [s * 44, 42, dz + 48, 2.8],
            [s * 40, 52, dz + 42, 2],
          ]),
        ),
        35,
        -1,
        fatOnly,
      ),
    );
  }
  if (whole)
    abdomen.push(
      tubes(
        chain(
          path([
            [-20, -10, -236, 13],
            [-2, -12, -222, 11],
            [26, -2, -208, 11],
            [60, 18, -190, 10],
            [78, 28, -178, 8],
          ]),
        ),
        p.contrastAgent ? 95 : 42,
        -1,
        fatOnly,
      ),
    );
  return { parts: abdomen, inner, kidneyRight };
};
