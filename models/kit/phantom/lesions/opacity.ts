import type { Vec3 } from '../../geometry.ts';
import { ID } from '../labels.ts';
import { axesAlong, type Distance, ellipsoid, padded, solid } from '../shapes.ts';
import { lobeAt, lungPlace, pointInLung } from './place.ts';
import { type PlannedLesion, type Planning, plain } from './planned.ts';

/** Airspace filled: lobar (stops at the fissure) or patchy. Vessels and airways are painted over it: air bronchograms. */
export const planConsolidation = (p: Planning): PlannedLesion => {
  const { body, random: r, request, side, severity } = p;
  const { noise } = body;
  const radius =
    request.sizeMm !== undefined
      ? request.sizeMm / 2
      : ({ small: 20, moderate: 30, large: 44 } as const)[severity] * r.between(0.9, 1.1);
  const c = pointInLung(p, Math.min(22, radius * 0.6));
  const character = request.character ?? r.pick(['lobar', 'patchy'] as const);
  const lobe = lobeAt(body, side, c[1], c[2]);
  const shape = ellipsoid(c, [
    radius * r.between(0.85, 1.15),
    radius * r.between(0.85, 1.1),
    radius * r.between(0.8, 1.05),
  ]);
  const patchy = character === 'patchy' ? 0.42 : 0.16;
  const surface: Distance = (x, y, z) => {
    const d =
      shape.distance(x, y, z) +
      patchy * radius * noise(x / 13, y / 13, z / 13) +
      patchy * 0.4 * radius * noise(x / 6, y / 6, z / 6);
    if (d > 15) return d;
    // a lobar process stops at the fissure
    return character === 'lobar' && lobeAt(body, side, y, z) !== lobe ? Math.max(d, 4) : d;
  };
  const box = padded(shape.box, radius * 0.7);
  const sideOnly = side === 'left' ? 1 << ID['lung-left'] : 1 << ID['lung-right'];
  return {
    ...plain(p),
    character,
    sizeMm: Math.round(radius * 2),
    centreMm: c,
    place: lungPlace(p, c),
    beforeVessels: [
      solid(box, 5, -1, surface, {
        within: sideOnly,
        instance: p.id,
        softMm: character === 'patchy' ? 16 : 9,
        opacity: character === 'patchy' ? 0.6 : 0.72,
      }),
    ],
  };
};

/** A plate of collapsed lung over the diaphragm. */
export const planAtelectasis = (p: Planning): PlannedLesion => {
  const { body, random: r, side, sign: s, severity } = p;
  const { noise } = body;
  const [sx, sy] = body.parameters.scale;
  const width = (severity === 'small' ? 24 : 36) * r.between(0.85, 1.15);
  const x = s * r.between(62, 88) * sx,
    y = r.between(-20, 40) * sy;
  const c: Vec3 = [x, y, body.diaphragm(x, y) + r.between(14, 34)];
  const [along] = axesAlong([1, 0, s * r.between(-0.35, 0.05)]);
  const plate = ellipsoid(c, [width, r.between(2.8, 4.2), width * 0.8], [along, [-along[2], 0, along[0]], [0, 1, 0]]);
  return {
    ...plain(p),
    character: 'plate',
    sizeMm: Math.round(width * 2),
    centreMm: c,
    place: `${side} base`,
    beforeVessels: [
      solid(
        padded(plate.box, 3),
        -20,
        -1,
        (px, py, pz) => plate.distance(px, py, pz) + 1.1 * noise(px / 12, py / 12, pz / 12),
        {
          within: 1 << ID[side === 'left' ? 'lung-left' : 'lung-right'],
          instance: p.id,
          softMm: 1,
        },
      ),
    ],
  };
};
