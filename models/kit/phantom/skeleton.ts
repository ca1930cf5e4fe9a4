import type { Vec3 } from '../geometry.ts';
import type { Body } from './body.ts';
import { ID } from './labels.ts';
import { type Distance, ellipsoid, type Part, smoothPath, solid, tubes } from './shapes.ts';

/** A bone as a bent tube: [x, y, z, outer radius] along it, cortex thickness in mm. */
export interface Bone {
  readonly name: string;
  readonly path: readonly [number, number, number, number][];
  readonly cortexMm: number;
  readonly label: number;
  readonly cortexHu: number;
  readonly marrowHu: number;
}

/** Height of the vertebral centres, T1 to L4, reference mm, from the carina at the level of T5. */
const vertebrae = (body: Body): { z: number; height: number }[] => {
  const sz = body.parameters.scale[2];
  const out: { z: number; height: number }[] = [];
  let z = 128;
  for (let n = 0; n < 20; n++) {
    const height = 17 + Math.min(14, n * 0.85);
    z -= height / 2 + 2;
    out.push({ z: z * sz, height: height * sz });
    z -= height / 2 + 2 + Math.max(0, n - 8) * 0.25;
  }
  return out;
};

/** A y moved towards the middle until the point lies `depthMm` under the skin, where it is under the shoulder's skin at all. */
const under = (body: Body, x: number, y: number, z: number, depthMm: number): number => {
  let at = y;
  for (let n = 0; n < 30 && Math.abs(at) > 20 && body.skin(x, at, z) > -depthMm; n++) at *= 0.95;
  return Math.abs(at) > 20 ? at : y;
};

/** Ribs, sternum, clavicles and costal cartilage as bent tubes. */
export const bones = (body: Body): Bone[] => {
  const [sx, sy, sz] = body.parameters.scale;
  const out: Bone[] = [];
  const spine = vertebrae(body);
  const marrowHu = body.parameters.trabecularHu;
  const jitter = body.random.fork('ribs');
  for (let rib = 0; rib < 12; rib++) {
    // the first rib hangs on the second vertebra of the list (T1)
    const origin = spine[rib + 1];
    if (!origin) continue;
    const drop = [30, 46, 58, 68, 76, 82, 86, 88, 88, 84, 62, 40][rib] ?? 60;
    const reach = [0.86, 0.88, 0.86, 0.84, 0.82, 0.8, 0.77, 0.73, 0.69, 0.64, 0.45, 0.32][rib] ?? 0.7;
    const tilt = jitter.normal(0, 2);
    for (const side of [1, -1]) {
      const points: [number, number, number, number][] = [];
      const steps = 12;
      const lift = jitter.normal(0, 1);
      const radius = (rib === 0 ? 5 : 5.6 - Math.max(0, rib - 8) * 0.35) * body.size;
      points.push([side * 20 * sx, body.spineY(origin.z) + 14 * sy, origin.z + 4 * sz, radius * 0.8]);
      for (let n = 0; n <= steps; n++) {
        const t = n / steps;
        // azimuth from the back (0) round the side (pi/2) to the front (pi)
        const phi = (0.17 + (reach - 0.17) * t) * Math.PI;
        const fall = drop * t ** 1.15 * (rib < 10 ? 1 : 0.8);
        const z = origin.z + (4 - fall + lift + tilt * t) * sz;
        const a = Math.max(body.cavityHalfWidth(z), 40 * sx),
          b = body.cavityHalfDepth(z),
          c = body.cavityCentreY(z);
        const s = Math.sin(phi),
          k = Math.cos(phi);
        // radius of the cavity's section in that direction, by bisection along the ray
        let near = 0,
          far = a * 1.6;
        for (let m = 0; m < 16; m++) {
          const mid = (near + far) / 2;
          if (body.cavity(side * s * mid, c + k * mid * (b / a) * 1.15, z) < 3) near = mid;
          else far = mid;
        }
        points.push([
          side * s * near,
          c + k * near * (b / a) * 1.15,
          z,
          radius * (0.92 + 0.16 * Math.sin(Math.PI * t)),
        ]);
      }
      out.push({
        name: `rib ${rib + 1}`,
        path: smoothPath(points, 3),
        cortexMm: 1.3,
        label: ID.ribs,
        cortexHu: 780,
        marrowHu: marrowHu + 60,
      });
      if (rib < 10) {
        const end = points.at(-1);
        if (end) {
          const zs = (40 - Math.min(rib, 6) * 20) * sz;
          const front = body.cavityCentreY(zs) - body.cavityHalfDepth(zs) - 6;
          const cartilage: [number, number, number, number][] = [
            end,
            [
              end[0] * 0.72,
              Math.min(end[1], front + 14 + (rib > 6 ? 6 : 0)),
              end[2] + (zs - end[2]) * (rib > 5 ? 0.3 : 0.3) - 5,
              radius * 0.9,
            ],
            [side * (rib > 6 ? 24 + (rib - 6) * 8 : 15) * sx, front, rib > 6 ? zs - (rib - 6) * 10 : zs, radius * 0.8],
          ];
          out.push({
            name: `cartilage ${rib + 1}`,
            path: smoothPath(cartilage, 4),
            cortexMm: 0,
            label: -1,
            cortexHu: 110,
            marrowHu: 110,
          });
        }
      }
    }
  }
  for (const side of [1, -1]) {
    // pushed under the skin of a slight body, front or back
    const p = (x: number, y: number, z: number, r: number): [number, number, number, number] => [
      side * x * sx,
      under(body, side * x * sx, y * sy, z * sz, r + 4),
      z * sz,
      r * body.size,
    ];
    out.push({
      name: 'clavicle',
      path: smoothPath(
        [p(16, -52, 62, 9), p(45, -58, 68, 6.5), p(85, -44, 78, 6), p(120, -22, 86, 6), p(148, -8, 88, 7.5)],
        5,
      ),
      cortexMm: 1.7,
      label: -1,
      cortexHu: 950,
      marrowHu: marrowHu + 40,
    });
    out.push({
      name: 'scapula, lateral border',
      path: smoothPath([p(140, 30, 70, 8), p(138, 60, 30, 5), p(128, 78, -10, 4.5), p(116, 88, -48, 5)], 5),
      cortexMm: 1.6,
      label: -1,
      cortexHu: 850,
      marrowHu,
    });
    out.push({
      name: 'scapula, spine',
      path: smoothPath([p(92, 92, 52, 3.5), p(118, 88, 66, 5), p(148, 58, 84, 7), p(164, 22, 94, 7)], 5),
      cortexMm: 1.6,
      label: -1,
      cortexHu: 800,
      marrowHu,
    });
    out.push({
      name: 'humerus',
      path: smoothPath(
        [p(168, 18, 66, 23), p(176, 17, 56, 21), p(190, 12, 20, 12.5), p(206, 8, -50, 11), p(222, 4, -130, 11)],
        4,
      ),
      cortexMm: 2.6,
      label: -1,
      cortexHu: 950,
      marrowHu,
    });
  }
  return out;
};

/** Ribs and other tubular bones as parts for the painter: all cortex first, then all marrow. */
export const boneParts = (list: readonly Bone[]): Part[] => {
  const out: Part[] = [];
  for (const layer of ['cortex', 'marrow'] as const) {
    for (const bone of list) {
      const segments: number[] = [];
      const inset = layer === 'marrow' ? bone.cortexMm : 0;
      if (layer === 'marrow' && inset === 0) continue;
      for (let n = 1; n < bone.path.length; n++) {
        const a = bone.path[n - 1],
          b = bone.path[n];
        if (a && b)
          segments.push(a[0], a[1], a[2], Math.max(0.6, a[3] - inset), b[0], b[1], b[2], Math.max(0.6, b[3] - inset));
      }
      // no bone outside the skin
      out.push(tubes(segments, layer === 'cortex' ? bone.cortexHu : bone.marrowHu, bone.label, ~1));
    }
  }
  return out;
};

/** Vertebral bodies with discs, canal, arches and processes; sternum; scapular blades. */
export const skeletonSolids = (body: Body): Part[] => {
  const [sx, sy, sz] = body.parameters.scale;
  const { trabecularHu, muscleHu } = body.parameters;
  const out: Part[] = [];
  const list = vertebrae(body);
  const top = (list[0]?.z ?? 0) + 12,
    bottom = (list.at(-1)?.z ?? 0) - 16;
  const width = (z: number): number => (15 + Math.max(0, -z / sz) * 0.03 + 2) * sx;
  const depth = (z: number): number => (11.5 + Math.max(0, -z / sz) * 0.018 + 2) * sy;
  const column =
    (grow: number): Distance =>
    (x, y, z) => {
      const c = body.spineY(z);
      const dx = x / (width(z) + grow),
        dy = (y - c) / (depth(z) + grow);
      const rho = Math.sqrt(dx * dx + dy * dy);
      return rho < 0.05 ? -depth(z) : Math.sqrt(x * x + (y - c) * (y - c)) * (1 - 1 / rho);
    };
  const box = (half: number, front: number, back: number): [number, number, number, number, number, number] => [
    -half * sx,
    half * sx,
    front * sy,
    back * sy,
    bottom,
    top,
  ];
  // the soft column beside and behind the spine, then the whole column as disc, then the bodies into it
  // tissue that holds the spine to the wall, then the long muscles on both sides of the processes
  out.push(
    solid(box(40, 40, 120), muscleHu - 6, ID.body, (x, y, z) => {
      const c = body.spineY(z) + 28 * sy;
      const dx = x / (25 * sx),
        dy = (y - c) / (20 * sy);
      const rho = Math.sqrt(dx * dx + dy * dy);
      return rho < 0.05 ? -20 : Math.sqrt(x * x + (y - c) * (y - c)) * (1 - 1 / rho);
    }),
  );
  out.push(
    solid(box(56, 30, 140), muscleHu, ID.body, (x, y, z) => {
      const c = body.spineY(z) + 40 * sy;
      const ux = Math.abs(x) - 21 * sx,
        uy = y - c - 0.12 * Math.abs(x);
      const dx = ux / (21 * sx),
        dy = uy / (17.5 * sy);
      const rho = Math.sqrt(dx * dx + dy * dy);
      if (rho < 0.05) return -15;
      return Math.max(Math.sqrt(ux * ux + uy * uy) * (1 - 1 / rho), body.skin(x, y, z) + 6);
    }),
  );
  out.push(solid(box(40, 4, 84), 85, ID.spine, column(0)));
  const bodies = column(0),
    marrow = column(-1.3);
  const nearest = (z: number): { z: number; height: number } => {
    let best = list[0] ?? { z: 0, height: 20 };
    for (const v of list) if (Math.abs(v.z - z) < Math.abs(best.z - z)) best = v;
    return best;
  };
  // table by mm: which vertebra, so that no search runs in each voxel
  const low = Math.floor(bottom) - 2;
  const centre = new Float32Array(Math.ceil(top) - low + 3),
    half = new Float32Array(centre.length);
  for (let n = 0; n < centre.length; n++) {
    const v = nearest(low + n);
    centre[n] = v.z;
    half[n] = v.height / 2;
  }
  const plate = (z: number): number => {
    const n = Math.min(centre.length - 1, Math.max(0, Math.round(z) - low));
    return Math.abs(z - (centre[n] as number)) - (half[n] as number);
  };
  const waist = (z: number): number => {
    const n = Math.min(centre.length - 1, Math.max(0, Math.round(z) - low));
    const t = (z - (centre[n] as number)) / (half[n] as number);
    return 2.2 * Math.max(0, 1 - t * t);
  };
  out.push(solid(box(40, 4, 84), 620, ID.spine, (x, y, z) => Math.max(bodies(x, y, z) + waist(z), plate(z))));
  out.push(
    solid(box(40, 4, 84), trabecularHu, ID.spine, (x, y, z) => Math.max(marrow(x, y, z) + waist(z), plate(z) + 1.3)),
  );
  const cortex: number[] = [],
    spongy: number[] = [],
    canal: number[] = [],
    cord: number[] = [];
  const tube = (into: number[], a: readonly number[], b: readonly number[], r: number, q = r): void => {
    into.push(a[0] ?? 0, a[1] ?? 0, a[2] ?? 0, r * body.size, b[0] ?? 0, b[1] ?? 0, b[2] ?? 0, q * body.size);
  };
  for (const v of list) {
    const c = body.spineY(v.z),
      back = c + depth(v.z);
    for (const side of [1, -1]) {
      const pedicle = [side * 11.5 * sx, back - 3 * sy, v.z + 3],
        lamina = [side * 11.5 * sx, back + 14 * sy, v.z];
      const spinous = [0, back + 21 * sy, v.z - 4],
        tip = [side * 31 * sx, back + 20 * sy, v.z + 2];
      tube(cortex, pedicle, lamina, 4.4);
      tube(cortex, lamina, spinous, 4);
      tube(cortex, lamina, tip, 5, 4);
      tube(spongy, lamina, tip, 3.4, 2.4);
      tube(spongy, pedicle, lamina, 2.8);
    }
    tube(cortex, [0, back + 21 * sy, v.z - 4], [0, back + 42 * sy, v.z - 20 * sz], 4, 3);
    tube(spongy, [0, back + 21 * sy, v.z - 4], [0, back + 40 * sy, v.z - 18 * sz], 2.4, 1.6);
    tube(canal, [0, back + 8.5 * sy, v.z + 14 * sz], [0, back + 8.5 * sy, v.z - 14 * sz], 8.2);
    tube(cord, [0, back + 8.5 * sy, v.z + 14 * sz], [0, back + 8.5 * sy, v.z - 14 * sz], 4.6);
  }
  out.push(
    tubes(cortex, 640, ID.spine),
    tubes(spongy, trabecularHu, ID.spine),
    tubes(canal, 12, ID.spine),
    tubes(cord, 36, ID.spine),
  );
  // sternum: a flat plate before the heart
  const sternum =
    (grow: number): Distance =>
    (x, y, z) => {
      const c = body.cavityCentreY(z) - body.cavityHalfDepth(z) - 7 * sy;
      const halfWidth =
        (z > 32 * sz ? 24 + (z / sz - 50) * 0.25 : z > -80 * sz ? 15 + Math.max(0, -z / sz) * 0.05 : 9) * sx;
      const u = Math.abs(x) - halfWidth,
        w = Math.abs(y - c) - 5.5 * sy;
      return Math.max(smoothMaxPlain(u, w), z - 56 * sz, -105 * sz - z, Math.abs(z - 30 * sz) < 1.5 ? 1 : -9) + grow;
    };
  const sternumBox: [number, number, number, number, number, number] = [
    -36 * sx,
    36 * sx,
    -125 * sy,
    -40 * sy,
    -110 * sz,
    60 * sz,
  ];
  out.push(solid(sternumBox, 430, ID.body, sternum(0)), solid(sternumBox, trabecularHu * 0.8, ID.body, sternum(1.4)));
  for (const side of [1, -1]) {
    const flat: Vec3 = [side * 0.653, 0.757, 0];
    const blade = ellipsoid(
      [side * 110 * sx, under(body, side * 128 * sx, 80 * sy, 14 * sz, 12), 14 * sz],
      [36 * sx, 4.2, 66 * sz],
      [[side * 0.757, -0.653, 0], flat, [0, 0, 1]],
    );
    out.push(solid(blade.box, 420, -1, (x, y, z) => Math.max(blade.distance(x, y, z), body.skin(x, y, z) + 5)));
  }
  return out;
};

const smoothMaxPlain = (a: number, b: number): number => (a > 0 && b > 0 ? Math.hypot(a, b) : Math.max(a, b));
