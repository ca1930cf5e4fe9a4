import type { Lesion, LesionKind, PhraseFamily } from './types.ts';

type ByKind = Partial<
  Record<LesionKind, { readonly findings: readonly string[]; readonly impression: readonly string[] }>
>;

/** Severity in words; two columns so that findings and impression may differ in wording, never in degree. */
export const severityWord = (l: Lesion, column: 0 | 1): string =>
  l.kind === 'effusion' || l.kind === 'pneumothorax'
    ? ({ small: ['small', 'small'], moderate: ['moderate', 'moderate-sized'], large: ['large', 'large'] } as const)[
        l.severity
      ][column]
    : ({ small: ['mild', 'mild'], moderate: ['moderate', 'moderate'], large: ['marked', 'marked'] } as const)[
        l.severity
      ][column];

/** Family 'a' for training, 'b' held out. In braces: what the lesion fills in. In brackets: only for that character. */
export const PHRASES: Readonly<Record<PhraseFamily, Readonly<Record<'ct' | 'xray', ByKind>>>> = {
  a: {
    ct: {
      'lung-nodule': {
        findings: [
          '{asize} {character} nodule is present in the {place}.',
          'There is {asize} {character} nodule in the {place}.',
          'In the {place} there is {acharacter} nodule measuring {size}.',
          '{acharacter} nodule in the {place} measures {size} in greatest diameter.',
        ],
        impression: [
          '{asize} {character} nodule in the {place}.',
          '{character} pulmonary nodule of the {place}, {size}.',
          '{size} {place} nodule, {character}.',
        ],
      },
      'liver-lesion': {
        findings: [
          '[hypodense] There is {asize} hypodense lesion in {place} of the liver.',
          '[hypodense] {asize} low-attenuation focus is seen in hepatic {place}.',
          '[rim] There is {asize} rim-enhancing lesion in {place} of the liver.',
          '[rim] Hepatic {place} contains {asize} lesion with a dense rim.',
          '[cyst] {asize} cyst of water attenuation lies in {place} of the liver.',
          '[cyst] There is a simple hepatic cyst in {place} measuring {size}.',
        ],
        impression: [
          '{size} {character} liver lesion in {place}.',
          '{character} lesion of the liver, {place}, {size}.',
        ],
      },
      effusion: {
        findings: [
          'There is a {severity} {side} pleural effusion.',
          'A {severity} pleural effusion is present on the {side}.',
          '{severity} {side} pleural effusion layers posteriorly.',
        ],
        impression: ['{severity} {side} pleural effusion.', '{severity2} pleural effusion on the {side}.'],
      },
      consolidation: {
        findings: ['There is {severity} consolidation in the {place}.'],
        impression: ['{place} consolidation.'],
      },
      pneumothorax: {
        findings: ['There is a {severity} {side} pneumothorax.'],
        impression: ['{severity} {side} pneumothorax.'],
      },
      cardiomegaly: { findings: ['The heart is enlarged.'], impression: ['Cardiomegaly.'] },
      atelectasis: {
        findings: ['Linear atelectasis is present at the {place}.'],
        impression: ['{place} atelectasis.'],
      },
    },
    xray: {
      'lung-nodule': {
        findings: [
          'There is {asize} {noun} in the {place}.',
          '{asize} rounded opacity projects over the {place}.',
          'A {noun} measuring {size} is seen in the {place}.',
          '{asize} {noun} projects over the {place}.',
        ],
        impression: ['{size} {noun} in the {place}.', '{place} {noun}, {size}.'],
      },
      effusion: {
        findings: [
          'There is a {severity} {side} pleural effusion.',
          'A {severity} {side} pleural effusion is present.',
          '{severity} pleural effusion on the {side} with blunting of the costophrenic angle.',
        ],
        impression: ['{severity} {side} pleural effusion.', '{severity2} pleural effusion on the {side}.'],
      },
      consolidation: {
        findings: [
          'There is {severity} airspace consolidation in the {place}.',
          '{severity} consolidation is present in the {place}.',
          '{severity} airspace opacity in the {place}.',
        ],
        impression: ['{place} consolidation.', '{severity} consolidation in the {place}.'],
      },
      pneumothorax: {
        findings: [
          'There is a {severity} {side} pneumothorax.',
          'A {severity} {side} pneumothorax is present with a visible pleural line.',
          '{severity} pneumothorax on the {side}.',
        ],
        impression: ['{severity} {side} pneumothorax.', '{severity2} pneumothorax on the {side}.'],
      },
      cardiomegaly: {
        findings: [
          'The heart is enlarged, with a cardiothoracic ratio of {ratio}.',
          'The cardiac silhouette is enlarged.',
          'There is {severity} cardiomegaly.',
        ],
        impression: ['Cardiomegaly.', '{severity} cardiomegaly.'],
      },
      atelectasis: {
        findings: ['There is linear atelectasis at the {place}.', 'A band of atelectasis is seen at the {place}.'],
        impression: ['Linear atelectasis at the {place}.', '{place} atelectasis.'],
      },
    },
  },
  b: {
    ct: {
      'lung-nodule': {
        findings: [
          'The {place} shows {acharacter} pulmonary nodule of {cm}.',
          'Note is made of {acharacter} {cm} nodule within the {place}.',
          'A focal {character} nodular opacity, {cm} across, is identified within the {place}.',
        ],
        impression: ['{character} nodule within the {place} ({cm}).', 'Nodular opacity of {cm} in the {place}.'],
      },
      'liver-lesion': {
        findings: [
          '[hypodense] Within {place}, the liver shows a hypoattenuating lesion of {cm}.',
          '[rim] Within {place}, the liver shows a peripherally dense lesion of {cm}.',
          '[cyst] Within {place}, the liver shows a fluid-density cyst of {cm}.',
        ],
        impression: ['Focal hepatic lesion within {place} ({cm}), {character}.', 'Hepatic lesion of {cm}, {place}.'],
      },
      effusion: {
        findings: [
          '{severity} volume of pleural fluid is identified on the {side}.',
          'The {side} pleural space contains a {severity} effusion.',
        ],
        impression: ['{side}-sided pleural fluid, {severity}.', 'Pleural fluid on the {side}, {severity} in volume.'],
      },
      consolidation: {
        findings: ['The {place} shows {severity} airspace disease.'],
        impression: ['Airspace disease of the {place}.'],
      },
      pneumothorax: {
        findings: ['Pleural air of {severity} volume is identified on the {side}.'],
        impression: ['{side}-sided pleural air, {severity}.'],
      },
      cardiomegaly: { findings: ['Heart size is increased.'], impression: ['Increased heart size.'] },
      atelectasis: {
        findings: ['The {place} shows subsegmental volume loss.'],
        impression: ['Subsegmental volume loss, {place}.'],
      },
    },
    xray: {
      'lung-nodule': {
        findings: [
          'Within the {place} a focal {noun} of {cm} is identified.',
          'Note is made of a {noun} of {cm} overlying the {place}.',
        ],
        impression: ['Focal {noun} of {cm} within the {place}.', '{noun} overlying the {place} ({cm}).'],
      },
      effusion: {
        findings: [
          'Pleural fluid of {severity} volume obscures the {side} costophrenic angle.',
          'The {side} costophrenic sulcus is obscured by a {severity} effusion.',
        ],
        impression: ['{side}-sided pleural fluid, {severity}.', 'Pleural fluid on the {side}, {severity} in volume.'],
      },
      consolidation: {
        findings: [
          'The {place} shows {severity} airspace disease.',
          'Confluent opacification of {severity} degree is identified in the {place}.',
        ],
        impression: ['Airspace disease of the {place}.', 'Confluent opacification, {place}.'],
      },
      pneumothorax: {
        findings: [
          'A visceral pleural edge is identified on the {side}, in keeping with a {severity} pneumothorax.',
          'Pleural air of {severity} volume is identified on the {side}.',
        ],
        impression: ['{side}-sided pneumothorax, {severity}.', 'Pleural air on the {side}, {severity} in volume.'],
      },
      cardiomegaly: {
        findings: [
          'Heart size is increased (cardiothoracic ratio {ratio}).',
          'The cardiac contour is {severity}ly widened.',
        ],
        impression: ['Increased heart size.', 'Heart size increased to {severity} degree.'],
      },
      atelectasis: {
        findings: [
          'A plate-like opacity at the {place} is in keeping with volume loss.',
          'The {place} shows subsegmental volume loss.',
        ],
        impression: ['Subsegmental volume loss, {place}.', 'Plate-like volume loss at the {place}.'],
      },
    },
  },
};

interface Normal {
  readonly unless: readonly LesionKind[];
  readonly texts: readonly string[];
}

const LUNG: readonly LesionKind[] = ['lung-nodule', 'consolidation', 'atelectasis'];

/** Statements for what is normal: left out where a lesion contradicts them. */
export const NORMAL: Readonly<Record<PhraseFamily, Readonly<Record<'ct' | 'xray', readonly Normal[]>>>> = {
  a: {
    ct: [
      {
        unless: LUNG,
        texts: ['The lungs are clear.', 'No pulmonary nodule or consolidation.', 'No focal abnormality of the lungs.'],
      },
      {
        unless: ['effusion', 'pneumothorax'],
        texts: ['No pleural effusion or pneumothorax.', 'There is no pleural effusion.'],
      },
      { unless: ['cardiomegaly'], texts: ['The heart is normal in size.', 'Heart size is normal.'] },
      { unless: [], texts: ['The thoracic aorta is normal in calibre.', 'No aneurysm of the thoracic aorta.'] },
      { unless: [], texts: ['No enlarged mediastinal lymph nodes.', 'There is no mediastinal lymphadenopathy.'] },
      { unless: ['liver-lesion'], texts: ['The liver is normal.', 'No focal lesion of the liver.'] },
      { unless: [], texts: ['The spleen and both kidneys are normal.', 'Spleen and kidneys are unremarkable.'] },
      { unless: [], texts: ['No destructive bone lesion.', 'The bones are normal.'] },
    ],
    xray: [
      { unless: LUNG, texts: ['The lungs are clear.', 'No focal consolidation.', 'Both lungs are clear.'] },
      { unless: ['effusion'], texts: ['No pleural effusion.', 'The costophrenic angles are sharp.'] },
      { unless: ['pneumothorax'], texts: ['No pneumothorax.', 'There is no pneumothorax.'] },
      {
        unless: ['cardiomegaly'],
        texts: ['The heart is normal in size.', 'Heart size is normal.', 'The cardiac silhouette is normal in size.'],
      },
      { unless: [], texts: ['The mediastinal contours are normal.', 'Mediastinal contours are unremarkable.'] },
      { unless: [], texts: ['No acute bony abnormality.', 'The visualised bones are normal.'] },
    ],
  },
  b: {
    ct: [
      { unless: LUNG, texts: ['Lung parenchyma without focal opacity.', 'Normal aeration of both lungs.'] },
      { unless: ['effusion', 'pneumothorax'], texts: ['Pleural spaces are free of fluid and air.'] },
      { unless: ['cardiomegaly'], texts: ['Cardiac dimensions are within normal limits.'] },
      { unless: [], texts: ['Aortic diameter is within normal limits.'] },
      { unless: [], texts: ['Mediastinal nodes are not enlarged by size criteria.'] },
      { unless: ['liver-lesion'], texts: ['Homogeneous hepatic parenchyma without focal lesion.'] },
      { unless: [], texts: ['Splenic and renal appearances are within normal limits.'] },
      { unless: [], texts: ['Osseous structures are intact.'] },
    ],
    xray: [
      { unless: LUNG, texts: ['Normal aeration of both lungs.', 'Lung parenchyma without focal opacity.'] },
      { unless: ['effusion'], texts: ['Pleural spaces are free of fluid.'] },
      { unless: ['pneumothorax'], texts: ['Pleural air is not identified.'] },
      { unless: ['cardiomegaly'], texts: ['Cardiac dimensions are within normal limits.'] },
      { unless: [], texts: ['Central contours of the mediastinum are within normal limits.'] },
      { unless: [], texts: ['Osseous structures are intact.'] },
    ],
  },
};

export const UNREMARKABLE: Readonly<Record<PhraseFamily, Readonly<Record<'ct' | 'xray', readonly string[]>>>> = {
  a: {
    ct: ['Normal CT of the chest and upper abdomen.', 'No significant abnormality.'],
    xray: ['Normal chest radiograph.', 'No acute cardiopulmonary abnormality.'],
  },
  b: { ct: ['Examination within normal limits.'], xray: ['Chest examination within normal limits.'] },
};

export const TECHNIQUE: Readonly<Record<'ct' | 'xray', Readonly<Record<string, string>>>> = {
  ct: {
    contrast: 'CT of the chest and upper abdomen with intravenous contrast medium.',
    plain: 'CT of the chest and upper abdomen without intravenous contrast medium.',
  },
  xray: { PA: 'Posteroanterior chest radiograph, erect.', AP: 'Anteroposterior chest radiograph, erect.' },
};

export const INDICATION: Readonly<Record<'ct' | 'xray', readonly string[]>> = {
  ct: [
    '{age} with cough and weight loss.',
    '{age}, staging examination.',
    '{age} with chest pain.',
    '{age}, follow-up of an abnormal radiograph.',
  ],
  xray: [
    '{age} with cough.',
    '{age} with shortness of breath.',
    '{age} with chest pain.',
    '{age} with fever.',
    '{age}, preoperative examination.',
  ],
};
