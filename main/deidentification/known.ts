/** Ids, UIDs and institutions that are known from the study and its headers. */
import { fold } from './fold.ts';
import { type Kind, matches, type Span } from './span.ts';
import { COMMON, EPONYMS } from './words.ts';

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/gu, '\\$&');

/** An id as written and with other separators: MRN-4711, MRN 4711, mrn4711; its long number alone. */
const idPatterns = (id: string): RegExp[] => {
  const parts = id.normalize('NFC').match(/\p{L}+|\d+/gu) ?? [];
  const letters = parts.join('');
  const found: RegExp[] = [];
  const folded = fold(letters);
  if (letters.length >= 4 && (/\d/u.test(letters) || (!COMMON.has(folded) && !EPONYMS.has(folded))))
    found.push(new RegExp(`(?<![\\p{L}\\d])${parts.map(literally).join('[\\s._/:#-]*')}(?![\\p{L}\\d])`, 'giu'));
  // Zeros before a number come and go.
  for (const digits of parts.filter((part) => /^\d{4,}$/u.test(part)))
    found.push(new RegExp(`(?<!\\d)0*${digits.replace(/^0+/u, '') || '0'}(?!\\d|\\.\\d|\\s*(?:mm|cm|HU|mL|ml))`, 'gu'));
  return found;
};

const TRADE: ReadonlySet<string> = new Set(
  'abdomen abdominal angiography cardiology cardiac center centre chest clinic clinical computed department dept diagnostic diagnostics emergency general hospital icu imaging intensive interventional inpatient institute laboratory medical medicine mri neurology neuroradiology nuclear oncology orthopedics outpatient pediatric pediatrics radiography radiologie radiology room scanner service services surgery surgical thoracic thorax tomography trauma ultrasound unit unknown university urology ward xray'.split(
    ' ',
  ),
);

/** The institution's whole name in any case, with any spaces. */
const phrasePattern = (phrase: string): RegExp | null => {
  const words = phrase.normalize('NFC').match(/[\p{L}\p{M}\d]+/gu) ?? [];
  const letters = words.join('');
  // 'Radiology', 'Chest Clinic': a department's name that is only words of the trade.
  if (
    words.every(
      (word) => /^\d+$/u.test(word) || TRADE.has(fold(word)) || COMMON.has(fold(word)) || EPONYMS.has(fold(word)),
    )
  )
    return null;
  if (letters.length < 4 || (words.length === 1 && (COMMON.has(fold(letters)) || EPONYMS.has(fold(letters)))))
    return null;
  return new RegExp(`(?<![\\p{L}\\d])${words.map(literally).join("[\\s.,'’&^_/-]*")}(?![\\p{L}\\d])`, 'giu');
};

export interface KnownValue {
  readonly kind: Exclude<Kind, 'name'>;
  readonly value: string;
}
export type KnownIndex = readonly { readonly kind: Kind; readonly pattern: RegExp }[];

export const indexValues = (values: readonly KnownValue[]): KnownIndex => {
  const seen = new Set<string>();
  return values.flatMap(({ kind, value }): KnownIndex => {
    const key = `${kind}:${value}`;
    if (!value.trim() || seen.has(key)) return [];
    seen.add(key);
    if (kind === 'institution' || kind === 'address') {
      const pattern = phrasePattern(value);
      return pattern ? [{ kind, pattern }] : [];
    }
    if (kind === 'uid') return [{ kind, pattern: new RegExp(`(?<![\\d.])${literally(value)}(?!\\d)`, 'gu') }];
    return idPatterns(value).map((pattern) => ({ kind, pattern }));
  });
};

/** Ids of the rest of the store, too many for an expression each: looked up token by token, without separators. */
export const indexIds = (ids: readonly string[]): ReadonlySet<string> =>
  new Set(ids.map((id) => fold(id).replace(/[^\p{L}\d]/gu, '')).filter((id) => id.length >= 5 && /\d/u.test(id)));

export const knownIds = (text: string, index: ReadonlySet<string>): Span[] =>
  index.size === 0
    ? []
    : matches(text, /[\p{L}\d]+(?:[._/:#-][\p{L}\d]+)*/gu, 'id', (match) =>
        index.has(fold(match[0]).replace(/[^\p{L}\d]/gu, '')),
      );

export const knownValues = (text: string, index: KnownIndex): Span[] =>
  index.flatMap(({ kind, pattern }) => matches(text, pattern, kind));
