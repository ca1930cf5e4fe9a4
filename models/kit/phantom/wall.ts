import type { Body } from './body.ts';
import { ID } from './labels.ts';
import { type Box, ellipsoid, type Part, smoothUnion, solid } from './shapes.ts';

const part = (t: number): number => (t <= 0 ? 0 : Math.min(t, 1));

/** Skin, fat and muscle around chest and belly, and the fat that fills both before the organs are painted. */
export const wallParts = (body: Body, detail: 'whole' | 'projection'): Part[] => {
  const fine = detail === 'whole';
  const { parameters: p, noise, point, skin, cavity } = body;
  const [sx, sy, sz] = p.scale;
  const whole: Box = [-270, 270, -190, 180, -420, 320];
  const ball = (x: number, y: number, z: number, rx: number, ry: number, rz: number) =>
    ellipsoid(point(x, y, z), [rx * sx, ry * sy, rz * sz]);
  const shoulders = [ball(150, 14, 62, 62, 50, 42), ball(-150, 14, 62, 62, 50, 42)] as const;
  const female = p.patient.sex === 'F';
  const volume = 0.72 + 0.016 * p.fatMm;
  // upright breasts hang; lying down they flatten to the side
  const upright = p.posture === 'upright';
  const breasts = [1, -1].map((s) =>
    ball(
      s * (upright ? 72 : 84),
      upright ? -104 : -98,
      upright ? -78 : -58,
      60 * volume,
      (upright ? 37 : 32) * volume,
      (upright ? 54 : 60) * volume,
    ),
  );
  const glands = [1, -1].map((s) =>
    ball(s * (upright ? 74 : 86), -116, upright ? -84 : -60, 38 * volume, 24 * volume, 34 * volume),
  );
  const front = -60 * sy;
  // where the seam between trunk and shoulder begins
  const shoulderX = 72 * sx;
  // an arm hanging away from the trunk, as for an erect radiograph: a tapering capsule (left one; the right mirrors it)
  const [px, py, pz] = point(176, 12, 48),
    [qx, qy, qz] = point(222, 4, -130);
  const ux = qx - px,
    uy = qy - py,
    uz = qz - pz,
    long = ux * ux + uy * uy + uz * uz;
  const armRadius = (38 + 0.6 * p.fatMm) * body.size;
  const arm = (x: number, y: number, z: number): number => {
    const ex = x - px,
      ey = y - py,
      ez = z - pz;
    const t = part((ex * ux + ey * uy + ez * uz) / long);
    const fx = ex - ux * t,
      fy = ey - uy * t,
      fz = ez - uz * t;
    return Math.sqrt(fx * fx + fy * fy + fz * fz) - armRadius * (1 - 0.22 * t);
  };
  const outline = (x: number, y: number, z: number): number => {
    let d = skin(x, y, z);
    if (d < -40) return d;
    if (upright && (x > 130 || x < -130)) d = smoothUnion(d, arm(x > 0 ? x : -x, y, z), 14);
    if (z > -20 * sz && z < 130 * sz && (x > shoulderX || x < -shoulderX))
      d = smoothUnion(d, (x > 0 ? shoulders[0] : shoulders[1]).distance(x, y, z), 26);
    if (female && y < front && z < 40 * sz) {
      const breast = breasts[x > 0 ? 0 : 1];
      if (breast) d = smoothUnion(d, breast.distance(x, y, z), 22);
    }
    return d;
  };
  const muscle = p.muscleHu;
  const [trunkWidth, trunkDepth, trunkY] = body.trunk;
  let last = Number.NaN,
    halfWidth = 0,
    halfDepth = 0,
    centreY = 0,
    shoulder = false;
  const out: Part[] = [
    {
      kind: 'field',
      box: whole,
      sample: (x, y, z, edge, to) => {
        if (z !== last) {
          last = z;
          halfWidth = trunkWidth(z) + edge;
          halfDepth = trunkDepth(z) + edge;
          centreY = trunkY(z);
          shoulder = z > -20 * sz && z < 130 * sz;
        }
        const ax = x < 0 ? -x : x;
        // beyond the trunk only shoulder, arm or breast can be: most voxels of a grid end here
        if (ax > halfWidth || y - centreY > halfDepth || centreY - y > halfDepth) {
          if (!((ax > shoulderX && (shoulder || upright)) || (female && y < front && z < 40 * sz))) {
            to[1] = -1;
            return;
          }
        }
        const c = cavity(x, y, z);
        if (c < -edge) {
          to[0] = -98;
          to[1] = ID.body;
          return;
        }
        const d = outline(x, y, z);
        if (d >= edge / 2) {
          to[1] = -1;
          return;
        }
        const zr = z / sz,
          yr = y / sy;
        const n = fine ? noise(x / 52, y / 52, z / 70) : 0,
          n2 = fine ? noise(x / 23 + 9, y / 23, z / 46) : 0;
        let hu = -104 + 4 * n2;
        // strands in the fat, then skin
        const skinCover = part(0.5 + (d + 2.2) / edge);
        // muscle: thick at the shoulder girdle and beside the spine, a sheet of a centimetre over the lower ribs and the belly
        const high = part((zr + 70) / 90),
          behind = part((yr - 20) / 60),
          centre = part(1 - Math.abs(x / sx) / 62);
        const sheet =
          13 +
          3 * n +
          26 * high * (0.55 + 0.45 * part((Math.abs(x / sx) - 30) / 60)) +
          26 * behind * centre +
          10 * behind * high;
        const deep = Math.max(d + p.fatMm * (0.72 + 0.22 * n + 0.3 * (1 - high)) + 1.5, c - sheet);
        let m = part(0.5 - deep / edge);
        if (m > 0 && !fine) hu += m * (muscle - 8 - hu);
        else if (m > 0) {
          // planes of fat between the muscles
          if (high > 0.15 && c > 6) {
            const plane1 = Math.abs(c - 13 - 4 * n - 2 * n2) - (0.5 + 1.5 * part(n2 + 0.6));
            const plane2 = Math.abs(c - 25 - 6 * n2 - 3 * n) - (0.2 + 1.4 * part(n + 0.4));
            m *= 1 - 0.85 * high * Math.max(part(0.5 - plane1 / edge), part(0.5 - plane2 / edge));
          } else if (c > 3 && zr < -60) {
            // three thin layers of the belly's wall
            const layer = Math.abs(c - 6.5 - n) - 0.35;
            m *= 1 - 0.5 * part(0.5 - layer / edge);
          }
          if (behind * centre > 0.05) {
            const septum = Math.abs(noise(x / 13, y / 13, z / 60)) - 0.09;
            if (septum < 0.12) m *= 1 - 0.55 * part(1 - septum / 0.12) * behind * centre;
          }
          hu += m * (muscle + 5 * n2 - hu);
        }
        hu += skinCover * (20 - hu);
        const inside = part(0.5 - c / edge);
        hu += inside * (-98 - hu);
        const cover = part(0.5 - d / edge);
        to[0] = -1000 + cover * (hu + 1000);
        to[1] = cover >= 0.5 ? ID.body : -1;
        if (cover < 0.5 && cover > 0) to[1] = 0;
      },
    },
  ];
  if (female)
    glands.forEach((gland, n) => {
      const other = breasts[n];
      if (!other) return;
      out.push(
        solid(
          gland.box,
          5,
          -1,
          (x, y, z) => {
            const d = gland.distance(x, y, z);
            return d > 12
              ? d
              : Math.max(d + 7 * noise(x / 9, y / 9, z / 9), outline(x, y, z) + 6, 26 - cavity(x, y, z));
          },
          { within: 1 << ID.body, softMm: 3, opacity: 0.85 },
        ),
      );
    });
  // neck: muscles and vessels in fat above the lungs
  out.push(
    solid(
      [-80, 80, -80, 95, 72 * sz, 320],
      muscle - 4,
      ID.body,
      (x, y, z) => Math.max(cavity(x, y, z) - 4, 84 * sz - z, 5 - 13 * Math.abs(noise(x / 17, y / 17, z / 60))),
      { opacity: 0.9 },
    ),
  );
  return out;
};
