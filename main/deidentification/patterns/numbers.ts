/** Numbers and addresses of the wire: ids, UIDs, telephones, mail, web. */
import { matches, type Span } from '../span.ts';

const MAIL = /[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+/giu;
const URL_ =
  /\b(?:https?|ftp|dicom|file):\/\/[^\s<>"')\]]+|\bwww\.[^\s<>"')\]]+|\b[a-z\d-]+(?:\.[a-z\d-]+)*\.(?:com|org|net|edu|gov|int|de|at|ch|uk|fr|it|es|nl|be|eu|info|health|hospital|clinic|io)(?:\/[^\s<>"')\]]*)?(?![\p{L}\d])/giu;
/** Windows, UNC and home paths carry users' names. */
const PATHS = /\b[A-Za-z]:\\[^\s"'<>|]+|\\\\[^\s"'<>|]+|(?<![\w/])\/(?:home|Users|mnt|media|srv|data)\/[^\s"'<>]+/gu;
const UID = /(?<![\d.])[0-2](?:\.(?:0|[1-9]\d*)){4,}(?![\d])/gu;
const IP = /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]\d)(?![\d.])/gu;
const UUID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/giu;

const CALLED =
  '(?:tel(?:ephone|efon)?|phone|mobile|cell phone|handy|fax|pager|beeper|ext(?:ension)?|call(?:ed)? (?:back )?(?:at|on)|reached at|contact)';
const CALLED_NUMBER = new RegExp(
  `(?<keep>(?<![\\p{L}])${CALLED}\\.?\\s*(?:no\\.?|number|#)?\\s*[:.]?\\s*)\\+?\\(?\\d[\\d\\s().\\/-]{1,18}\\d`,
  'giu',
);
const INTERNATIONAL = /(?<![\d\p{L}])(?:\+|00)[1-9]\d{0,2}[\s./-]?\(?\d{1,5}\)?(?:[\s./-]?\d{2,5}){1,4}(?!\d)/gu;
const BRACKETED = /(?<![\d\p{L}])(?:\+?1[\s.-]?)?\(\d{2,5}\)[\s.-]?\d{3,4}[\s.-]?\d{3,5}(?!\d)/gu;
const AMERICAN = /(?<![\d.\p{L}-])(?:1[\s.-])?\d{3}([-.\s])\d{3}\1\d{4}(?![\d])/gu;
const EUROPEAN = /(?<![\d.\p{L}-])0\d{2,4}[\s/-]\d{3,8}(?:[\s-]\d{1,5})?(?![\d.])/gu;

const LABEL =
  '(?:MRN|MR\\s?#|M\\.R\\.N\\.|med(?:ical)?\\.? rec(?:ord)?\\.?|patient(?:en)?[\\s-]?(?:id|nr|no|number|identifier)|pat\\.?[\\s-]?(?:id|nr)|pid|ID|identifier|accession|acc|case|order|visit|encounter|account|acct|admission|episode|fall|study[\\s-]?id|exam[\\s-]?id|requisition|req|specimen|serial|s\\/n|policy|insurance|member|licen[cs]e|passport|NHS|SSN|social security|chart|file|folder|station|device)';
const LABELLED = new RegExp(
  `(?<keep>(?<![\\p{L}\\d])${LABEL}(?:[\\s-]?(?:number|num|no|nr|nummer|id))?\\.?\\s*(?:[:#=]|is|was)?\\s*#?\\s*)(?=[A-Za-z\\d_./-]*\\d)[A-Za-z\\d](?:[A-Za-z\\d_./-]*[A-Za-z\\d])?(?!\\s*(?:mm|cm|mL))`,
  'giu',
);
const HASHED = /(?<![\p{L}\d])#\s?[A-Z]{0,4}-?\d{4,}(?!\d)/giu;
const SOCIAL = /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/gu;
const LONG_RUN = /(?<![\d.,\p{L}])\d{6,}(?![\d]|[.,]\d|\s*(?:mm|cm|mL|ml|HU|Hz|counts?|Bq|MBq|cells?|copies))/gu;
const CODE = /(?<![\p{L}\d])[A-Z]{1,6}[-_ ]?\d{5,}[A-Z\d-]*(?![\p{L}])/gu;
const MIXED = /(?<![\p{L}\d])(?=[A-Z\d-]*\d{2})(?=[A-Z\d-]*[A-Z])[A-Z\d]{2,6}(?:-[A-Z\d]{2,8}){2,}(?![\p{L}\d])/gu;

/** Words after which a short number is a count and not an id: 'case 2', 'file 3', 'order 1'. */
const longEnough = (match: RegExpMatchArray): boolean => {
  const value = match[0].slice(match.groups?.keep?.length ?? 0);
  const strong = /[:#=]|\bMRN|\bSSN|number|\bpatient|identifier|accession/iu.test(match.groups?.keep ?? '');
  const digits = value.replace(/\D/gu, '').length;
  return strong ? digits >= 1 && value.length >= 2 : digits >= 3 && value.length >= 4;
};
const enoughDigits = (match: RegExpMatchArray): boolean =>
  match[0].slice(match.groups?.keep?.length ?? 0).replace(/\D/gu, '').length >= 3;

export const numbers = (text: string): Span[] => [
  ...matches(text, MAIL, 'mail'),
  ...matches(text, URL_, 'url'),
  ...matches(text, PATHS, 'url'),
  ...matches(text, UID, 'uid', (match) => match[0].length >= 10),
  ...matches(text, UUID, 'uid'),
  ...matches(text, IP, 'url'),
  ...matches(text, SOCIAL, 'id'),
  ...matches(text, CALLED_NUMBER, 'phone', enoughDigits),
  ...matches(text, INTERNATIONAL, 'phone', (match) => match[0].replace(/\D/gu, '').length >= 8),
  ...matches(text, BRACKETED, 'phone'),
  ...matches(text, AMERICAN, 'phone'),
  ...matches(text, EUROPEAN, 'phone'),
  ...matches(text, LABELLED, 'id', longEnough),
  ...matches(text, HASHED, 'id'),
  ...matches(text, MIXED, 'id'),
  ...matches(text, CODE, 'id'),
  ...matches(text, LONG_RUN, 'id'),
];
