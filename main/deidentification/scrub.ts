/** Identity taken out of free text, in an order in which the surest patterns name what they found. */

import { fold } from './fold.ts';
import { indexIds, indexValues, type KnownIndex, type KnownValue, knownIds, knownValues } from './known.ts';
import { indexNames, type KnownNames, type NameIndex, names } from './names.ts';
import { dates } from './patterns/dates.ts';
import { numbers } from './patterns/numbers.ts';
import { places } from './patterns/places.ts';
import { type Kind, merged, type Span } from './span.ts';

export interface Identities extends KnownNames {
  readonly values: readonly KnownValue[];
  /** Of the rest of the store. */
  readonly otherIds: readonly string[];
}

const SHOWN: Readonly<Record<Kind, string>> = {
  name: '[name]',
  date: '[date]',
  time: '[time]',
  // HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): ages over 89 are one group.
  age: '90 or older',
  id: '[id]',
  uid: '[uid]',
  phone: '[phone]',
  mail: '[mail]',
  url: '[url]',
  institution: '[institution]',
  address: '[address]',
};

/** The stop of a sentence is not part of what was found; those of 'J.' and 'p.m.' are. */
const pointsAtEnd = (found: string, kind: Kind): number =>
  kind === 'name' || kind === 'time' ? 0 : (/[.,;:]+$/u.exec(found)?.[0].length ?? 0);

export interface Scrubber {
  /** The text without identity; counted where a count is given. */
  clean(text: string, replaced?: Map<Kind, number>): string;
  /** True where something that is known of this study stands in the text: the last look at what is to be written. */
  holdsKnown(text: string): boolean;
}

export const createScrubber = (identities: Identities): Scrubber => {
  const nameIndex: NameIndex = indexNames(identities);
  const valueIndex: KnownIndex = indexValues(identities.values);
  const idIndex = indexIds(identities.otherIds);
  const find = (text: string): Span[] =>
    merged([
      ...knownValues(text, valueIndex),
      ...knownIds(text, idIndex),
      ...numbers(text).filter((span) => span.kind === 'mail' || span.kind === 'url' || span.kind === 'uid'),
      ...dates(text),
      ...places(text),
      ...numbers(text).filter((span) => span.kind !== 'mail' && span.kind !== 'url' && span.kind !== 'uid'),
      ...names(text, nameIndex),
    ]);
  const sure = new Set([...nameIndex.words].filter(([, known]) => known.own && !known.weak).map(([word]) => word));
  const once = (text: string, replaced?: Map<Kind, number>): string => {
    let made = '';
    let at = 0;
    for (const span of find(text)) {
      made += text.slice(at, span.start) + SHOWN[span.kind];
      at = span.end - pointsAtEnd(text.slice(span.start, span.end), span.kind);
      replaced?.set(span.kind, (replaced.get(span.kind) ?? 0) + 1);
    }
    return made + text.slice(at);
  };
  return {
    clean: (text, replaced) => {
      // What stood beside a found name may be recognised only after it is gone; two rounds settle it.
      const first = once(text.normalize('NFC'), replaced);
      return first === text ? first : once(first, replaced);
    },
    holdsKnown: (text) =>
      knownValues(text, valueIndex).length > 0 ||
      (text.match(/[\p{L}\p{M}]+/gu) ?? []).some((word) => word.length >= 4 && sure.has(fold(word))) ||
      nameIndex.strings.some((known) => text.includes(known)),
  };
};
