import { LUNGS } from '../anatomy.ts';
import { ID } from '../labels.ts';
import { axesAlong, type Distance, ellipsoid, type Part, padded, solid, tubes } from '../shapes.ts';
import { lungPlace, pointInLung } from './place.ts';
import { type PlannedLesion, type Planning, plain, severityOf } from './planned.ts';

/** A lung nodule: solid, part-solid (ground glass about a solid core) or spiculated. */
export const planNodule = (p: Planning): PlannedLesion => {
  const { request, random: r } = p;
  const { noise } = p.body;
  const sizeMm = request.sizeMm ?? Math.round(r.between(8, 28));
  const character = request.character ?? r.pick(['solid', 'part-solid', 'spiculated'] as const);
  const radius = sizeMm / 2;
  const c = pointInLung(p, radius + 3);
  const f = 1.1 / radius;
  const shape = ellipsoid(
    c,
    [radius, radius * r.between(0.86, 1), radius * r.between(0.86, 1)],
    axesAlong([r.normal(), r.normal(), r.normal() + 0.01]),
  );
  const amplitude = (character === 'spiculated' ? 0.16 : 0.06) * radius;
  const surface: Distance = (x, y, z) => shape.distance(x, y, z) + amplitude * (noise(x * f, y * f, z * f) + 0.6);
  const hu = r.between(20, 55);
  const room = padded(shape.box, amplitude * 2);
  const parts: Part[] = [];
  if (character === 'part-solid') {
    parts.push(solid(room, -560, ID['lung-nodule'], surface, { within: LUNGS, instance: p.id, softMm: 1.5 }));
    parts.push(
      solid(room, hu, ID['lung-nodule'], (x, y, z) => surface(x, y, z) + radius * 0.52, {
        within: 1 << ID['lung-nodule'],
        instance: p.id,
        softMm: 0.8,
      }),
    );
  } else parts.push(solid(room, hu, ID['lung-nodule'], surface, { within: LUNGS, instance: p.id, softMm: 0.5 }));
  if (character === 'spiculated') {
    const spikes: number[] = [];
    for (let m = 0; m < 26; m++) {
      const d = [r.normal(), r.normal(), r.normal()] as const;
      const l = Math.hypot(...d) || 1;
      const far = radius * r.between(1.2, 1.75);
      spikes.push(
        c[0] + (d[0] / l) * radius * 0.7,
        c[1] + (d[1] / l) * radius * 0.7,
        c[2] + (d[2] / l) * radius * 0.7,
        Math.min(1.6, radius * 0.16),
        c[0] + (d[0] / l) * far,
        c[1] + (d[1] / l) * far,
        c[2] + (d[2] / l) * far,
        0.35,
      );
    }
    parts.push(tubes(spikes, hu - 20, -1, LUNGS | (1 << ID['lung-nodule'])));
  }
  return {
    ...plain(p),
    severity: severityOf(sizeMm, 10, 30),
    character,
    sizeMm,
    centreMm: c,
    place: lungPlace(p, c),
    last: parts,
    ball: { radiusMm: radius, hu: character === 'part-solid' ? -150 : hu, spikes: character === 'spiculated' ? 1 : 0 },
  };
};
