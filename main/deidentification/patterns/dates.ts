/** Dates and times of day in the forms that reports use. A bare year counts where a preposition or an examination says it is one. */
import { matches, type Span } from '../span.ts';

const MONTHS_EN = [
  'Jan(?:uary|\\.)?',
  'Feb(?:ruary|\\.)?',
  'Mar(?:ch|\\.)?',
  'Apr(?:il|\\.)?',
  'May',
  'June?\\.?',
  'July?\\.?',
  'Aug(?:ust|\\.)?',
  'Sept?(?:ember|\\.)?',
  'Oct(?:ober|\\.)?',
  'Nov(?:ember|\\.)?',
  'Dec(?:ember|\\.)?',
];
const MONTHS_OTHER = [
  'Januar',
  'Jänner',
  'Februar',
  'März',
  'Mai',
  'Juni',
  'Juli',
  'Oktober',
  'Dezember',
  'Okt\\.?',
  'Dez\\.?',
  'janvier',
  'février',
  'mars',
  'avril',
  'juin',
  'juillet',
  'août',
  'septembre',
  'octobre',
  'novembre',
  'décembre',
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
  'gennaio',
  'febbraio',
  'aprile',
  'maggio',
  'giugno',
  'luglio',
  'settembre',
  'ottobre',
  'dicembre',
];
const MONTH = `(?:${[...MONTHS_EN, ...MONTHS_OTHER].join('|')})`;
/** Months that are no other word. */
const SURE_MONTH =
  '(?:January|February|April|June|July|August|September|October|November|December|JANUARY|FEBRUARY|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER)';
const DAY = '(?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?\\.?';
const YEAR = "(?:19|20)\\d{2}|['’]\\d{2}";
const UNIT = '(?!\\s*(?:[xX×]\\s*\\d|mm|cm|mL|ml|cc|HU|kg|%|mSv|mGy|years?|yrs?|weeks?|days?|months?))';
const LONE = '(?<![\\p{L}\\d./-])';
const END = '(?![\\p{L}\\d])';
const WEEKDAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const CLOCK = '(?:[01]?\\d|2[0-3])[:.][0-5]\\d(?:[:.][0-5]\\d(?:\\.\\d+)?)?';

const regex = (source: string, flags = 'giu'): RegExp => new RegExp(source, flags);

const plausible = (parts: readonly string[]): boolean => {
  const numbers = parts.map(Number);
  const [a = 0, b = 0] = numbers;
  return a >= 1 && b >= 1 && Math.min(a, b) <= 12 && Math.max(a, b) <= 31;
};

const ISO = regex(
  `${LONE}(?:19|20)\\d{2}\\s?[-/._]\\s?(?:0?[1-9]|1[0-2])\\s?[-/._]\\s?(?:0?[1-9]|[12]\\d|3[01])(?:[T_ ]${CLOCK}(?:Z|[+-]\\d{2}:?\\d{2})?)?(?!\\d)`,
);
const NUMERIC = regex(
  `${LONE}(\\d{1,2})\\s?([./_-])\\s?(\\d{1,2})\\s?\\2\\s?((?:19|20)\\d{2}|\\d{2})(?![\\d]|[./-]\\d)${UNIT}`,
);
const COMPACT = regex(
  '(?<![\\d.])(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?:[0-5]\\d){0,3}(?![\\d])(?!\\.\\d)',
);
const MONTH_FIRST = regex(`(?<![\\p{L}\\d])${MONTH}[\\s._-]*(?:the\\s)?${DAY}(?:[\\s,._-]+(?:${YEAR}))?${END}${UNIT}`);
const DAY_FIRST = regex(
  `(?<![\\p{L}\\d./])${DAY}[\\s._-]*(?:of\\s|de\\s)?${MONTH}(?:[\\s,._-]*(?:de\\s)?(?:${YEAR}|\\d{2}(?![\\d.])))?${END}`,
);
const MONTH_YEAR = regex(`(?<![\\p{L}\\d])${MONTH}[\\s,./_-]*(?:of\\s|de\\s)?(?:${YEAR})${END}${UNIT}`);
const NUMBER_MONTH_YEAR = regex(`${LONE}(?:0?[1-9]|1[0-2])[/.-](?:19|20)\\d{2}${END}`);
const YEAR_MONTH = regex(`${LONE}(?:19|20)\\d{2}-(?:0[1-9]|1[0-2])${END}(?!-\\d)`);
const IN_MONTH = regex(
  `(?<keep>(?<![\\p{L}])(?:[Ii]n|[Ss]ince|[Ll]ast|[Tt]his|[Ee]arly|[Ll]ate|[Mm]id|[Uu]ntil|[Ff]rom|IN|SINCE|LAST)[\\s-]+)(?:${SURE_MONTH}|March|Sept?\\.?|Oct\\.|Nov\\.|Dec\\.|Jan\\.|Feb\\.|Aug\\.|MARCH|May(?=[\\s]*[.,;)]|$))${END}`,
  'gu',
);
const MONTH_ALONE = regex(`(?<![\\p{L}])${SURE_MONTH}${END}`, 'gu');
const ON_DAY = regex(
  `(?<keep>(?<![\\p{L}])(?:on|dated|date|since|until|till|exam|study|scheduled for)\\s*:?\\s+(?:the\\s)?)(\\d{1,2})([/.])(\\d{1,2})\\.?(?![\\d/.]|\\s*(?:images?|slices?|views?|ribs?|mm|cm|scale|points?|of\\b))`,
);
const YEAR_SAID = regex(
  `(?<keep>(?<![\\p{L}])(?:in|since|from|until|before|after|during|circa|year|spring|summer|autumn|fall|winter|early|late|mid|born|dob|Q[1-4]|dated|of|ca\\.?|seit|anno|im Jahr|en)[\\s-]+(?:the year\\s|early\\s|late\\s|mid[\\s-])?\\(?)(?:19[2-9]\\d|20[0-4]\\d|['’]\\d{2})${END}(?![.,]\\d)${UNIT}`,
);
const YEAR_OF = regex(
  `(?<![\\p{L}\\d.,])(?:19[2-9]\\d|20[0-4]\\d)(?=\\s+(?:study|exam|examination|ct|mri?|pet|x-?ray|radiographs?|film|scan|comparison|ultrasound|mammogram|report|surgery|resection)\\b)`,
);
const YEAR_BRACKETED = regex('(?<=[([])(?:19[2-9]\\d|20[0-4]\\d)(?=[)\\]])');
const WEEKDAYS = regex(`(?<![\\p{L}])${WEEKDAY}s?(?:[\\s,]+(?:the\\s)?${DAY}(?!\\p{L}))?${END}`);
const WEEKDAY_SHORT = regex(
  `(?<![\\p{L}])(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)[.,]\\s+(?=\\d|${MONTH})`,
  'gu',
);
const WEEKDAY_OTHER = regex(
  '(?<![\\p{L}])(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?![\\p{L}])',
);

const HOURS = regex(
  `(?<![\\d.:\\p{L}])(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?(?:\\s*[ap]\\.?m\\.?(?![\\p{L}]))?(?!\\d|\\s*(?:position|o['’]?\\s?clock|axis|radian))(?:\\s*(?:Uhr|hrs?|hours|UTC|GMT|[ECMP][SD]T)(?![\\p{L}]))?`,
);
const HALF_DAY = regex('(?<![\\d.:\\p{L}])(?:1[0-2]|0?[1-9])(?:[:.][0-5]\\d)?\\s*(?:[ap]\\.m\\.|[ap]m)(?![\\p{L}])');
const MILITARY = regex('(?<![\\d.:\\p{L}])(?:[01]\\d|2[0-3])[0-5]\\d\\s*(?:hrs?|hours|h|Uhr)(?![\\p{L}])');
const GERMAN_CLOCK = regex('(?<![\\d.:\\p{L}])(?:[01]?\\d|2[0-3])[.:][0-5]\\d\\s*Uhr(?![\\p{L}])');
const DICOM_TIME = regex('(?<![\\d.\\p{L}])(?:[01]\\d|2[0-3])[0-5]\\d[0-5]\\d\\.\\d{1,6}(?!\\d)');

/** 'May' and 'Mar' begin sentences and words of other meaning: a month only in capitals' form. */
const capital = (match: RegExpMatchArray): boolean => {
  const word = /\p{L}{3,}/u.exec(match[0].slice(match.groups?.keep?.length ?? 0))?.[0] ?? '';
  const fixed = /^(?:may|mar|march|mai|mars|dec|sep|jan|jun|mayo|august|avril)$/iu.test(word);
  return !fixed || /^\p{Lu}/u.test(word);
};

export const dates = (text: string): Span[] => [
  ...matches(text, ISO, 'date'),
  ...matches(text, NUMERIC, 'date', (match) => plausible([match[1] ?? '', match[3] ?? ''])),
  ...matches(text, COMPACT, 'date'),
  ...matches(text, DAY_FIRST, 'date', capital),
  ...matches(text, MONTH_FIRST, 'date', capital),
  ...matches(text, MONTH_YEAR, 'date', capital),
  ...matches(text, NUMBER_MONTH_YEAR, 'date'),
  ...matches(text, YEAR_MONTH, 'date'),
  ...matches(text, IN_MONTH, 'date'),
  ...matches(text, MONTH_ALONE, 'date'),
  ...matches(text, ON_DAY, 'date', (match) => plausible([match[2] ?? '', match[4] ?? ''])),
  ...matches(text, YEAR_SAID, 'date'),
  ...matches(text, YEAR_OF, 'date'),
  ...matches(text, YEAR_BRACKETED, 'date'),
  ...matches(text, WEEKDAYS, 'date'),
  ...matches(text, WEEKDAY_SHORT, 'date'),
  ...matches(text, WEEKDAY_OTHER, 'date'),
  ...matches(text, GERMAN_CLOCK, 'time'),
  ...matches(text, HOURS, 'time'),
  ...matches(text, HALF_DAY, 'time'),
  ...matches(text, MILITARY, 'time'),
  ...matches(text, DICOM_TIME, 'time'),
];
