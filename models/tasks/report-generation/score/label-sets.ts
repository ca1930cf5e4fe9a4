/** The labeller's findings in the words of two public label sets, and these sets in each other's. */
import { type FindingKey, findingsSaid, type Status } from './labeller/index.ts';

export const CHEXPERT = [
  'No Finding',
  'Enlarged Cardiomediastinum',
  'Cardiomegaly',
  'Lung Lesion',
  'Lung Opacity',
  'Edema',
  'Consolidation',
  'Pneumonia',
  'Atelectasis',
  'Pneumothorax',
  'Pleural Effusion',
  'Pleural Other',
  'Fracture',
  'Support Devices',
] as const;
export type CheXpertLabel = (typeof CHEXPERT)[number];

export const NIH = [
  'No Finding',
  'Atelectasis',
  'Cardiomegaly',
  'Consolidation',
  'Edema',
  'Effusion',
  'Emphysema',
  'Fibrosis',
  'Hernia',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pleural_Thickening',
  'Pneumonia',
  'Pneumothorax',
] as const;
export type NihLabel = (typeof NIH)[number];

interface InSets {
  readonly chexpert: CheXpertLabel | null;
  readonly nih: NihLabel | null;
}

/** Null: the set has no label for it. Infiltrate is opacity for CheXpert, congestion its edema, nodule and mass one lesion. */
export const IN_SETS = {
  cardiomegaly: { chexpert: 'Cardiomegaly', nih: 'Cardiomegaly' },
  mediastinum: { chexpert: 'Enlarged Cardiomediastinum', nih: null },
  opacity: { chexpert: 'Lung Opacity', nih: null },
  infiltrate: { chexpert: 'Lung Opacity', nih: 'Infiltration' },
  consolidation: { chexpert: 'Consolidation', nih: 'Consolidation' },
  pneumonia: { chexpert: 'Pneumonia', nih: 'Pneumonia' },
  edema: { chexpert: 'Edema', nih: 'Edema' },
  congestion: { chexpert: 'Edema', nih: null },
  atelectasis: { chexpert: 'Atelectasis', nih: 'Atelectasis' },
  'lung-nodule': { chexpert: 'Lung Lesion', nih: 'Nodule' },
  'lung-mass': { chexpert: 'Lung Lesion', nih: 'Mass' },
  pneumothorax: { chexpert: 'Pneumothorax', nih: 'Pneumothorax' },
  effusion: { chexpert: 'Pleural Effusion', nih: 'Effusion' },
  'pleural-thickening': { chexpert: 'Pleural Other', nih: 'Pleural_Thickening' },
  emphysema: { chexpert: null, nih: 'Emphysema' },
  hyperinflation: { chexpert: null, nih: null },
  fibrosis: { chexpert: null, nih: 'Fibrosis' },
  hernia: { chexpert: null, nih: 'Hernia' },
  fracture: { chexpert: 'Fracture', nih: null },
  device: { chexpert: 'Support Devices', nih: null },
  granuloma: { chexpert: null, nih: null },
  'liver-lesion': { chexpert: null, nih: null },
} as const satisfies Record<FindingKey, InSets>;

/** Every NIH label in CheXpert's words; null where CheXpert has none. Two NIH labels may become one. */
export const NIH_TO_CHEXPERT: Readonly<Record<NihLabel, CheXpertLabel | null>> = Object.fromEntries(
  NIH.map((label) => [
    label,
    label === 'No Finding' ? 'No Finding' : (Object.values(IN_SETS).find((own) => own.nih === label)?.chexpert ?? null),
  ]),
) as Record<NihLabel, CheXpertLabel | null>;

const STRENGTH: Readonly<Record<Status, number>> = { present: 2, uncertain: 1, absent: 0 };

/** What a whole report says of each finding it speaks of: there before in doubt, in doubt before not there. */
export const statusByFinding = (text: string): ReadonlyMap<FindingKey, Status> => {
  const out = new Map<FindingKey, Status>();
  for (const { key, status } of findingsSaid(text)) {
    const there = out.get(key);
    if (there === undefined || STRENGTH[status] > STRENGTH[there]) out.set(key, status);
  }
  return out;
};

/**
 * The 14 labels of CheXpert; those not spoken of are left out. 'No Finding' is present where nothing but support devices
 * is present or in doubt, as in Irvin et al. 2019 (findings beyond the 13 do not count against it, as there).
 */
export const chexpertLabels = (text: string): ReadonlyMap<CheXpertLabel, Status> => {
  const out = new Map<CheXpertLabel, Status>();
  for (const [key, status] of statusByFinding(text)) {
    const label = IN_SETS[key].chexpert;
    if (label === null) continue;
    const there = out.get(label);
    if (there === undefined || STRENGTH[status] > STRENGTH[there]) out.set(label, status);
  }
  const any = out.entries().some(([label, status]) => label !== 'Support Devices' && status !== 'absent');
  if (!any) out.set('No Finding', 'present');
  return out;
};

/** The map as a table for README.md, which a test holds to it. */
export const labelSetTable = (): string =>
  [
    '| here | CheXpert | NIH |',
    '|---|---|---|',
    ...Object.entries(IN_SETS).map(([key, { chexpert, nih }]) => `| ${key} | ${chexpert ?? ''} | ${nih ?? ''} |`),
    '| (nothing else said) | No Finding | No Finding |',
  ].join('\n');
