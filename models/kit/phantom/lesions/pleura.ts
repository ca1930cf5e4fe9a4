import { LUNGS } from '../anatomy.ts';
import { ID } from '../labels.ts';
import { type Distance, type Part, solid } from '../shapes.ts';
import { ease, type PlannedLesion, type Planning, plain } from './planned.ts';

/** Fluid follows gravity: a meniscus at the base of an erect patient, a crescent behind the lung of a supine one. */
export const planEffusion = (p: Planning): PlannedLesion => {
  const { body, random: r, side, sign: s, severity } = p;
  const { noise } = body;
  const [sx, sy, sz] = body.parameters.scale;
  const lung = body.lung[side];
  // fluid reaches half a voxel beyond the lung: else a seam of half-covered lung voxels stays at the wall
  const seam = p.edgeMm * 0.6;
  const withSeam = LUNGS | (1 << ID.body);
  const box = p.anatomy.lungBox[side];
  const wall = (x: number, y: number, z: number): number => body.cavity(x, y, z) + 3.5;
  const upright = body.parameters.posture === 'upright';
  const jitter = r.between(0.85, 1.15);
  let fluid: Distance;
  let sizeMm: number;
  let layer = 0;
  const g = body.parameters.posture === 'prone' ? -1 : 1;
  if (upright) {
    const angle = body.diaphragm(s * 118 * sx, 0);
    const height = ({ small: -7, moderate: 40, large: 96 } as const)[severity] * jitter * sz;
    const level = angle + height;
    const rise = severity === 'small' ? 14 : 36;
    sizeMm = Math.round(Math.max(10, height + rise));
    fluid = (x, y, z) => {
      const d = lung(x, y, z);
      if (d > 4) return d;
      const w = wall(x, y, z);
      return Math.max(d - seam, z - level - rise * Math.exp(Math.min(0, w) / 20) - 2 * noise(x / 40, y / 40, 3));
    };
  } else {
    const depth = ({ small: 15, moderate: 32, large: 58 } as const)[severity] * jitter;
    sizeMm = Math.round(depth);
    const top = ({ small: -10, moderate: 40, large: 75 } as const)[severity] * sz;
    layer = severity === 'small' ? 5 : 13;
    fluid = (x, y, z) => {
      const d = lung(x, y, z);
      if (d > 4) return d;
      const t = depth * ease(((g * y) / sy + 22) / 78) * (0.25 + 0.75 * ease((top - z) / (90 * sz)));
      return Math.max(d - seam, -wall(x, y, z) - t + 2);
    };
  }
  const parts: Part[] = [];
  if (layer > 0)
    parts.push(
      solid(
        box,
        20,
        -1,
        (x, y, z) =>
          fluid(x, y, z) - layer * (0.6 + 0.4 * noise(x / 18, y / 18, z / 18)) * ease(((g * y) / sy + 14) / 50),
        { within: LUNGS, opacity: 0.85, softMm: 4 },
      ),
    );
  parts.push(solid(box, r.between(4, 16), ID.effusion, fluid, { within: withSeam, instance: p.id }));
  return {
    ...plain(p),
    character: 'simple',
    sizeMm,
    centreMm: [s * 95 * sx, 60 * sy, body.diaphragm(s * 95 * sx, 60 * sy) + 10],
    place: side,
    afterVessels: parts,
    excludes: fluid,
  };
};

/** Air rises: above and beside the lung of an erect patient, before the lung of a supine one. */
export const planPneumothorax = (p: Planning): PlannedLesion => {
  const { body, random: r, side, sign: s, severity } = p;
  const { noise } = body;
  const [sx, sy, sz] = body.parameters.scale;
  const lung = body.lung[side];
  const depth = ({ small: 15, moderate: 28, large: 50 } as const)[severity] * r.between(0.9, 1.1);
  const low = ({ small: 20, moderate: -70, large: -170 } as const)[severity] * sz;
  const box = p.anatomy.lungBox[side];
  const line = 0.14;
  const g = body.parameters.posture === 'prone' ? -1 : 1;
  // upright the air gathers above and to the side, and the lung's edge stands along the ray; lying down, in front
  const air: Distance =
    body.parameters.posture === 'upright'
      ? (x, y, z) => {
          const xs = (x * s) / sx;
          const u = (xs - 56) / 67,
            v = Math.max(0, z / sz + 10) / 106;
          const apex = z > -10 * sz ? (1 - Math.sqrt(u * u + v * v)) * 74 : 999;
          const inside = Math.min(body.cavityHalfWidth(z) - 3.5 - x * s, apex);
          const t = depth * (0.2 + 0.8 * ease((z - low) / (80 * sz))) * ease((xs - 4) / 30) * ease((z - low + 60) / 40);
          return inside - t + 1.5 * noise(z / 30, 4, y / 60);
        }
      : (x, y, z) => -(body.cavity(x, y, z) + 3.5) - depth * ease(((-g * y) / sy + 10) / 75);
  const label = side === 'left' ? ID['lung-left'] : ID['lung-right'];
  return {
    ...plain(p),
    character: 'simple',
    sizeMm: Math.round(depth),
    centreMm: [s * 75 * sx, 10 * sy, 70 * sz],
    place: side,
    // the lung that is left is denser; its edge is a line
    beforeVessels: [
      solid(box, body.parameters.lungHu + { small: 25, moderate: 70, large: 140 }[severity], -1, lung, {
        within: 1 << label,
      }),
    ],
    afterVessels: [
      solid(box, -1000, -1, air, { within: 1 << label, instance: p.id }),
      solid(box, 0, -1, (x, y, z) => Math.abs(air(x, y, z)) - line, {
        within: 1 << label,
        opacity: (2 * line) / ((0.5 + line / p.edgeMm) * (line + p.edgeMm / 2)),
      }),
    ],
    excludes: (x, y, z) => Math.max(air(x, y, z), lung(x, y, z)),
  };
};
