import type { Vec3 } from '../../geometry.ts';
import type { Body } from '../body.ts';
import type { Side } from '../types.ts';
import type { Planning } from './planned.ts';

/** Third of the lung that a radiograph's reader names. */
const zoneAt = (z: number, body: Body, x: number): 'upper' | 'middle' | 'lower' => {
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

/** Couinaud segment, by planes. */
export const liverSegment = (body: Body, [x, y, z]: Vec3): string => {
  const [sx, sy, sz] = body.parameters.scale;
  const high = z / sz > -158;
  if (x / sx > 6) return high ? 'segment II' : 'segment III';
  if (x / sx > -38) return y / sy > 6 ? (high ? 'segment VIII' : 'segment VI') : high ? 'segment IVa' : 'segment IVb';
  return y / sy > 10 ? (high ? 'segment VII' : 'segment VI') : high ? 'segment VIII' : 'segment V';
};

/** In a reader's words: the lobe on CT, the zone on a radiograph. */
export const lungPlace = (p: Planning, at: Vec3): string =>
  p.modality === 'ct' ? lobeAt(p.body, p.side, at[1], at[2]) : `${p.side} ${zoneAt(at[2], p.body, at[0])} zone`;

const apart = (a: Vec3, b: Vec3): number => Math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2);

/**
 * A point of the lung at least `roomMm` from its surface, in the place that was asked for, clear of hilum, spine and
 * earlier lesions. Throws RangeError where there is none.
 */
export const pointInLung = (p: Planning, roomMm: number): Vec3 => {
  const { body, anatomy, side, sign, random: r, request } = p;
  if (request.centreMm) return request.centreMm;
  const [sx, sy, sz] = body.parameters.scale;
  const [x0, x1, y0, y1, z0, z1] = anatomy.lungBox[side];
  const hilum: Vec3 = [sign * 34 * sx, 12 * sy, -14 * sz];
  const place = request.place;
  for (let tries = 0; tries < 9000; tries++) {
    const slack = tries < 5000 ? 1 : 0.5;
    const at: Vec3 = [r.between(x0, x1), r.between(y0, y1), r.between(z0, z1)];
    if (body.lung[side](...at) > -roomMm * slack || anatomy.heart(...at) < roomMm * slack) continue;
    if (apart(at, hilum) < 26 + roomMm * 0.5) continue;
    if (Math.hypot(at[0], at[1] - body.spineY(at[2])) < 26 + roomMm) continue;
    if (p.earlier.some((l) => l.kind === 'lung-nodule' && apart(l.centreMm, at) < (l.sizeMm + roomMm * 2) * 0.75))
      continue;
    if (p.earlier.some((l) => l.excludes !== null && l.excludes(...at) < roomMm)) continue;
    if (place === undefined) return at;
    const lobe = lobeAt(body, side, at[1], at[2]);
    const right =
      place === 'apex'
        ? at[2] > 52 * sz
        : place === 'base'
          ? at[2] < body.diaphragm(at[0], at[1]) + 45
          : p.modality === 'xray'
            ? zoneAt(at[2], body, at[0]) === place
            : lobe.includes(place) || (place === 'middle' && lobe === 'lingula');
    if (right) return at;
  }
  throw new RangeError(
    `no room in the ${side} lung${place === undefined ? '' : `, ${place}`}, for a lesion of that size`,
  );
};

/** A point of the liver at least `roomMm` from its surface, clear of gallbladder, cava and earlier lesions. */
export const pointInLiver = (p: Planning, roomMm: number): Vec3 => {
  const { body, anatomy, random: r, request } = p;
  if (request.centreMm) return request.centreMm;
  const [sx, sy, sz] = body.parameters.scale;
  for (let tries = 0; tries < 9000; tries++) {
    const slack = tries < 4000 ? 1 : 0.6;
    const at: Vec3 = [r.between(-140 * sx, 70 * sx), r.between(-95 * sy, 95 * sy), r.between(-245 * sz, -85 * sz)];
    if (anatomy.liverDistance(...at) > -roomMm * slack || anatomy.heart(...at) < roomMm) continue;
    if (request.side !== undefined && (request.side === 'left') !== at[0] > 6 * sx) continue;
    if (apart(at, [-52 * sx, -38 * sy, -212 * sz]) < 26 + roomMm) continue;
    if (Math.hypot(at[0] + 21 * sx, at[1] - 18 * sy) < 12 + roomMm) continue;
    if (p.earlier.some((l) => l.kind === 'liver-lesion' && apart(l.centreMm, at) < l.sizeMm * 0.6 + roomMm * 1.2))
      continue;
    return at;
  }
  throw new RangeError('no room in the liver for a lesion of that size');
};
