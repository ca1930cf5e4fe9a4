import type { Random } from '../random.ts';
import { latticeNoise } from './noise.ts';
import { type Distance, profile, smoothMax } from './shapes.ts';
import type { ParameterRange, Patient, Side } from './types.ts';

/** What makes one body differ from another. Lengths in mm, factors without unit. */
export interface BodyParameters {
  readonly patient: Patient;
  /** Width, depth and height against the reference body. */
  readonly scale: readonly [number, number, number];
  readonly fatMm: number;
  /** Heart width against the reference heart. */
  readonly heart: number;
  /** Domes of the diaphragm, mm above the reference. */
  readonly domeMm: number;
  readonly lungHu: number;
  readonly liverHu: number;
  readonly spleenHu: number;
  readonly kidneyHu: number;
  readonly muscleHu: number;
  readonly bloodHu: number;
  readonly aortaHu: number;
  readonly trabecularHu: number;
  readonly contrastAgent: boolean;
  readonly posture: 'supine' | 'prone' | 'upright';
  /** Strength of the lung's vessels against the reference. */
  readonly vessels: number;
  readonly noiseHu: number;
}

/** A body: its parameters and the surfaces that its organs share. Patient mm, LPS; origin in the midline at the carina. */
export interface Body {
  readonly parameters: BodyParameters;
  readonly random: Random;
  readonly noise: (x: number, y: number, z: number) => number;
  /** Reference coordinates to this body's. */
  readonly point: (x: number, y: number, z: number) => [number, number, number];
  readonly size: number;
  readonly skin: Distance;
  /** Of the trunk's outer section at z: half-width, half-depth, y of its centre. */
  readonly trunk: readonly [(z: number) => number, (z: number) => number, (z: number) => number];
  readonly cavity: Distance;
  readonly lung: Readonly<Record<Side, Distance>>;
  /** Height of the diaphragm at (x, y). */
  readonly diaphragm: (x: number, y: number) => number;
  /** y of the vertebral bodies' centres at z. */
  readonly spineY: (z: number) => number;
  /** Inner half-width of the chest at z. */
  readonly cavityHalfWidth: (z: number) => number;
  readonly cavityHalfDepth: (z: number) => number;
  readonly cavityCentreY: (z: number) => number;
}

export const drawParameters = (
  random: Random,
  wanted: {
    readonly sex?: 'F' | 'M' | undefined;
    readonly ageYears?: number | undefined;
    readonly range: ParameterRange;
    readonly posture: BodyParameters['posture'];
    readonly contrastAgent?: boolean | undefined;
    readonly heart?: number | undefined;
    readonly noiseHu?: number | undefined;
  },
): BodyParameters => {
  const r = random.fork('parameters');
  const out = wanted.range === 'out';
  // 'out' draws from the two ends that 'in' leaves free
  const spread = (low: number, high: number, far: number): number => {
    const t = r.next();
    if (!out) return low + (high - low) * t;
    return t < 0.5 ? low - far * (0.3 + 1.4 * t) : high + far * (0.3 + 1.4 * (t - 0.5));
  };
  // everything is drawn whether it is wanted otherwise or not: the rest of the body must not depend on it
  const drawn = {
    sex: r.next() < 0.5 ? 'F' : 'M',
    ageYears: r.integer(24, 88),
    contrastAgent: r.next() < 0.5,
    heart: r.between(0.86, 1),
    noiseHu: spread(8, 20, 8),
  } as const;
  const sex = wanted.sex ?? drawn.sex;
  const ageYears = wanted.ageYears ?? drawn.ageYears;
  const frame = spread(0.92, 1.08, 0.07) * (sex === 'F' ? 0.93 : 1);
  const contrastAgent = wanted.contrastAgent ?? drawn.contrastAgent;
  const blood = r.next();
  const bloodHu = contrastAgent ? 140 + 40 * blood : 36 + 10 * blood;
  return {
    patient: { sex, ageYears },
    scale: [frame * r.between(0.97, 1.03), frame * spread(0.93, 1.07, 0.06), frame * r.between(0.96, 1.04)],
    fatMm: Math.max(3, spread(6, 22, 7)),
    heart: wanted.heart ?? drawn.heart,
    domeMm: spread(-10, 12, 8),
    lungHu: spread(-880, -820, 25),
    liverHu: contrastAgent ? spread(98, 118, 10) : spread(50, 64, 10),
    spleenHu: contrastAgent ? spread(108, 128, 8) : spread(44, 52, 5),
    kidneyHu: contrastAgent ? spread(150, 185, 15) : spread(28, 36, 4),
    muscleHu: spread(44, 58, 6),
    bloodHu,
    aortaHu: contrastAgent ? bloodHu + 15 : bloodHu,
    trabecularHu: Math.max(70, 290 - ageYears * 2 + r.normal(0, 18)),
    contrastAgent,
    posture: wanted.posture,
    vessels: spread(0.9, 1.15, 0.15),
    noiseHu: wanted.noiseHu ?? drawn.noiseHu,
  };
};

const table = (z: readonly number[], v: readonly number[], zs: number, vs: number): ((z: number) => number) =>
  profile(z.map((height, n) => [height * zs, (v[n] ?? 0) * vs] as const));

export const makeBody = (parameters: BodyParameters, random: Random): Body => {
  const [sx, sy, sz] = parameters.scale;
  const noise = latticeNoise(random.fork('noise'));
  const heights = [150, 128, 112, 98, 84, 40, 0, -40, -80, -120, -160, -200, -250, -320];
  const of = (values: readonly number[], scale: number) => table(heights, values, sz, scale);
  const extra = parameters.fatMm - 12;
  const bodyA = table(
    heights,
    [58, 64, 92, 136, 170, 184, 178, 172, 170, 168, 163, 160, 163, 170].map((v) => v * sx + extra),
    sz,
    1,
  );
  const bodyB = table(
    heights,
    [62, 66, 76, 86, 95, 109, 115, 117, 118, 116, 112, 110, 110, 110].map((v) => v * sy + extra),
    sz,
    1,
  );
  const bodyY = of([22, 20, 17, 14, 11, 6, 2, 0, 0, 0, 0, 2, 4, 5], sy);
  const cavityA = of([28, 36, 52, 68, 84, 114, 129, 136, 140, 141, 138, 134, 132, 132], sx);
  const cavityB = of([30, 35, 42, 48, 55, 72, 84, 91, 95, 96, 95, 93, 92, 92], sy);
  const cavityY = of([26, 25, 24, 23, 21, 13, 6, 2, 0, 0, 0, 0, 0, 0], sy);
  const spineTable = of([24, 30, 36, 41, 45, 52, 56, 57, 56, 53, 48, 42, 36, 33], sy);

  // between an ellipse (weight 1 - q) and a squarer section of the fourth degree (weight q)
  const section = (
    a: (z: number) => number,
    b: (z: number) => number,
    c: (z: number) => number,
    q: number,
  ): Distance => {
    // rows of a grid mostly share their z: its section is kept
    let last = Number.NaN,
      ia = 0,
      ib = 0,
      cz = 0;
    return (x, y, z) => {
      if (z !== last) {
        last = z;
        ia = 1 / a(z);
        ib = 1 / b(z);
        cz = c(z);
      }
      const u = x * ia,
        dy = y - cz,
        v = dy * ib;
      const u2 = u * u,
        v2 = v * v;
      const rho = (1 - q) * Math.sqrt(u2 + v2) + q * Math.sqrt(Math.sqrt(u2 * u2 + v2 * v2));
      if (rho < 0.05) return -1 / ib;
      return Math.sqrt(x * x + dy * dy) * (1 - 1 / rho);
    };
  };
  const skin = section(bodyA, bodyB, bodyY, 0.42);
  const cavity = section(cavityA, cavityB, cavityY, 0.38);

  const d = random.fork('diaphragm');
  const right = (-93 + parameters.domeMm + d.normal(0, 3)) * sz;
  const left = right - (10 + d.between(-5, 7)) * sz;
  const dome =
    (side: number, top: number) =>
    (x: number, y: number): number => {
      const dx = ((x * side) / sx - 66) / 70,
        dy = (y / sy + 12) / 85;
      return top - sz * ((dx > 0 ? 48 : 16) * dx * dx + (dy > 0 ? 66 : 30) * dy * dy);
    };
  const rightDome = dome(-1, right),
    leftDome = dome(1, left);
  const diaphragm = (x: number, y: number): number => {
    if (x < -24) return rightDome(x, y);
    if (x > 24) return leftDome(x, y);
    const t = (x + 24) / 48,
      w = t * t * (3 - 2 * t);
    return rightDome(x, y) * (1 - w) + leftDome(x, y) * w;
  };

  const lungOf = (side: number, domeOf: (x: number, y: number) => number): Distance => {
    let last = Number.NaN,
      bulge = 0;
    const kx = side / sx;
    return (x, y, z) => {
      const xs = x * kx,
        zr = z / sz;
      const floor = domeOf(x, y) - z;
      if (floor > 12) return floor;
      // width of the mediastinum to this side: narrow behind the sternum, wide at the great vessels
      if (y !== last) {
        last = y;
        const w = (y / sy - 4) / 36;
        bulge = 5 + 19 * Math.exp(-w * w);
      }
      const medial = (bulge + (zr > 30 ? Math.min(8, (zr - 30) * 0.2) : 0) - xs) * sx;
      if (medial > 12) return medial;
      const wall = cavity(x, y, z) + 3.5;
      if (wall > 12) return wall;
      let out = smoothMax(smoothMax(wall, medial, 6), floor, 5);
      if (zr > -40) {
        const grow = 1 / (1 + Math.max(0, -zr - 5) / 90);
        const u = ((xs - 56) / 67) * grow,
          v = ((y / sy - 14) / 80) * grow,
          t = Math.max(0, zr + 10) / 106;
        const apex = (Math.sqrt(u * u + v * v + t * t) - 1) * 62;
        out = smoothMax(out, apex, 5);
      }
      return out;
    };
  };
  return {
    parameters,
    random,
    noise,
    point: (x, y, z) => [x * sx, y * sy, z * sz],
    size: (sx + sy + sz) / 3,
    skin,
    trunk: [bodyA, bodyB, bodyY],
    cavity,
    lung: { left: lungOf(1, leftDome), right: lungOf(-1, rightDome) },
    diaphragm,
    spineY: spineTable,
    cavityHalfWidth: cavityA,
    cavityHalfDepth: cavityB,
    cavityCentreY: cavityY,
  };
};
