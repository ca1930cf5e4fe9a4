/** The words by which a report names a finding. Ours, from the language of the field; counted from no reports. */

export const FINDINGS = [
  'cardiomegaly',
  'mediastinum',
  'opacity',
  'infiltrate',
  'consolidation',
  'pneumonia',
  'edema',
  'congestion',
  'atelectasis',
  'lung-nodule',
  'lung-mass',
  'pneumothorax',
  'effusion',
  'pleural-thickening',
  'emphysema',
  'hyperinflation',
  'fibrosis',
  'hernia',
  'fracture',
  'device',
  'granuloma',
  'liver-lesion',
] as const;
export type FindingKey = (typeof FINDINGS)[number];

/** A finding that is there because it is named. Of words that overlap the longest counts. */
const NAMES: readonly (readonly [keys: readonly FindingKey[], words: string])[] = [
  [['cardiomegaly'], 'cardiomegaly|(?:cardiac|heart) enlargement|cardiac (?:silhouette )?enlargement'],
  [['cardiomegaly'], 'enlarge(?:d|ment of)(?: the)? (?:heart|cardiac (?:silhouette|shadow|size|contour))'],
  [
    ['mediastinum'],
    '(?:wid(?:ening|ened)|enlarge(?:d|ment))(?: of)?(?: the)?(?: superior| upper)? (?:cardio)?mediastin\\w+',
  ],
  [['mediastinum'], 'mediastinal (?:widening|enlargement)'],
  [['opacity'], 'opaci(?:ty|ties)|opacifi\\w+|air-? ?space disease|haze|haziness|hazy'],
  [['opacity'], '(?<!bone |soft.tissue |mineral |calcific )densit(?:y|ies)'],
  [['infiltrate'], 'infiltrat(?:e|es|ion|ions)'],
  [['consolidation'], 'consolidat\\w+'],
  [['pneumonia'], '(?:broncho)?pneumonias?|infecti(?:on|ous (?:process|infiltrate|disease))|pneumonitis'],
  [['edema'], 'o?edema|(?:congestive )?(?:heart|cardiac) failure|chf'],
  [
    ['congestion'],
    '(?:(?:pulmonary|central|mild) )?(?:vascular|venous) (?:congestion|engorgement|prominence|redistribution)',
  ],
  [['congestion'], 'congestion|cephali[sz]ation'],
  [['atelectasis'], 'atelecta\\w+|(?<!vertebral |tracheal )collapsed?|volume loss|loss of volume'],
  [['lung-nodule'], 'nodul(?:es?|arity|ar (?:densit(?:y|ies)|opacit(?:y|ies)|lesions?|shadows?))|coin lesion'],
  [['lung-mass'], 'mass(?! effect)(?:es)?(?: lesions?)?|neoplasms?|tumou?rs?|malignan(?:cy|cies)'],
  [['pneumothorax', 'effusion'], 'hydropneumothora(?:x|ces)'],
  [['pneumothorax'], 'pneumothora(?:x|ces)'],
  [['effusion'], '(?<!pericardial )(?:pleural )?effusions?|(?:pleural|fissural|trace) fluid|hydrothorax'],
  [
    ['pleural-thickening'],
    '(?:pleural|apical|pleural[- ]parenchymal|pleuroparenchymal)(?: (?:and|or) \\w+)? (?:thickening|plaques?|scar(?:s|ring)?|calcifications?)',
  ],
  [['pleural-thickening'], 'fibrothorax'],
  [
    ['emphysema'],
    '(?<!subcutaneous )emphysema(?:tous)?(?: (?:changes?|disease))?|copd|chronic obstructive (?:pulmonary|lung|airways?) disease|bull(?:a|ae|ous)',
  ],
  [['hyperinflation'], 'hyper-?inflat\\w+|hyper-?expan\\w+|hyper-?aerat\\w+|over-?inflat\\w+|hyper-?lucen\\w+'],
  [['fibrosis'], 'fibro(?:sis|tic)(?: changes?)?|scar(?:s|ring)?'],
  [['hernia'], '(?:hiatal|hiatus|diaphragmatic|paraesophageal) hernias?'],
  [['fracture'], 'fractures?|fractured|(?:compression|wedge)(?: \\w+)? deformit(?:y|ies)'],
  [
    ['device'],
    '(?:endotracheal|chest|nasogastric|enteric|feeding|orogastric|tracheostomy|thoracostomy|drainage|ng|et) tubes?|tracheostomy|lines and tubes|tubes? (?:and|or) lines?',
  ],
  [
    ['device'],
    '(?:central(?: venous)?|subclavian|(?:internal )?jugular|ij|picc|venous|arterial|support)(?: central)? (?:lines?|catheters?)|catheters?|picc|port-?a-?cath|medi-?ports?|(?:chest |infusion )?ports?|(?:support|monitoring) devices?',
  ],
  [
    ['device'],
    'pacemakers?|pacer|defibrillator|a?icd|stimulators?|(?:pacer|pacemaker|pacing) leads?|(?:sternotomy|sternal) wires?|(?:surgical )?clips?|sutures?|staples|prosthetic (?:\\w+ )?valves?|(?:valve|valvular) (?:prosthesis|replacement)|stents?|(?:(?:orthopa?edic|fusion|surgical|fixation) )?hardware',
  ],
  [['granuloma'], 'granuloma(?:s|ta|tous(?: (?:disease|changes?|calcifications?))?)?'],
  [
    ['liver-lesion'],
    '(?:liver|hepatic)(?: focal)? (?:lesions?|mass(?:es)?|metastas[ei]s|cysts?|nodules?|hypodensit(?:y|ies))',
  ],
  [
    ['liver-lesion'],
    '(?:hypo-?dense |focal )?(?:lesions?|mass|hypodensity|cyst)(?: of [\\d. x]+(?:mm|cm))? (?:in|of) (?:the )?(?:(?:right|left) (?:hepatic )?lobe of the )?liver',
  ],
];
// lesions told after the organ: 'the liver shows no focal lesion'
const IN_LIVER =
  '(?<=\\b(?:liver|hepatic)\\b[^.;]{0,40})(?:focal )?(?:lesions?|mass(?:es)?|cysts?|hypodensit(?:y|ies))';

export interface Named {
  readonly keys: readonly FindingKey[];
  readonly words: RegExp;
}
export const NAMED: readonly Named[] = [...NAMES, [['liver-lesion'], IN_LIVER] as const].map(([keys, words]) => ({
  keys,
  words: new RegExp(`\\b(?:${words})\\b`, 'gi'),
}));

const NORMAL =
  'normal(?:ly)?|unremarkable|within (?:the )?(?:normal|upper) limits|upper limits? of normal|not (?:\\w+ )?(?:enlarged|widened|increased|prominent)|without enlargement';
const LARGE = 'enlarged|large|increased|prominent|big|widened|wide|engorged|cephali[sz]ed';

/** A part whose state says whether a finding is there: 'the heart is not enlarged'. */
export interface Part {
  readonly keys: readonly FindingKey[];
  readonly part: RegExp;
  readonly absent: RegExp;
  readonly present: RegExp;
  /** The present state is only a hint. */
  readonly doubtful: boolean;
}
const part = (keys: readonly FindingKey[], words: string, absent: string, present: string, doubtful = false): Part => ({
  keys,
  part: new RegExp(`\\b(?:${words})\\b`, 'gi'),
  absent: new RegExp(`\\b(?:${absent})\\b`, 'i'),
  present: new RegExp(`\\b(?:${present})\\b`, 'i'),
  doubtful,
});

export const PARTS: readonly Part[] = [
  part(
    ['cardiomegaly'],
    'heart(?: size)?|cardiac (?:silhouette|size|shadow|contour)s?|(?:size of the )cardiac silhouette',
    `${NORMAL}|top[- ]normal|upper normal`,
    `${LARGE}|borderline`,
  ),
  part(
    ['mediastinum'],
    '(?:cardio-?)?mediastin(?:um|al (?:silhouettes?|contours?|shadow|structures|width))',
    `${NORMAL}|clear`,
    'enlarged|widened|wide|prominent',
  ),
  part(
    ['effusion'],
    'costophrenic (?:angles?|sulc(?:i|us)|recess(?:es)?)',
    'sharp|clear|normal|preserved|not blunted',
    'blunt(?:ed|ing)',
    true,
  ),
  part(['effusion', 'pneumothorax'], 'pleural spaces?|pleura', 'clear|normal|unremarkable', 'never said of it'),
  part(
    ['congestion'],
    '(?:pulmonary )?(?:vasculature|vascularity|vascular markings|vessels)',
    `${NORMAL}|clear`,
    LARGE,
  ),
  part(
    ['fracture'],
    'bones?|osseous structures|bony (?:thorax|structures|skeleton)|skeletal structures|ribs',
    'intact|unremarkable|normal',
    'broken',
  ),
  part(['hyperinflation'], 'lungs?', '(?:normally|well) (?:inflated|expanded|aerated)', 'never said of it'),
];
