/** What a package says of phantoms, beside the truth, as cases of an evaluation. */
import type { LesionKind, Phantom } from '../kit/phantom/index.ts';
import { LABELS } from '../kit/phantom/labels.ts';
import type { Grid } from '../kit/metrics/distance.ts';
import { type Box, groundingOf } from '../kit/metrics/grounding.ts';
import { dice, surfaceDistances } from '../kit/metrics/masks.ts';
import { plantedIn, scored } from '../kit/score.ts';
import type { Case } from '../tasks/evaluation.ts';
import { shownIn, toldOf } from './acceptance.ts';
import { DataError } from './data.ts';
import { draftOf, type Loaded, type Said, saidOf, sentenceFor } from './run.ts';

/** Millimetres in the patient: of a film at the detector, divided by the magnification of the mid-plane. */
const gridOf = (phantom: Phantom): Grid => {
  if (phantom.kind === 'xray') {
    const [r, c] = phantom.detectorSpacingMm;
    return { dims: phantom.image.dims, spacingMm: [c / phantom.magnification, r / phantom.magnification, 1] };
  }
  const a = phantom.image.affineVoxelToPatient;
  const column = (n: 0 | 1 | 2): number => Math.hypot(a[n], a[(n + 4) as 4], a[(n + 8) as 8]);
  return { dims: phantom.image.dims, spacingMm: [column(0), column(1), column(2)] };
};

const masksOf = (loaded: Loaded, phantom: Phantom, told: Uint8Array): Case => {
  const grid = gridOf(phantom);
  const byLabel = loaded.manifest.labels.flatMap((label) => {
    const id = LABELS.find(({ name }) => name === label.key)?.id;
    if (id === undefined) return [];
    const truth = phantom.labels.data.map((value) => Number(value === id));
    const own = told.map((value) => Number(value === label.value));
    const distances = surfaceDistances(truth, own, grid);
    return [
      [
        label.key,
        {
          dice: dice(truth, own),
          hausdorffMm: distances?.hausdorffMm ?? null,
          hausdorff95Mm: distances?.hausdorff95Mm ?? null,
        },
      ] as const,
    ];
  });
  // findings that have no mask of their own on a film are no empty masks
  const drawn = byLabel.filter(([, own]) => own.dice !== null);
  return { kind: 'masks', patient: phantom.seed, byLabel: Object.fromEntries(drawn) };
};

const lesionsOf = (loaded: Loaded, phantom: Phantom, said: Said): Case => {
  const { matches, falseFindings } = scored(said.findings, plantedIn(phantom));
  const right = matches.filter((own) => own.found && (own.planted.side === null || own.sideRight === true)).length;
  const wrongSide = matches.filter((own) => own.found).length - right;
  const keys = loaded.manifest.labels.filter(({ kind }) => kind === 'finding').map(({ key }) => key);
  const byFinding = keys.map((key) => {
    const own = matches.filter(({ planted }) => planted.key === key);
    return [
      key,
      {
        planted: own.length,
        found: own.filter(({ found }) => found).length,
        false: falseFindings.filter((finding) => finding.key === key).length,
      },
    ] as const;
  });
  // kinds that the package has no label for are missed by it, not overlooked here
  return {
    kind: 'lesions',
    patient: phantom.seed,
    right,
    missed: matches.length - right,
    wrong: falseFindings.length + wrongSide,
    byFinding: Object.fromEntries(byFinding),
  };
};

/** What the generator draws: a label of another kind is never there, and would only flatter the figures. */
const DRAWN: Readonly<Record<LesionKind, true>> = {
  'lung-nodule': true,
  'liver-lesion': true,
  effusion: true,
  consolidation: true,
  pneumothorax: true,
  cardiomegaly: true,
  atelectasis: true,
};

/** Whether each finding is in the image; what cannot be seen in it, or is never drawn, is left out. */
const labelsOf = (phantom: Phantom, said: Said): Case => {
  const scores = Object.fromEntries(Object.entries(said.scores).filter(([key]) => key in DRAWN));
  const truth = Object.keys(scores).flatMap((key) => {
    const own = phantom.lesions.filter(({ kind }) => kind === key);
    if (own.length > 0 && !own.some(({ visible }) => visible)) return [];
    return [[key, own.length > 0] as const];
  });
  return { kind: 'labels', patient: phantom.seed, scores, truth: Object.fromEntries(truth) };
};

/**
 * One told finding is one sentence; the true sentences are those of the phantom's own report, each with the boxes of the
 * lesions that it speaks of. What the image cannot show is not asked for, and a finding that lies there is not counted.
 */
const groundingCase = (phantom: Phantom, said: Said): Case => {
  const boxOf = (id: number, visible: boolean): { key: string; box: Box }[] =>
    plantedIn(phantom).flatMap((own) =>
      own.id === id && own.visible === visible && own.box ? [{ key: own.key, box: own.box }] : [],
    );
  const unseen = phantom.lesions.flatMap(({ id }) => boxOf(id, false)).map(({ key, box }) => ({ key, boxes: [box] }));
  const told = said.findings
    .map(({ key, regions }) => ({ key, boxes: regions.flatMap((own) => (own.kind === 'box' ? [own.box] : [])) }))
    .filter((one) => groundingOf([one], unseen).toldRight === 0);
  const truth = phantom.report.findings.flatMap(({ lesionIds }) => {
    const own = lesionIds.flatMap((id) => boxOf(id, true));
    const [first] = own;
    return first ? [{ key: first.key, boxes: own.map(({ box }) => box) }] : [];
  });
  return { kind: 'grounding', patient: phantom.seed, told, truth };
};

/** Lesions that a film shows or not, each as a sentence of its finding with its box. */
const groundedLesions = (phantom: Phantom, visible: boolean): { key: string; boxes: Box[] }[] =>
  plantedIn(phantom).flatMap((own) => (own.visible === visible && own.box ? [{ key: own.key, boxes: [own.box] }] : []));

/** A draft of the film against the phantom's own report; what the film cannot show is no wrong box. */
const draftCase = async (loaded: Loaded, phantom: Phantom): Promise<Case[]> => {
  if (phantom.kind !== 'xray')
    throw new DataError(`${loaded.manifest.name} reads xray images; '${phantom.line}' is none.`);
  const sentences = await draftOf(loaded, phantom);
  const unseen = groundedLesions(phantom, false);
  const told = sentences
    .flatMap(({ finding }) => (finding?.box ? [{ key: finding.key, boxes: [finding.box] }] : []))
    .filter((one) => groundingOf([one], unseen).toldRight === 0);
  return [
    {
      kind: 'report',
      patient: phantom.seed,
      draft: sentences.map(({ text }) => text).join(' '),
      reference: phantom.report.findings.map(({ text }) => text).join(' '),
      truth: shownIn(phantom),
      grounding: { told, truth: groundedLesions(phantom, true) },
    },
  ];
};

const reportOf = async (loaded: Loaded, phantom: Phantom): Promise<Case[]> => {
  const { pipeline } = loaded.manifest;
  const keys = pipeline.task === 'report-generation' ? pipeline.keys : [];
  const own = phantom.lesions.filter(({ kind }) => keys.includes(kind));
  if (own.length === 0) return [];
  const modality = phantom.kind === 'ct' ? 'CT' : 'CR';
  const ratio = phantom.kind === 'xray' ? phantom.cardiothoracicRatio : null;
  const sentences: string[] = [];
  for (const lesion of own) {
    const finding = toldOf(lesion, modality, ratio);
    sentences.push(await sentenceFor(loaded, { modality, finding, wording: [] }));
  }
  const ids = new Set(own.map(({ id }) => id));
  const reference = phantom.report.findings.filter(({ lesionIds }) => lesionIds.some((id) => ids.has(id)));
  return [
    {
      kind: 'report',
      patient: phantom.seed,
      draft: sentences.join(' '),
      reference: reference.map(({ text }) => text).join(' '),
      grounding: null,
    },
  ];
};

/** Throws DataError where the package reads other images than this one. */
export const casesIn = async (loaded: Loaded, phantom: Phantom): Promise<Case[]> => {
  const { task } = loaded.manifest.pipeline;
  if (task === 'report-generation') return reportOf(loaded, phantom);
  if (task === 'report-drafting') return draftCase(loaded, phantom);
  const reads = task === 'segmentation' ? 'ct' : 'xray';
  if (phantom.kind !== reads)
    throw new DataError(`${loaded.manifest.name} reads ${reads} images; '${phantom.line}' is none.`);
  const said = await saidOf(loaded, phantom);
  return [
    lesionsOf(loaded, phantom, said),
    ...(task === 'detection' ? [groundingCase(phantom, said)] : []),
    ...(Object.keys(said.scores).length > 0 ? [labelsOf(phantom, said)] : []),
    ...(said.labels ? [masksOf(loaded, phantom, said.labels)] : []),
  ];
};
