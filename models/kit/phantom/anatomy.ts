import { abdomenParts } from './abdomen.ts';
import type { Body } from './body.ts';
import { heartParts } from './heart.ts';
import { ID } from './labels.ts';
import { liverParts } from './liver.ts';
import { mediastinumParts } from './mediastinum.ts';
import { type Box, type Distance, type Part, solid } from './shapes.ts';
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

/** Bits of both lungs' labels. */
export const LUNGS = (1 << ID['lung-left']) | (1 << ID['lung-right']);

/** 'projection' leaves out what no chest radiograph shows: bowel, vessels of the liver, chambers without contrast. */
export const makeAnatomy = (body: Body, detail: 'whole' | 'projection'): Anatomy => {
  const { lungHu, scale } = body.parameters;
  const [sx, sy, sz] = scale;
  const lungBox = {
    left: [2, 150 * sx, -105 * sy, 105 * sy, -190 * sz, 112 * sz] as Box,
    right: [-150 * sx, -2, -105 * sy, 105 * sy, -190 * sz, 112 * sz] as Box,
  };
  const lungs: Part[] = [
    solid(lungBox.left, lungHu, ID['lung-left'], body.lung.left),
    solid(lungBox.right, lungHu, ID['lung-right'], body.lung.right),
  ];

  const abdomen = abdomenParts(body, detail);
  const liver = liverParts(body, abdomen.inner, abdomen.kidneyRight, detail);
  const heart = heartParts(body, detail);
  return {
    wall: wallParts(body, detail),
    lungs,
    abdomen: abdomen.parts,
    liver: liver.parts,
    mediastinum: [...heart.parts, ...mediastinumParts(body, detail)],
    heart: heart.distance,
    heartCentre: heart.centre,
    liverDistance: liver.distance,
    lungBox,
  };
};
