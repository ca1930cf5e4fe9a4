/** Sentences without identity, in the words of reports: what must come through unchanged. */
import { existsSync, readFileSync } from 'node:fs';
import { createScrubber } from '../../main/deidentification/index.ts';
import { dicomName, people } from './people.ts';

const SIDES = ['right', 'left', 'bilateral'];
const PLACES = [
  'upper lobe',
  'lower lobe',
  'middle lobe',
  'lingula',
  'apex',
  'costophrenic angle',
  'hilum',
  'adrenal gland',
  'kidney',
  'frontal lobe',
  'occipital white matter',
  'hip',
  'knee',
];
const FINDINGS = [
  'nodule',
  'mass',
  'consolidation',
  'ground-glass opacity',
  'cyst',
  'effusion',
  'fracture',
  'hyperintense focus',
  'calcification',
  'Baker cyst',
  'Hill-Sachs lesion',
  'Bochdalek hernia',
];
const EPONYMS = [
  'Parkinson',
  'Hodgkin',
  'Crohn',
  'Alzheimer',
  'Paget',
  'Huntington',
  'Castleman',
  'Whipple',
  'Behçet',
  'Wilson',
  'Graves',
  'Addison',
  'Cushing',
  'Kawasaki',
  'Takayasu',
  'Sjögren',
  'Gaucher',
];
const SCORES = [
  'Wells score',
  'Bosniak category',
  'Gleason score',
  'Fleischner category',
  'Fazekas grade',
  'Marshall score',
  'Kellgren-Lawrence grade',
  'BI-RADS category',
  'Lung-RADS category',
  'PI-RADS category',
  'Hunt and Hess grade',
];
const MARKS = [
  'Kerley B lines are seen.',
  'Hampton hump is absent.',
  'Westermark sign is not seen.',
  'A Riedel lobe is a normal variant.',
  'Morrison pouch is free.',
  'Kohler disease of the navicular.',
  'Schmorl nodes at L1/L2.',
  'Modic type 1 changes at L4/L5.',
  'Charcot-Marie-Tooth disease is known.',
  'Sister Mary Joseph nodule.',
  'Virchow node is enlarged.',
  'Hounsfield units of 35 HU.',
  'Circle of Willis is patent.',
  'Foramen of Monro is clear.',
  'Sylvian fissure is wide.',
  'Swan-Ganz catheter tip in the right pulmonary artery.',
  'Dobhoff tube below the diaphragm.',
  'Mallory-Weiss tear.',
  'Ewing sarcoma cannot be excluded.',
  'Wilms tumor of the left kidney.',
  'Marfan syndrome with aortic root of 45 mm.',
  'Chiari I malformation, tonsils 6 mm below.',
  'Dandy-Walker malformation.',
  'Monteggia fracture of the forearm.',
  'Bennett fracture of the thumb.',
  'Jones fracture of the fifth metatarsal.',
  'Le Fort II fracture.',
  'Salter-Harris type II fracture.',
  'Meckel diverticulum.',
  'Zenker diverticulum.',
  'Klatskin tumor.',
  'Krukenberg tumor.',
  'Warthin tumor of the parotid.',
  'Pancoast tumor at the apex.',
  'Budd-Chiari syndrome.',
  'Mirizzi syndrome.',
  'Horner syndrome on the right.',
];

const TEMPLATES: readonly ((
  r: (list: readonly string[]) => string,
  n: (from: number, to: number) => number,
) => string)[] = [
  (r, n) => `${n(3, 40)} mm ${r(FINDINGS)} in the ${r(SIDES)} ${r(PLACES)}.`,
  (r, n) =>
    `${r(FINDINGS)} measuring ${n(3, 40)} x ${n(3, 40)} mm, ${r(SIDES)} ${r(PLACES)}, Series ${n(1, 9)}, image ${n(1, 300)}.`.replace(
      /^./u,
      (c) => c.toUpperCase(),
    ),
  (r) => `May represent ${r(FINDINGS)} or scarring in the ${r(SIDES)} ${r(PLACES)}.`,
  (r) => `White matter hyperintensities on T2, compatible with ${r(EPONYMS)} disease.`,
  (r) => `Known ${r(EPONYMS)} disease without progression.`,
  (r) => `${r(EPONYMS)}'s disease, ${r(SIDES)} predominant.`,
  (r, n) => `${r(SCORES)} ${n(1, 5)}.`,
  (r) => r(MARKS),
  (_r, n) => `Disc protrusion at L${n(1, 5)}/S1 and C${n(3, 6)}/7, grade ${n(1, 4)}/4.`,
  (_r, n) => `The cardiothoracic ratio is 0.${n(40, 69)}.`,
  (_r, n) => `Attenuation of ${n(10, 90)} HU, previously ${n(10, 90)} HU.`,
  (r, n) => `No ${r(FINDINGS)} is seen in the ${r(PLACES)} on image ${n(1, 300)} of ${n(300, 600)}.`,
  (_r, n) => `Follow-up CT in ${n(3, 24)} months is recommended by the Fleischner Society guidelines.`,
  (_r, n) => `Technique: ${n(1, 5)} mm slices, ${n(60, 120)} mL of contrast at ${n(2, 5)} mL/s, ${n(80, 140)} kV.`,
  (_r, n) => `${n(40, 89)}-year-old patient with cough for ${n(2, 9)} weeks.`,
  (r) => `Patient is rotated to the ${r(SIDES)}, which limits the view of the ${r(PLACES)}.`,
  (r) => `The ${r(SIDES)} ${r(PLACES)} is clear, and the heart is of normal size.`,
  (r, n) => `Ribs ${n(3, 6)} to ${n(7, 10)} on the ${r(SIDES)} show old fractures.`,
  (r, n) => `${n(1, 4)}. Stable ${r(FINDINGS)}. Grade III/IV.`,
  (_r, n) => `Ejection fraction ${n(30, 65)} %, volume ${n(100, 900)} mL, SUV max ${n(1, 20)}.${n(0, 9)}.`,
  (r) =>
    `The Young adult spine, Long segment and Black dots on DWI are of the ${r(SIDES)} side.`
      .replace('The Young', 'The young')
      .replace('Long', 'long')
      .replace('Black', 'black'),
  (_r, n) => `Breast mass at 10:30 position, ${n(2, 8)} cm from the nipple, BI-RADS ${n(1, 5)}.`,
  (r) => `MR angiography of the circle of Willis; MS plaques in the ${r(PLACES)}.`,
  (r) => `Will need comparison with earlier images; best seen with lung window, ${r(SIDES)} ${r(PLACES)}.`,
];

export const generated = (count: number): string[] => {
  let state = 12_345;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) / 0x800000;
  };
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? '';
  const number = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return Array.from({ length: count }, (_, n) => TEMPLATES[n % TEMPLATES.length]?.(pick, number) ?? '');
};

/** Real sentences where the shared data folder is there; those that its source blanked are left out. */
export const real = (count: number): string[] => {
  const path = new URL('../../../shared/data/reports/iu/reports.jsonl', import.meta.url);
  if (!existsSync(path)) return [];
  const sentences = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const { findings, impression, indication } = JSON.parse(line) as Record<string, string>;
      return [findings, impression, indication].flatMap((text) => (text ?? '').split(/(?<=[.!?])\s+/u));
    })
    .filter((text) => text.trim().length > 3 && !text.includes('XXXX'));
  return [...new Set(sentences)].slice(0, count);
};

/** Knows fifty other patients, many of whose names are words of medicine or of the language. */
const hardestScrubber = (own: string) =>
  createScrubber({
    own: [own, 'Dr. Wendeline Auerswald'],
    other: people(50).map(dicomName),
    values: [{ kind: 'id', value: 'MRN-4711' }],
    otherIds: people(50).map((one) => one.id),
  });

/** What would be changed of sentences that hold no identity, for a patient of this name. */
export const changedOf = (sentences: readonly string[], own: string): string[] => {
  const scrubber = hardestScrubber(own);
  return sentences.flatMap((text) => {
    const made = scrubber.clean(text);
    return made === text.normalize('NFC') ? [] : [`${text} → ${made}`];
  });
};
