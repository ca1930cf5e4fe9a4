import type { Body } from './body.ts';
import { ID } from './labels.ts';
import { axesAlong, type Box, chain, type Distance, ellipsoid, padded, type Part, smoothMax, smoothPath, smoothUnion, solid, tubes } from './shapes.ts';
import { grow, scatter } from './tree.ts';
import { wallParts } from './wall.ts';

/** Organs of a body in the order in which they are painted, and the surfaces that lesions must respect. */
export interface Anatomy {
  /** Skin, fat, muscle, what fills the chest; then the lungs. */
  readonly wall: readonly Part[];
  readonly lungs: readonly Part[];
  readonly abdomen: readonly Part[];
  readonly liver: readonly Part[];
  readonly mediastinum: readonly Part[];
  readonly heart: Distance;
  readonly heartCentre: [number, number, number];
  readonly liverDistance: Distance;
  readonly lungBox: Readonly<Record<'left' | 'right', Box>>;
}

export const LUNGS = (1 << ID['lung-left']) | (1 << ID['lung-right']);

/** Label inside the abdomen, used while projecting only. */
export const BELLY = 16;

type Path = (readonly [number, number, number, number])[];

/** 'projection' leaves out what no chest radiograph shows: bowel, vessels of the liver, chambers without contrast. */
export const makeAnatomy = (body: Body, detail: 'whole' | 'projection'): Anatomy => {
  const whole = detail === 'whole';
  const { parameters: p, noise, point } = body;
  const [sx, sy, sz] = p.scale;
  const size = body.size;
  const vary = body.random.fork('organs');
  const path = (points: Path, steps = 6): [number, number, number, number][] =>
    smoothPath(points.map(([x, y, z, r]) => [x * sx, y * sy, z * sz, r * size] as const), steps);
  // surfaces that are not quite ideal: bumps of `amplitude` mm about `lengthMm` apart
  const bumpy = (d: Distance, amplitude: number, lengthMm: number): Distance => {
    const f = 1 / lengthMm;
    return (x, y, z) => {
      const v = d(x, y, z);
      return v > 25 || v < -25 ? v : v + amplitude * noise(x * f + 7, y * f + 3, z * f + 11);
    };
  };
  const ball = (x: number, y: number, z: number, rx: number, ry: number, rz: number, along?: [number, number, number]) =>
    ellipsoid(point(x, y, z), [rx * sx, ry * sy, rz * sz], along ? axesAlong(along) : undefined);

  const { cavity, diaphragm } = body;
  const wall = wallParts(body, detail);

  // --- lungs ----------------------------------------------------------------
  const lungBox = {
    left: [2, 150 * sx, -105 * sy, 105 * sy, -190 * sz, 112 * sz] as Box,
    right: [-150 * sx, -2, -105 * sy, 105 * sy, -190 * sz, 112 * sz] as Box,
  };
  const lungs: Part[] = [
    solid(lungBox.left, p.lungHu, ID['lung-left'], body.lung.left),
    solid(lungBox.right, p.lungHu, ID['lung-right'], body.lung.right),
  ];

  // --- abdomen --------------------------------------------------------------
  const abdomen: Part[] = [];
  // below the diaphragm a projection needs its own label: there the lung is hidden
  const belly = whole ? ID.body : BELLY;
  const below: Box = [-150 * sx, 150 * sx, -110 * sy, 110 * sy, -400, -70 * sz];
  abdomen.push(solid(below, p.muscleHu, belly, (x, y, z) => {
    const d = z - diaphragm(x, y);
    return d > 10 ? d : smoothMax(cavity(x, y, z) + 3, d, 6);
  }));
  const inner: Distance = (x, y, z) => {
    const d = z - diaphragm(x, y) + 3.6;
    return d > 10 ? d : smoothMax(cavity(x, y, z) + 7, d, 8);
  };
  abdomen.push(solid(below, -102, belly, inner));
  const psoas: number[] = [];
  for (const s of [1, -1]) {
    psoas.push(...chain(path([[s * 20, 46, -185, 8], [s * 30, 42, -225, 15], [s * 38, 36, -270, 21], [s * 44, 24, -330, 24]])));
    psoas.push(...chain(path([[s * 10, 34, -150, 5], [s * 12, 26, -190, 6], [s * 9, 24, -225, 5]])));
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
  const loops: number[] = [], lumen: number[] = [], gas: number[] = [];
  for (let n = 0; whole && n < 15; n++) {
    let x = bowel.between(-95, 95), y = bowel.between(-62, 6), z = bowel.between(-320, -215);
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
    if (bowel.next() < 0.4) gas.push(...chain(smooth.slice(4, 14).map(([a, b, c, q]) => [a, b - q * 0.25, c, q * 0.55] as const)));
  }
  const colon = path([[112, -30, -330, 17], [110, -10, -270, 19], [102, -14, -215, 20], [88, -36, -190, 20], [60, -62, -215, 19], [0, -72, -235, 19], [-60, -62, -225, 19], [-100, -30, -245, 20], [-108, -5, -300, 22]]);
  loops.push(...chain(colon));
  lumen.push(...chain(colon.map(([a, b, c, q]) => [a, b, c, q - 2.5] as const)));
  gas.push(...chain(colon.filter((_, n) => noise(n * 0.4, 3, 9) > -0.2).map(([a, b, c, q]) => [a, b - q * 0.2, c, q * 0.62] as const)));
  const fatOnly = 1 << ID.body;
  abdomen.push(tubes(loops, 45, -1, fatOnly), tubes(lumen, 15, -1, fatOnly), tubes(gas, -900, -1, fatOnly));
  // spleen
  const spleenBall = ball(98, 34, -152, 34, 58, 34, [0.3, 0.75, 0.55]);
  const hilum = ball(66, 20, -150, 26, 30, 30);
  const spleenD: Distance = (x, y, z) => Math.max(bumpy(spleenBall.distance, 3, 30)(x, y, z), inner(x, y, z), -hilum.distance(x, y, z));
  abdomen.push(solid(padded(spleenBall.box, 7), p.spleenHu, ID.spleen, spleenD));
  // kidneys: cortex, medulla (darker in the early phase), sinus fat
  for (const s of [1, -1] as const) {
    const label = s > 0 ? ID['kidney-left'] : ID['kidney-right'];
    const dz = (s > 0 ? -208 : -222) + vary.between(-6, 6);
    const dx = s * (57 + vary.between(-3, 3));
    const along: [number, number, number] = [s * 0.22, 0.12, -1];
    const outer = ellipsoid(point(dx, 46, dz), [54 * sz, 27 * size, 24 * size], axesAlong(along));
    const sinus = ellipsoid(point(dx - s * 15, 42, dz), [26 * sz, 12 * size, 13 * size], axesAlong(along));
    const kidney = bumpy(outer.distance, 1.5, 18);
    abdomen.push(solid(padded(outer.box, 4), p.kidneyHu, label, kidney));
    if (!whole) continue;
    if (p.contrastAgent)
      abdomen.push(solid(padded(outer.box, 4), p.kidneyHu - 55, label, (x, y, z) => kidney(x, y, z) + 7 + 3.5 * noise(x / 7, y / 7, z / 7), { opacity: 0.8 }));
    abdomen.push(solid(padded(sinus.box, 7), -85, label, bumpy(sinus.distance, 3, 12)));
    abdomen.push(tubes(chain(path([[dx - s * 14, 40, dz, 6], [dx - s * 34, 34, dz + 4, 4]])), p.bloodHu, -1));
    // adrenal
    abdomen.push(tubes(chain(path([[s * 38, 36, dz + 58, 2.6], [s * 44, 42, dz + 48, 2.8], [s * 40, 52, dz + 42, 2]])), 35, -1, fatOnly));
  }
  if (whole) abdomen.push(tubes(chain(path([[-20, -10, -236, 13], [-2, -12, -222, 11], [26, -2, -208, 11], [60, 18, -190, 10], [78, 28, -178, 8]])), p.contrastAgent ? 95 : 42, -1, fatOnly));

  // --- liver ----------------------------------------------------------------
  const lean = vary.between(-12, 10);
  const liverD: Distance = (x, y, z) => {
    const xr = x / sx, yr = y / sy;
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
    return Math.max(d, fissure * 1.0) + 1.2 * noise(x / 30, y / 30, z / 30);
  };
  const liverBox: Box = [-145 * sx, 110 * sx, -108 * sy, 100 * sy, -270 * sz, -70 * sz];
  const liver: Part[] = [solid(liverBox, p.liverHu, ID.liver, liverD)];
  if (whole) {
  const insideLiver = 1 << ID.liver;
  const veins: number[] = [], portal: number[] = [];
  const tree = body.random.fork('liver vessels');
  const pick = (name: string, count: number) => scatter(tree.fork(name), count, [-140 * sx, 80 * sx, -100 * sy, 95 * sy, -250 * sz, -85 * sz], (x, y, z) => liverD(x, y, z) < -7);
  grow(tree.fork('hepatic'), point(-20, 16, -112), pick('hepatic', 70), 6.5 * size, veins, 0.9);
  grow(tree.fork('portal'), point(-26, 4, -168), pick('portal', 90), 7 * size, portal, 0.9);
  const vesselHu = p.contrastAgent ? p.liverHu + 45 : p.liverHu - 16;
  liver.push(tubes(veins, vesselHu, -1, insideLiver), tubes(portal, vesselHu, -1, insideLiver));
  const gallbladder = ball(-52, -38, -212, 30, 16, 16, [0.2, -0.6, -0.75]);
  liver.push(solid(gallbladder.box, 40, ID.body, gallbladder.distance), solid(gallbladder.box, 8, ID.body, (x, y, z) => gallbladder.distance(x, y, z) + 2));
  }

  // --- heart and great vessels ------------------------------------------------
  const h = p.heart;
  const hc: [number, number, number] = [10, -18, -58];
  const about = (x: number, y: number, z: number): [number, number, number] =>
    point(hc[0] + (x - hc[0]) * h, hc[1] + (y - hc[1]) * (0.5 + 0.5 * h), hc[2] + (z - hc[2]) * (0.6 + 0.4 * h));
  const chamber = (c: [number, number, number], r: [number, number, number], along: [number, number, number]) =>
    ellipsoid(about(...c), [r[0] * h * size, r[1] * (0.4 + 0.6 * h) * size, r[2] * (0.4 + 0.6 * h) * size], axesAlong(along));
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
  const heart: Distance = (x, y, z) => {
    const d = bumpy(heartRaw, 1.2, 26)(x, y, z);
    if (d > 10) return d;
    // it rests on the diaphragm and stays behind the sternum
    return smoothMax(smoothMax(d, diaphragm(x, y) - z + 3, 8), cavity(x, y, z) + 8, 5);
  };
  const reach = 1.5 * h;
  const heartBox: Box = [(10 - 75 * reach) * sx, (10 + 75 * reach) * sx, -95 * sy, 60 * sy, -150 * sz, 15 * sz];
  const mediastinum: Part[] = [];
  mediastinum.push(solid(heartBox, -92, ID.body, (x, y, z) => {
    const d = heart(x, y, z);
    return d > 20 ? d : d - 2.4 - 3 * Math.max(0, noise(x / 24, y / 24, z / 24));
  }));
  mediastinum.push(solid(heartBox, p.contrastAgent ? 105 : 46, ID.heart, heart));
  const cavityOf = (c: typeof left, wallMm: number, hu: number): void => {
    if (!whole) return;
    mediastinum.push(solid(c.box, hu, ID.heart, (x, y, z) => {
      const d = c.distance(x, y, z) + wallMm;
      return d > 5 ? d : Math.max(d + 0.8 * noise(x / 9, y / 9, z / 9), heart(x, y, z) + Math.min(4, wallMm));
    }, { softMm: 1.5 }));
  };
  cavityOf(front, 4, p.bloodHu);
  cavityOf(atriumRight, 3, p.bloodHu);
  cavityOf(atriumLeft, 3, p.bloodHu + (p.contrastAgent ? 8 : 0));
  if (whole) mediastinum.push(solid(left.box, p.contrastAgent ? 108 : 47, ID.heart, (x, y, z) => {
    const d = left.distance(x, y, z) + 0.5;
    return d > 5 ? d : Math.max(d, heart(x, y, z) + 1);
  }));
  cavityOf(left, 11, p.bloodHu + (p.contrastAgent ? 8 : 0));
  mediastinum.push(tubes(chain(path([[-2, -40, -30, 2.6], [-16, -50, -48, 2.2], [-20, -48, -74, 2]])), -60, -1, 1 << ID.heart));

  const blood = p.bloodHu;
  const old = Math.max(0, p.patient.ageYears - 40) / 50;
  const k = 1 + 0.14 * old;
  const aorta: Path = [
    [4, -16, -34, 13 * k], [-6, -26, -16, 15 * k], [-14, -28, 4, 15.5 * k], [-10, -20, 22, 14.5 * k], [4, -4, 32, 13.5 * k],
    [19 + 3 * old, 18, 28, 12.5 * k], [24 + 3 * old, 34, 8, 12 * k], [24 + 3 * old, 38, -30, 11.5 * k], [20, 38, -80, 11 * k],
    [14, 34, -130, 10.5 * k], [6, 24, -180, 10 * k], [4, 16, -230, 9 * k], [4, 10, -300, 8.5 * k], [4, 8, -380, 8 * k],
  ];
  const vesselsBody: number[] = [
    // superior vena cava, inferior vena cava, brachiocephalic veins
    ...chain(path([[-24, -24, 48, 8], [-26, -22, 20, 9.5], [-25, -18, -10, 10], [-24, -14, -36, 11]])),
    ...chain(path([[-24, -2, -92, 12], [-22, 14, -112, 12.5], [-20, 20, -160, 12], [-18, 16, -230, 11], [-16, 12, -380, 11]])),
    ...chain(path([[-24, -24, 48, 8], [-32, -20, 66, 7], [-44, -14, 84, 6]])),
    ...chain(path([[-24, -24, 48, 8], [4, -36, 54, 7], [30, -26, 68, 6.5], [42, -14, 86, 6]])),
    // branches of the arch
    ...chain(path([[-10, -14, 34, 6.5], [-20, -8, 56, 6], [-26, 0, 84, 5], [-26, 4, 130, 4]])),
    ...chain(path([[4, -4, 40, 4.5], [12, 0, 62, 4], [22, 6, 130, 3.8]])),
    ...chain(path([[16, 10, 38, 5], [26, 12, 62, 4.8], [40, 8, 88, 4.5]])),
    // pulmonary trunk, right and left pulmonary artery
    ...chain(path([[14, -40, -36, 13], [18, -34, -16, 14], [20, -18, -2, 13.5], [26, 4, 2, 11.5], [36, 12, 1, 9], [48, 18, -8, 7]])),
    ...chain(path([[20, -18, -2, 13], [2, -8, -8, 12], [-20, -2, -10, 11], [-36, 8, -11, 9], [-48, 14, -20, 7]])),
    // pulmonary veins
    ...chain(path([[8, 18, -38, 9], [-18, 16, -36, 7.5], [-34, 10, -34, 6]])),
    ...chain(path([[8, 18, -38, 9], [26, 18, -36, 7.5], [38, 12, -34, 6]])),
    // azygos
    ...chain(path([[-26, -8, 10, 4], [-20, 14, 12, 4], [-8, 34, 2, 3.6], [-5, 38, -60, 3.2], [-4, 32, -160, 3]])),
    // coeliac trunk and superior mesenteric artery
    ...chain(path([[4, 14, -180, 4], [4, -2, -184, 3.6], [30, 6, -180, 3]])),
    ...chain(path([[4, 12, -196, 4], [2, -4, -206, 3.6], [0, -10, -300, 3.4]])),
    // splenic and portal vein
    ...chain(path([[70, 28, -172, 4.5], [30, 6, -196, 5], [-10, -6, -196, 7], [-26, 2, -172, 7]])),
  ];
  mediastinum.push(tubes(vesselsBody, blood, ID.body, ~(1 << ID.heart) & ~(1 << ID.liver)));
  mediastinum.push(tubes(chain(path(aorta, 8)), p.aortaHu, ID.aorta));
  if (old > 0.35) {
    const plaque = body.random.fork('plaque');
    const specks: number[] = [];
    const points = path(aorta, 8);
    for (let n = 0; n < 26 * old; n++) {
      const q = points[plaque.integer(28, points.length - 1)];
      if (!q) continue;
      const a = plaque.between(0, 6.28);
      const at = [q[0] + q[3] * 0.94 * Math.cos(a), q[1] + q[3] * 0.94 * Math.sin(a), q[2]] as const;
      specks.push(...at, 1.3, at[0] + plaque.normal(0, 2), at[1] + plaque.normal(0, 2), at[2] + plaque.normal(0, 3), 1);
    }
    mediastinum.push(tubes(specks, 620, -1, 1 << ID.aorta));
  }
  // oesophagus, nodes in the mediastinal fat, thymic rest
  const softOnly = 1 << ID.body;
  mediastinum.push(tubes(chain(path([[2, 16, 110, 6], [6, 24, 40, 7], [4, 32, 0, 7.5], [8, 34, -60, 8], [14, 26, -110, 8.5], [26, 8, -130, 9]])), 38, -1, softOnly));
  const nodes = body.random.fork('nodes');
  const lumps: number[] = [];
  for (let n = 0; whole && n < 14; n++) {
    const at = point(nodes.between(-26, 26), nodes.between(-30, 26), nodes.between(-34, 46));
    lumps.push(...at, nodes.between(2, 4), at[0] + nodes.normal(0, 3), at[1] + nodes.normal(0, 3), at[2] + nodes.normal(0, 3), nodes.between(2, 3.5));
  }
  mediastinum.push(tubes(lumps, 40, -1, softOnly));
  // thyroid, trachea, main bronchi
  mediastinum.push(tubes(chain(path([[-16, -8, 112, 8], [-15, -8, 92, 7]])).concat(chain(path([[16, -8, 112, 8], [15, -8, 92, 7]]))), p.contrastAgent ? 150 : 105, -1, softOnly));
  const trachea: Path = [[0, 2, 160, 9], [0, 4, 110, 9], [1, 8, 60, 8.6], [-1, 12, 20, 8.6], [-2, 14, 4, 8.8]];
  const right: Path = [[-2, 14, 4, 7.5], [-16, 16, -10, 7], [-30, 18, -20, 6.4], [-40, 20, -23, 5.6]];
  const bronchusInter: Path = [[-30, 18, -20, 5.4], [-36, 20, -40, 5], [-44, 24, -58, 4.4]];
  const leftMain: Path = [[-2, 14, 4, 7], [12, 16, -12, 6.4], [28, 19, -22, 5.8], [40, 20, -27, 5.4]];
  const leftLower: Path = [[40, 20, -27, 5], [46, 24, -42, 4.6], [50, 28, -60, 4]];
  const ways = [trachea, right, bronchusInter, leftMain, leftLower].map((w) => path(w));
  const grown = (by: number) => ways.flatMap((w) => chain(w.map(([x, y, z, r]) => [x, y, z, r + by] as const)));
  mediastinum.push(tubes(grown(1.7), 30, -1), tubes(grown(0), -1000, ID.trachea));

  return { wall, lungs, abdomen, liver, mediastinum, heart, heartCentre: point(...hc), liverDistance: liverD, lungBox };
};
