/** Institutions, addresses, and ages that are rare enough to tell who it is. */

import { fold } from '../fold.ts';
import { matches, type Span } from '../span.ts';

const CAP = "(?:St\\.|\\p{Lu}[\\p{L}\\p{M}'’.-]*)";
const KINDS = [
  'Hospital',
  'Hospitals',
  'Clinic',
  'Clinics',
  'Medical Center',
  'Medical Centre',
  'Medical Group',
  'Medical School',
  'Health System',
  'Health Center',
  'Health Centre',
  'Health Services',
  'Health Network',
  'Health Trust',
  'Healthcare',
  'Infirmary',
  'Sanatorium',
  'Polyclinic',
  'Poliklinik',
  'Klinik',
  'Klinikum',
  'Krankenhaus',
  'Spital',
  'University',
  'Universität',
  'Université',
  'Universitätsklinikum',
  'Universitätsklinik',
  'Universitätsspital',
  'Institute',
  'Imaging Center',
  'Imaging Centre',
  'Imaging Associates',
  'Imaging Group',
  'Radiology Associates',
  'Radiology Group',
  'Radiology Partners',
  'Diagnostics',
  'Praxis',
  'Hospice',
  'Nursing Home',
  'Hôpital',
  'Hopital',
  'Ospedale',
];
const KIND = [...KINDS, ...KINDS.map((kind) => kind.toUpperCase())]
  .sort((a, b) => b.length - a.length)
  .map((kind) => kind.replaceAll(' ', '\\s+'))
  .join('|');
const NAMED = new RegExp(
  `(?<![\\p{L}\\d])(?:${CAP}[ \\t]+(?:(?:of|and|&|the|de|di|la|del|van|für)[ \\t]+)*){1,5}(?:${KIND})(?![\\p{L}])(?:[ \\t]+(?:of|de|in|am|at)[ \\t]+${CAP}(?:[ \\t]+${CAP}){0,3})?`,
  'gu',
);
const OF = new RegExp(
  `(?<![\\p{L}\\d])(?:Hospital|Clinic|University|Institute|Universit[éà]|H[oô]pital|Ospedale|Clínica|Clinique|Centro Médico|Klinik(?:um)?|Universit(?:ä|ae)tsklinikum|Krankenhaus|Spital|Charité|Policlinico)(?:[ \\t]+(?:of|de|di|del|della|du|für|am|im|St\\.|San|Santa|Saint|Sankt))*[ \\t]+${CAP}(?:[ \\t]+(?:(?:de|di|und|and|of)[ \\t]+)?${CAP}){0,4}`,
  'gu',
);
/** A word before 'Hospital' that names none: 'Outside Hospital', 'This Clinic'. */
const GENERIC = new Set(
  `
  outside referring the this our your a an at in from to local another other same prior previous and or per for
  of no patient pt seen by with on transfer transferred follow up referred urgent emergency orthopedic
  orthopaedic surgery surgical pain breast stroke cancer dental eye fracture outpatient inpatient general
  university community regional teaching county city follow-up followup urology cardiology neurology oncology
  pulmonary pulmonology gastroenterology hematology haematology nephrology rheumatology dermatology ent gyn
  gynecology obstetrics pediatric paediatric vascular thoracic medicine medical health women men heart chest
  lung liver kidney spine memory fall wound travel sleep fertility high-risk
  `
    .trim()
    .split(/\s+/u),
);
const named = (match: RegExpMatchArray): boolean =>
  (match[0].match(/[\p{L}\p{M}'’-]+/gu) ?? [])
    .filter((word) => /^\p{Lu}/u.test(word))
    .filter((word) => !GENERIC.has(fold(word)))
    .some(
      (word) =>
        !/^(?:hospitals?|clinics?|medical|cent(?:er|re)|health|group|school|institute|klinik(?:um)?|imaging|radiology|associates|partners)$/iu.test(
          word,
        ),
    );

const STREET =
  /(?<![\d.,/])\d{1,5}[a-z]?\s+(?:[NSEW]\.?\s+)?(?:\p{Lu}[\p{L}'’.-]*\s+){1,4}(?:Street|Avenue|Road|Lane|Drive|Boulevard|Square|Terrace|Highway|Parkway|Court|Crescent|Close|Gardens|St\.?|Ave\.?|Rd\.?|Ln\.?|Blvd\.?|Dr\.)(?![\p{L}])(?:,?\s+(?:Apt|Suite|Unit|#)\.?\s*[\dA-Z]+)?/gu;
const STREET_DE =
  /(?<![\p{L}])(?:\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|gasse|allee|platz|weg|ring|ufer|damm)|(?:\p{Lu}[\p{L}-]*\s+)(?:Straße|Strasse|Str\.|Gasse|Allee|Platz))\s*\d{1,4}\s?[a-z]?(?![\p{L}\d])/gu;
const RUE =
  /(?<![\p{L}\d])\d{1,4},?\s+(?:rue|avenue|boulevard|place|via|calle)\s+(?:(?:de|du|des|la|le|di|del)\s+)*\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*){0,3}/gu;
const BOX = /\bP\.?\s?O\.?\s?Box\s+\d+/giu;
const STATE =
  'A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]';
const ZIP = new RegExp(
  `(?:\\p{Lu}[\\p{L}'’.-]*\\s?){0,3},?\\s*(?<![\\p{L}])(?:${STATE})\\s+\\d{5}(?:-\\d{4})?(?!\\d)`,
  'gu',
);
const ZIP_SAID =
  /(?<keep>\b(?:zip|zip code|postal code|postcode|post code|PLZ)\s*:?\s*)[A-Z\d][A-Z\d -]{2,9}\d[A-Z\d]*/giu;
const ZIP_DE =
  /(?<![\d.,-])(?:D-|A-|CH-)?\d{4,5}\s+\p{Lu}\p{Ll}{3,}(?:\s+(?:am|an der)\s+\p{Lu}\p{Ll}+)?(?=[.,;)]|$)/gu;
const UK = /(?<keep>(?:,\s*|address[^.]{0,60}\s))[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}(?![\p{L}\d])/gu;
const LIVES = new RegExp(
  `(?<keep>\\b(?:lives? in|living in|resident of|residing in|resides in|born in|native of|transfer(?:red)? from|referred from|flown in from|address:?|hometown:?)\\s+)${CAP}(?:[ \\t]+${CAP}){0,3}`,
  'gu',
);

const OLD = '(?:9\\d|1[0-2]\\d)';
const AGES = [
  new RegExp(
    `(?<![\\d.,/-])${OLD}(?:[\\s-]*(?:years?|yrs?|yo|y)[\\s-]*(?:of[\\s-]age|old|\\/?o)?)(?![\\p{L}\\d])(?!\\s+(?:ago|prior|earlier|later|since|of (?:exposure|follow|smoking)))`,
    'giu',
  ),
  new RegExp(`(?<keep>\\b(?:aged?|age of|age:)\\s*:?\\s*)0?${OLD}(?:Y| years?)?(?![.,]?\\d|\\s*%|\\s+or older)`, 'giu'),
  new RegExp(`(?<![\\d.])0${OLD}Y(?![\\p{L}\\d])`, 'gu'),
  new RegExp(`(?<![\\d.,/-])${OLD}\\s?(?:[FM]|[Ff]emale|[Mm]ale|[Ww]oman|[Mm]an)(?![\\p{L}\\d/])`, 'gu'),
  /(?<![\p{L}])(?:ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one|a) hundred(?:[\s-]and[\s-](?:one|two|three|four|five))?)[\s-]years?[\s-](?:old|of age)/giu,
  /(?<keep>\b(?:his|her|their|the)\s+(?:early |mid[\s-]|late )?)(?:nineties|90['’]?s)\b/giu,
];

export const places = (text: string): Span[] => [
  ...AGES.flatMap((pattern) => matches(text, pattern, 'age')),
  ...matches(text, STREET, 'address'),
  ...matches(text, STREET_DE, 'address'),
  ...matches(text, RUE, 'address'),
  ...matches(text, BOX, 'address'),
  ...matches(text, ZIP, 'address'),
  ...matches(text, ZIP_SAID, 'address'),
  ...matches(text, ZIP_DE, 'address'),
  ...matches(text, UK, 'address'),
  ...matches(text, LIVES, 'address'),
  ...matches(text, NAMED, 'institution', named),
  ...matches(text, OF, 'institution', named),
];
