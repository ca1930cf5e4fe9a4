import { ID } from '../labels.ts';
import { axesAlong, type Distance, ellipsoid, type Part, padded, solid } from '../shapes.ts';
import { liverSegment, pointInLiver } from './place.ts';
import { type PlannedLesion, type Planning, plain, severityOf } from './planned.ts';

/** A focal lesion of the liver: hypodense, with a dense rim, or a cyst. */
export const planLiverLesion = (p: Planning): PlannedLesion => {
  const { request, random: r } = p;
  const { noise, parameters } = p.body;
  const sizeMm = request.sizeMm ?? Math.round(r.between(10, 40));
  const character = request.character ?? r.pick(['hypodense', 'rim', 'cyst'] as const);
  const radius = sizeMm / 2;
  const c = pointInLiver(p, radius + 3);
  const shape = ellipsoid(
    c,
    [radius, radius * r.between(0.85, 1), radius * r.between(0.85, 1)],
    axesAlong([r.normal(), r.normal(), r.normal() + 0.01]),
  );
  const f = 1 / radius;
  const room = padded(shape.box, radius * 0.15);
  const rough = character === 'cyst' ? 0.02 : 0.07;
  const surface: Distance = (x, y, z) => shape.distance(x, y, z) + rough * radius * (noise(x * f, y * f, z * f) + 0.6);
  const inner = character === 'cyst' ? 6 : parameters.liverHu - r.between(32, 55);
  const parts: Part[] = [];
  const within = 1 << ID.liver;
  if (character === 'rim') {
    parts.push(
      solid(room, parameters.liverHu + (parameters.contrastAgent ? 38 : 22), ID['liver-lesion'], surface, {
        within,
        instance: p.id,
      }),
    );
    parts.push(
      solid(room, inner, ID['liver-lesion'], (x, y, z) => surface(x, y, z) + Math.max(1.8, radius * 0.2), {
        within: 1 << ID['liver-lesion'],
        instance: p.id,
        softMm: 1,
      }),
    );
  } else
    parts.push(
      solid(room, inner, ID['liver-lesion'], surface, {
        within,
        instance: p.id,
        softMm: character === 'cyst' ? 0 : 1.5,
      }),
    );
  return {
    ...plain(p),
    side: null,
    severity: severityOf(sizeMm, 15, 30),
    character,
    sizeMm,
    centreMm: c,
    place: liverSegment(p.body, c),
    last: parts,
  };
};
