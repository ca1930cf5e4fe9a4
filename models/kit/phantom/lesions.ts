import type { Vec3 } from '../geometry.ts';
import { type Anatomy, LUNGS } from './anatomy.ts';
import type { Body } from './body.ts';
import { ID } from './labels.ts';
import { axesAlong, type Distance, ellipsoid, padded, type Part, solid, tubes } from './shapes.ts';
import type { LesionKind, LesionRequest, Severity, Side } from './types.ts';

/** A lesion with its place in a body and the shapes that paint it. */
export interface PlannedLesion {
  readonly id: number;
  readonly kind: LesionKind;
  readonly side: Side | null;
  readonly place: string;
  readonly character: string;
  readonly sizeMm: number;
  readonly severity: Severity;
  readonly centreMm: Vec3;
  /** Painted over lung tissue, before vessels and airways. */
  readonly beforeVessels: readonly Part[];
  /** Painted over lung and vessels, before abdomen and mediastinum. */
  readonly afterVessels: readonly Part[];
  /** Painted last. */
  readonly last: readonly Part[];
  /** True where lung vessels cannot be (fluid, pleural air). */
  readonly excludes: Distance | null;
  /** A ball that an X-ray draws at its own resolution instead of by voxels: spherical harmonics-free radius in mm. */
  readonly ball: { readonly radiusMm: number; readonly hu: number; readonly spikes: number } | null;
}

const zones = (z: number, body: Body, x: number): 'upper' | 'middle' | 'lower' => {
  const top = 98 * body.parameters.scale[2];
  const bottom = body.diaphragm(x, 0) - 20;
  const t = (z - bottom) / (top - bottom);
  return t > 2 / 3 ? 'upper' : t > 1 / 3 ? 'middle' : 'lower';
};

/** Lobe at a point of a lung, by the planes of the fissures. */
export const lobeAt = (body: Body, side: Side, y: number, z: number): string => {
  const [, sy, sz] = body.parameters.scale;
  if (z / sz < -36 + 1.02 * (y / sy)) return `${side} lower lobe`;
  if (side === 'right' && z / sz < -34) return 'right middle lobe';
  if (side === 'left' && z / sz < -42) return 'lingula';
  return `${side} upper lobe`;
};

const liverSegment = (body: Body, [x, y, z]: Vec3): string => {
  const [sx, sy, sz] = body.parameters.scale;
  const high = z / sz > -158;
  if (x / sx > 6) return high ? 'segment II' : 'segment III';
  if (x / sx > -38) return y / sy > 6 ? (high ? 'segment VIII' : 'segment VI') : high ? 'segment IVa' : 'segment IVb';
  return y / sy > 10 ? (high ? 'segment VII' : 'segment VI') : high ? 'segment VIII' : 'segment V';
};

const smooth = (t: number): number => {
  const u = Math.min(1, Math.max(0, t));
  return u * u * (3 - 2 * u);
};

const severityOf = (size: number, small: number, large: number): Severity => (size < small ? 'small' : size < large ? 'moderate' : 'large');

/** Places the lesions one after the other; a lung nodule keeps clear of the earlier ones. */
export const planLesions = (body: Body, anatomy: Anatomy, requests: readonly LesionRequest[], modality: 'ct' | 'xray', edgeMm: number): PlannedLesion[] => {
  const out: PlannedLesion[] = [];
  const { noise, parameters } = body;
  const [sx, sy, sz] = parameters.scale;
  requests.forEach((request, n) => {
    const id = n + 1;
    const r = body.random.fork(`lesion ${id}`);
    const side: Side = request.side ?? r.pick(['left', 'right'] as const);
    const s = side === 'left' ? 1 : -1;
    const lung = body.lung[side];
    const [x0, x1, y0, y1, z0, z1] = anatomy.lungBox[side];
    const severity: Severity = request.severity ?? r.pick(['small', 'moderate', 'large'] as const);
    const common = { id, kind: request.kind, side, severity, beforeVessels: [], afterVessels: [], last: [], excludes: null, ball: null };
    // fluid and air reach half a voxel beyond the lung: else a seam of half-covered lung voxels stays at the wall
    const seam = edgeMm * 0.6;
    const withSeam = LUNGS | (1 << ID.body);
    /** A point of the lung at least `room` mm from its surface, in the wanted place. */
    const inLung = (room: number): Vec3 => {
      let fallback: Vec3 | null = null;
      for (let tries = 0; tries < 6000; tries++) {
        const slack = tries < 3000 ? 1 : 0.5;
        const p: Vec3 = [r.between(x0, x1), r.between(y0, y1), r.between(z0, z1)];
        if (lung(...p) > -room * slack || anatomy.heart(...p) < room * slack) continue;
        if (Math.hypot(p[0] - s * 34 * sx, p[1] - 12 * sy, p[2] + 14 * sz) < 26 + room * 0.5) continue;
        if (Math.hypot(p[0], p[1] - body.spineY(p[2])) < 26 + room) continue;
        if (out.some((l) => l.kind === 'lung-nodule' && Math.hypot(l.centreMm[0] - p[0], l.centreMm[1] - p[1], l.centreMm[2] - p[2]) < (l.sizeMm + room * 2) * 0.75)) continue;
        if (out.some((l) => l.excludes !== null && l.excludes(...p) < room)) continue;
        fallback ??= p;
        const place = request.place;
        if (place === undefined) return p;
        const zone = zones(p[2], body, p[0]);
        const lobe = lobeAt(body, side, p[1], p[2]);
        const right =
          place === 'apex' ? p[2] > 52 * sz
          : place === 'base' ? p[2] < body.diaphragm(p[0], p[1]) + 45
          : modality === 'xray' ? zone === place
          : lobe.includes(place) || (place === 'middle' && lobe === 'lingula');
        if (right) return p;
      }
      if (fallback === null) throw new RangeError(`no room in the ${side} lung for a lesion of that size`);
      return fallback;
    };
    const lungPlace = (p: Vec3): string => (modality === 'ct' ? lobeAt(body, side, p[1], p[2]) : `${side} ${zones(p[2], body, p[0])} zone`);

    if (request.kind === 'lung-nodule') {
      const sizeMm = request.sizeMm ?? Math.round(r.between(8, 28));
      const character = request.character ?? r.pick(['solid', 'part-solid', 'spiculated'] as const);
      const radius = sizeMm / 2;
      const c = inLung(radius + 3);
      const f = 1.1 / radius;
      const shape = ellipsoid(c, [radius, radius * r.between(0.86, 1), radius * r.between(0.86, 1)], axesAlong([r.normal(), r.normal(), r.normal() + 0.01]));
      const amplitude = (character === 'spiculated' ? 0.16 : 0.06) * radius;
      const surface: Distance = (x, y, z) => shape.distance(x, y, z) + amplitude * (noise(x * f, y * f, z * f) + 0.6);
      const hu = r.between(20, 55);
      const room = padded(shape.box, amplitude * 2);
      const parts: Part[] = [];
      if (character === 'part-solid') {
        parts.push(solid(room, -560, ID['lung-nodule'], surface, { within: LUNGS, instance: id, softMm: 1.5 }));
        parts.push(solid(room, hu, ID['lung-nodule'], (x, y, z) => surface(x, y, z) + radius * 0.52, { within: 1 << ID['lung-nodule'], instance: id, softMm: 0.8 }));
      } else parts.push(solid(room, hu, ID['lung-nodule'], surface, { within: LUNGS, instance: id, softMm: 0.5 }));
      if (character === 'spiculated') {
        const spikes: number[] = [];
        for (let m = 0; m < 26; m++) {
          const d = [r.normal(), r.normal(), r.normal()] as const;
          const l = Math.hypot(...d) || 1;
          const far = radius * r.between(1.2, 1.75);
          spikes.push(c[0] + (d[0] / l) * radius * 0.7, c[1] + (d[1] / l) * radius * 0.7, c[2] + (d[2] / l) * radius * 0.7, Math.min(1.6, radius * 0.16),
            c[0] + (d[0] / l) * far, c[1] + (d[1] / l) * far, c[2] + (d[2] / l) * far, 0.35);
        }
        parts.push(tubes(spikes, hu - 20, -1, LUNGS | (1 << ID['lung-nodule'])));
      }
      out.push({ ...common, severity: severityOf(sizeMm, 10, 30), character, sizeMm, centreMm: c, place: lungPlace(c), last: parts, ball: { radiusMm: radius, hu: character === 'part-solid' ? -150 : hu, spikes: character === 'spiculated' ? 1 : 0 } });
    } else if (request.kind === 'liver-lesion') {
      const sizeMm = request.sizeMm ?? Math.round(r.between(10, 40));
      const character = request.character ?? r.pick(['hypodense', 'rim', 'cyst'] as const);
      const radius = sizeMm / 2;
      let c: Vec3 | null = null;
      for (let tries = 0; tries < 8000 && c === null; tries++) {
        const slack = tries < 3000 ? 1 : 0.55;
        const p: Vec3 = [r.between(-140 * sx, 70 * sx), r.between(-95 * sy, 95 * sy), r.between(-245 * sz, -85 * sz)];
        if (anatomy.liverDistance(...p) > -(radius + 3) * slack || anatomy.heart(...p) < radius) continue;
        if (request.side !== undefined && tries < 5000 && (request.side === 'left') !== p[0] > 6 * sx) continue;
        if (Math.hypot(p[0] + 52 * sx, p[1] + 38 * sy, p[2] + 212 * sz) < 26 + radius) continue;
        if (Math.hypot(p[0] + 21 * sx, p[1] - 18 * sy) < 14 + radius) continue;
        if (out.some((l) => l.kind === 'liver-lesion' && Math.hypot(l.centreMm[0] - p[0], l.centreMm[1] - p[1], l.centreMm[2] - p[2]) < (l.sizeMm + sizeMm) * 0.6)) continue;
        c = p;
      }
      if (c === null) throw new RangeError('no room in the liver for a lesion of that size');
      const shape = ellipsoid(c, [radius, radius * r.between(0.85, 1), radius * r.between(0.85, 1)], axesAlong([r.normal(), r.normal(), r.normal() + 0.01]));
      const f = 1 / radius;
      const room = padded(shape.box, radius * 0.15);
      const rough = character === 'cyst' ? 0.02 : 0.07;
      const surface: Distance = (x, y, z) => shape.distance(x, y, z) + rough * radius * (noise(x * f, y * f, z * f) + 0.6);
      const inner = character === 'cyst' ? 6 : parameters.liverHu - r.between(32, 55);
      const parts: Part[] = [];
      const within = 1 << ID.liver;
      if (character === 'rim') {
        parts.push(solid(room, parameters.liverHu + (parameters.contrastAgent ? 38 : 22), ID['liver-lesion'], surface, { within, instance: id }));
        parts.push(solid(room, inner, ID['liver-lesion'], (x, y, z) => surface(x, y, z) + Math.max(1.8, radius * 0.2), { within: 1 << ID['liver-lesion'], instance: id, softMm: 1 }));
      } else parts.push(solid(room, inner, ID['liver-lesion'], surface, { within, instance: id, softMm: character === 'cyst' ? 0 : 1.5 }));
      out.push({ ...common, side: null, severity: severityOf(sizeMm, 15, 30), character, sizeMm, centreMm: c, place: liverSegment(body, c), last: parts });
    } else if (request.kind === 'effusion') {
      const box = anatomy.lungBox[side];
      const wall = (x: number, y: number, z: number): number => body.cavity(x, y, z) + 3.5;
      const upright = parameters.posture === 'upright';
      const jitter = r.between(0.85, 1.15);
      let fluid: Distance;
      let sizeMm: number;
      let layer = 0;
      const g = parameters.posture === 'prone' ? -1 : 1;
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
          const t = depth * smooth((g * y / sy + 22) / 78) * (0.25 + 0.75 * smooth((top - z) / (90 * sz)));
          return Math.max(d - seam, -wall(x, y, z) - t + 2);
        };
      }
      const parts: Part[] = [];
      if (layer > 0) parts.push(solid(box, 20, -1, (x, y, z) => fluid(x, y, z) - layer * (0.6 + 0.4 * noise(x / 18, y / 18, z / 18)) * smooth((g * y / sy + 14) / 50), { within: LUNGS, opacity: 0.85, softMm: 4 }));
      parts.push(solid(box, r.between(4, 16), ID.effusion, fluid, { within: withSeam, instance: id }));
      out.push({ ...common, severity, character: 'simple', sizeMm, centreMm: [s * 95 * sx, 60 * sy, body.diaphragm(s * 95 * sx, 60 * sy) + 10], place: side, afterVessels: parts, excludes: fluid });
    } else if (request.kind === 'consolidation') {
      const radius = request.sizeMm !== undefined ? request.sizeMm / 2 : ({ small: 20, moderate: 30, large: 44 } as const)[severity] * r.between(0.9, 1.1);
      const c = inLung(Math.min(22, radius * 0.6));
      const character = request.character ?? r.pick(['lobar', 'patchy'] as const);
      const lobe = lobeAt(body, side, c[1], c[2]);
      const shape = ellipsoid(c, [radius * r.between(0.85, 1.15), radius * r.between(0.85, 1.1), radius * r.between(0.8, 1.05)]);
      const patchy = character === 'patchy' ? 0.42 : 0.16;
      const surface: Distance = (x, y, z) => {
        const d = shape.distance(x, y, z) + patchy * radius * noise(x / 13, y / 13, z / 13) + patchy * 0.4 * radius * noise(x / 6, y / 6, z / 6);
        if (d > 15) return d;
        // a lobar process stops at the fissure
        return character === 'lobar' && lobeAt(body, side, y, z) !== lobe ? Math.max(d, 4) : d;
      };
      const pad = radius * 0.7;
      const box = shape.box.map((v, m) => v + (m % 2 === 0 ? -pad : pad)) as unknown as typeof shape.box;
      const sideOnly = side === 'left' ? 1 << ID['lung-left'] : 1 << ID['lung-right'];
      out.push({
        ...common, severity, character, sizeMm: Math.round(radius * 2), centreMm: c, place: lungPlace(c),
        beforeVessels: [solid(box, 5, -1, surface, { within: sideOnly, instance: id, softMm: character === 'patchy' ? 16 : 9, opacity: character === 'patchy' ? 0.6 : 0.72 })],
      });
    } else if (request.kind === 'pneumothorax') {
      const depth = ({ small: 15, moderate: 28, large: 50 } as const)[severity] * r.between(0.9, 1.1);
      const low = ({ small: 20, moderate: -70, large: -170 } as const)[severity] * sz;
      const box = anatomy.lungBox[side];
      const line = 0.14;
      const g = parameters.posture === 'prone' ? -1 : 1;
      // upright the air gathers above and to the side, and the lung's edge stands along the ray; lying down, in front
      const air: Distance = parameters.posture === 'upright'
        ? (x, y, z) => {
            const xs = (x * s) / sx;
            const u = (xs - 56) / 67, v = Math.max(0, z / sz + 10) / 106;
            const apex = z > -10 * sz ? (1 - Math.sqrt(u * u + v * v)) * 74 : 999;
            const inside = Math.min(body.cavityHalfWidth(z) - 3.5 - x * s, apex);
            const t = depth * (0.2 + 0.8 * smooth((z - low) / (80 * sz))) * smooth((xs - 4) / 30) * smooth((z - low + 60) / 40);
            return inside - t + 1.5 * noise(z / 30, 4, y / 60);
          }
        : (x, y, z) => -(body.cavity(x, y, z) + 3.5) - depth * smooth((-g * y / sy + 10) / 75);
      const label = side === 'left' ? ID['lung-left'] : ID['lung-right'];
      out.push({
        ...common, severity, character: 'simple', sizeMm: Math.round(depth), centreMm: [s * 75 * sx, 10 * sy, 70 * sz], place: side,
        // the lung that is left is denser; its edge is a line
        beforeVessels: [solid(box, parameters.lungHu + { small: 25, moderate: 70, large: 140 }[severity], -1, lung, { within: 1 << label })],
        afterVessels: [
          solid(box, -1000, -1, air, { within: 1 << label, instance: id }),
          solid(box, 0, -1, (x, y, z) => Math.abs(air(x, y, z)) - line, { within: 1 << label, opacity: (2 * line) / ((0.5 + line / edgeMm) * (line + edgeMm / 2)) }),
        ],
        excludes: (x, y, z) => Math.max(air(x, y, z), lung(x, y, z)),
      });
    } else if (request.kind === 'atelectasis') {
      const width = (severity === 'small' ? 24 : 36) * r.between(0.85, 1.15);
      const x = s * r.between(62, 88) * sx, y = r.between(-20, 40) * sy;
      const c: Vec3 = [x, y, body.diaphragm(x, y) + r.between(14, 34)];
      const shape = ellipsoid(c, [width, width * 0.8, r.between(2.6, 4)], axesAlong([1, 0, s * r.between(-0.3, 0.1)]));
      const sideOnly = side === 'left' ? 1 << ID['lung-left'] : 1 << ID['lung-right'];
      // axes: the first along the plate, the third must be near the vertical: swap so that the thin one is
      const a = axesAlong([1, 0, s * r.between(-0.35, 0.05)]);
      const plate = ellipsoid(c, [width, r.between(2.8, 4.2), width * 0.8], [a[0], [-(a[0][2]), 0, a[0][0]], [0, 1, 0]]);
      void shape;
      out.push({
        ...common, severity, character: 'plate', sizeMm: Math.round(width * 2), centreMm: c, place: `${side} base`,
        beforeVessels: [solid(plate.box, -20, -1, (px, py, pz) => plate.distance(px, py, pz) + 1.1 * noise(px / 12, py / 12, pz / 12), { within: sideOnly, instance: id, softMm: 1 })],
      });
    } else {
      out.push({ ...common, side: null, severity, character: 'enlarged', sizeMm: 0, centreMm: anatomy.heartCentre, place: 'heart' });
    }
  });
  return out;
};

/** Parts of body and lesions in painting order. */
export const arrange = (
  anatomy: Anatomy,
  lesions: readonly PlannedLesion[],
  vessels: readonly Part[],
  skeleton: readonly Part[],
  options: { readonly balls: boolean },
): Part[] => [
  ...anatomy.wall,
  ...anatomy.lungs,
  ...lesions.flatMap((l) => l.beforeVessels),
  ...vessels,
  ...lesions.flatMap((l) => l.afterVessels),
  ...anatomy.abdomen,
  ...anatomy.liver,
  ...anatomy.mediastinum,
  ...skeleton,
  ...lesions.flatMap((l) => (options.balls || l.ball === null ? l.last : [])),
];
