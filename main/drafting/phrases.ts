/** What the drafter can say of a finding: its own phrases, with only what was measured filled in. */
import type { Finding, Side } from '../../preload/contract/index.ts';

/** What a phrase may speak of. */
export type Spoken = Pick<Finding, 'key' | 'side' | 'place' | 'severity' | 'measurements'>;

interface Term {
  readonly key: string;
  readonly name: string;
  readonly sided: boolean;
  /** What is meant where a side is all that is known. */
  readonly part?: 'eye';
  readonly modalities: readonly ('CT' | 'XR')[];
  /** Said where a model that can find it found none. */
  readonly normal: readonly string[];
  /** {size} {where} {side} {severity} {ratio}: a phrase is used only where all it names is known. Most specific first. */
  readonly phrases: readonly string[];
  readonly impression: readonly string[];
}

const TERMS: readonly Term[] = [
  {
    key: 'lung-nodule',
    name: 'pulmonary nodule',
    sided: true,
    modalities: ['CT', 'XR'],
    normal: [
      'No pulmonary nodule is identified.',
      'No pulmonary nodule or mass.',
      'No suspicious pulmonary nodule is seen.',
    ],
    phrases: [
      'There is a {size} pulmonary nodule in the {where}.',
      'A pulmonary nodule measuring {size} is seen in the {where}.',
      '{size} nodule in the {where}.',
      'There is a pulmonary nodule in the {where}.',
      'A nodule is seen in the {where}.',
      'Pulmonary nodule.',
    ],
    impression: [
      'Pulmonary nodule in the {where}, {size}.',
      '{size} pulmonary nodule, {where}.',
      'Pulmonary nodule, {where}.',
      'Pulmonary nodule.',
    ],
  },
  {
    key: 'liver-lesion',
    name: 'focal liver lesion',
    sided: false,
    modalities: ['CT'],
    normal: [
      'No focal liver lesion is identified.',
      'The liver shows no focal lesion.',
      'No focal hepatic lesion is seen.',
    ],
    phrases: [
      'There is a {size} focal lesion in the {where}.',
      'A focal liver lesion measuring {size} is seen.',
      '{size} focal hepatic lesion.',
      'There is a focal liver lesion.',
    ],
    impression: ['Focal liver lesion, {size}.', '{size} focal hepatic lesion.', 'Focal liver lesion.'],
  },
  {
    key: 'effusion',
    name: 'pleural effusion',
    sided: true,
    modalities: ['CT', 'XR'],
    normal: ['No pleural effusion.', 'There is no pleural effusion.', 'The pleural spaces are free of fluid.'],
    phrases: [
      'There is a {severity} {side} pleural effusion.',
      '{severity} {side} pleural effusion.',
      'A {severity} pleural effusion is present on the {side}.',
      'There is a {side} pleural effusion.',
      '{side} pleural effusion.',
      'Pleural effusion.',
    ],
    impression: [
      '{severity} {side} pleural effusion.',
      '{side} pleural effusion, {severity}.',
      '{side} pleural effusion.',
      'Pleural effusion.',
    ],
  },
  {
    key: 'consolidation',
    name: 'consolidation',
    sided: true,
    modalities: ['CT', 'XR'],
    normal: ['No focal consolidation.', 'There is no focal airspace consolidation.', 'No consolidation is seen.'],
    phrases: [
      'There is consolidation in the {where}.',
      'Airspace consolidation is seen in the {where}.',
      'Consolidation of the {where}.',
      'Consolidation.',
    ],
    impression: ['Consolidation in the {where}.', '{where} consolidation.', 'Consolidation.'],
  },
  {
    key: 'pneumothorax',
    name: 'pneumothorax',
    sided: true,
    modalities: ['CT', 'XR'],
    normal: ['No pneumothorax.', 'There is no pneumothorax.', 'No pneumothorax is seen.'],
    phrases: [
      'There is a {severity} {side} pneumothorax.',
      '{severity} {side} pneumothorax.',
      'There is a {side} pneumothorax.',
      '{side} pneumothorax.',
      'Pneumothorax.',
    ],
    impression: ['{severity} {side} pneumothorax.', '{side} pneumothorax.', 'Pneumothorax.'],
  },
  {
    key: 'atelectasis',
    name: 'atelectasis',
    sided: true,
    modalities: ['CT', 'XR'],
    normal: ['No atelectasis.', 'There is no atelectasis.'],
    phrases: [
      'There is atelectasis in the {where}.',
      'Atelectasis is seen in the {where}.',
      '{where} atelectasis.',
      'Atelectasis.',
    ],
    impression: ['Atelectasis in the {where}.', '{where} atelectasis.', 'Atelectasis.'],
  },
  {
    key: 'cardiomegaly',
    name: 'cardiomegaly',
    sided: false,
    modalities: ['XR'],
    normal: ['The heart is not enlarged.', 'The cardiac silhouette is not enlarged.', 'No cardiomegaly.'],
    phrases: [
      'The heart is enlarged, with a cardiothoracic ratio of {ratio}.',
      'The cardiac silhouette is enlarged (cardiothoracic ratio {ratio}).',
      'The heart is enlarged.',
      'The cardiac silhouette is enlarged.',
    ],
    impression: ['Cardiomegaly (cardiothoracic ratio {ratio}).', 'Cardiomegaly.'],
  },
];

/**
 * What labels read from reports say of films. A label that a program took from a report is a hint, so the words are careful,
 * and that none was told is no sign that there is none.
 */
const labelled = (key: string, name: string, phrases: readonly string[], impression: readonly string[]): Term => ({
  key,
  name,
  sided: true,
  modalities: ['XR'],
  normal: [],
  phrases,
  impression,
});
const LABELLED: readonly Term[] = [
  labelled(
    'pneumonia',
    'pneumonia',
    ['Opacity in the {where}, possibly pneumonia.', 'Opacity, possibly pneumonia.'],
    ['Possible pneumonia in the {where}.', 'Possible pneumonia.'],
  ),
  labelled(
    'infiltrate',
    'infiltrate',
    ['Possible infiltrate in the {where}.', 'Possible infiltrate.'],
    ['Possible infiltrate in the {where}.', 'Possible infiltrate.'],
  ),
  labelled('edema', 'pulmonary edema', ['Possible pulmonary edema.'], ['Possible pulmonary edema.']),
];

/** Of photographs of the retina. A photograph may not have been graded: that none was found is left to the reader. */
const retina = (key: string, name: string, phrases: readonly string[]): Term => ({
  key,
  name,
  sided: true,
  part: 'eye',
  modalities: [],
  normal: [],
  phrases,
  impression: phrases,
});
const RETINA: readonly Term[] = [
  retina('diabetic-retinopathy', 'diabetic retinopathy', [
    'Diabetic retinopathy of the {where}, {severity}.',
    'Diabetic retinopathy of the {where}.',
    'Diabetic retinopathy, {severity}.',
    'Diabetic retinopathy.',
  ]),
  retina('microaneurysms', 'microaneurysms', ['Microaneurysms in the {where}.', 'Microaneurysms.']),
  retina('retinal-haemorrhages', 'retinal haemorrhages', [
    'Retinal haemorrhages in the {where}.',
    'Retinal haemorrhages.',
  ]),
  retina('hard-exudates', 'hard exudates', ['Hard exudates in the {where}.', 'Hard exudates.']),
  retina('soft-exudates', 'soft exudates', ['Soft exudates in the {where}.', 'Soft exudates.']),
];

const byKey = new Map([...TERMS, ...LABELLED, ...RETINA].map((term) => [term.key, term]));

export const termOf = (key: string): Term | undefined => byKey.get(key);

export const isRadiograph = (modality: string): boolean =>
  ['CR', 'DX', 'DR', 'XR', 'RG', 'OT'].includes(modality.toUpperCase());

export const vocabulary = (modality: string): { key: string; name: string; sided: boolean }[] => {
  const kind = modality.toUpperCase() === 'CT' ? 'CT' : isRadiograph(modality) ? 'XR' : null;
  return [...TERMS, ...LABELLED, ...(['OP', 'XC'].includes(modality.toUpperCase()) ? RETINA : [])]
    .filter((term) => kind === null || term.modalities.includes(kind))
    .map(({ key, name, sided }) => ({
      key,
      name,
      sided,
    }));
};

const SIDES = /\b(left|right)\b/;

/** 'right upper lobe', 'left lung'; null where nothing is known. A place that names its side is not given another. */
const whereOf = ({ key, side, place }: Spoken): string | null => {
  const named = place.trim().toLowerCase();
  if (key === 'liver-lesion')
    return named && named !== 'liver' && !named.includes('not determined')
      ? named.includes('liver')
        ? named
        : `liver, ${named}`
      : 'liver';
  if (named && SIDES.test(named)) return named;
  const part = termOf(key)?.part ?? 'lung';
  if (side === 'left' || side === 'right')
    return named && !named.includes('not determined') ? `${side} ${named}` : `${side} ${part}`;
  if (side === 'bilateral') return `both ${part}s`;
  return named && !named.includes('not determined') ? named : null;
};

const measured = ({ measurements }: Spoken, name: string): number | null =>
  measurements.find((measurement) => measurement.name === name)?.value ?? null;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const fill = (phrase: string, spoken: Spoken): string | null => {
  const size = measured(spoken, 'largest diameter');
  const ratio = measured(spoken, 'cardiothoracic ratio');
  const values: Record<string, string | null> = {
    size: size === null ? null : `${Math.round(size)} mm`,
    ratio: ratio === null ? null : ratio.toFixed(2),
    where: whereOf(spoken),
    side: spoken.side,
    severity: spoken.severity || null,
  };
  let missing = false;
  const text = phrase.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (!value) missing = true;
    return value ?? '';
  });
  return missing
    ? null
    : capital(text.replace(/\ba (?=[aeiou]|8 |8\d|11 |18 )/g, 'an ').replace(/\bthe both\b/g, 'both'));
};

/** Every phrase for which all is known, those that say most first. Never empty for a known key. */
const filled = (phrases: readonly string[], spoken: Spoken): string[] => {
  const usable = phrases.flatMap((phrase) => {
    const text = fill(phrase, spoken);
    return text ? [{ text, slots: (phrase.match(/\{/g) ?? []).length }] : [];
  });
  const most = Math.max(0, ...usable.map(({ slots }) => slots));
  return usable.filter(({ slots }) => slots === most).map(({ text }) => text);
};

export const findingPhrases = (spoken: Spoken): string[] => {
  const term = termOf(spoken.key);
  return term ? filled(term.phrases, spoken) : [];
};
export const impressionPhrases = (spoken: Spoken): string[] => {
  const term = termOf(spoken.key);
  return term ? filled(term.impression, spoken) : [];
};

/** The phrase for a finding that the reader adds by hand. */
export const phraseFor = (key: string, side: Side, place: string, sizeMm: number | null, severity = ''): string => {
  const spoken: Spoken = {
    key,
    side,
    place,
    severity,
    measurements: sizeMm === null ? [] : [{ name: 'largest diameter', value: sizeMm, unit: 'mm' }],
  };
  return (
    findingPhrases(spoken)[0] ??
    capital([key.replaceAll('-', ' '), place || side || ''].filter(Boolean).join(', ')) + '.'
  );
};
