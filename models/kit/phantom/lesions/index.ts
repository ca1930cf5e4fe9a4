import type { Anatomy } from '../anatomy.ts';
import type { Body } from '../body.ts';
import type { Part } from '../shapes.ts';
import type { LesionKind, LesionRequest, Modality } from '../types.ts';
import { planLiverLesion } from './liver.ts';
import { planNodule } from './nodule.ts';
import { planAtelectasis, planConsolidation } from './opacity.ts';
import { type PlannedLesion, type Planning, plain } from './planned.ts';
import { planEffusion, planPneumothorax } from './pleura.ts';

export type { PlannedLesion } from './planned.ts';

/** The heart itself was drawn larger; its lesion is found again by measuring it. */
const planCardiomegaly = (p: Planning): PlannedLesion => ({
  ...plain(p),
  side: null,
  character: 'enlarged',
  sizeMm: 0,
  centreMm: p.anatomy.heartCentre,
  place: 'heart',
});

const PLAN = {
  'lung-nodule': planNodule,
  'liver-lesion': planLiverLesion,
  effusion: planEffusion,
  consolidation: planConsolidation,
  pneumothorax: planPneumothorax,
  atelectasis: planAtelectasis,
  cardiomegaly: planCardiomegaly,
} as const satisfies Record<LesionKind, (p: Planning) => PlannedLesion>;

/**
 * Places the lesions one after the other. One that was drawn at random and finds no room is left out; one that was asked
 * for throws RangeError.
 */
export const planLesions = (
  body: Body,
  anatomy: Anatomy,
  requests: readonly LesionRequest[],
  modality: Modality,
  edgeMm: number,
): PlannedLesion[] => {
  const out: PlannedLesion[] = [];
  // fluid and air first: a nodule must not drown in an effusion that is named after it
  const pleural = (r: LesionRequest): boolean => r.kind === 'effusion' || r.kind === 'pneumothorax';
  const order = requests.map((request, n) => ({ request, id: n + 1 }));
  for (const { request, id } of [
    ...order.filter((o) => pleural(o.request)),
    ...order.filter((o) => !pleural(o.request)),
  ]) {
    const random = body.random.fork(`lesion ${id}`);
    const drawnSide = random.pick(['left', 'right'] as const);
    const drawnSeverity = random.pick(['small', 'moderate', 'large'] as const);
    const side = request.centreMm ? (request.centreMm[0] > 0 ? 'left' : 'right') : (request.side ?? drawnSide);
    try {
      out.push(
        PLAN[request.kind]({
          body,
          anatomy,
          modality,
          edgeMm,
          request,
          random,
          side,
          id,
          earlier: out,
          sign: side === 'left' ? 1 : -1,
          severity: request.severity ?? drawnSeverity,
        }),
      );
    } catch (error) {
      if (!(error instanceof RangeError) || request.optional !== true) throw error;
    }
  }
  return out.toSorted((p, q) => p.id - q.id);
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
