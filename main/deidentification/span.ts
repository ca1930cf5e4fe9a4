export type Kind =
  | 'name'
  | 'date'
  | 'time'
  | 'age'
  | 'id'
  | 'uid'
  | 'phone'
  | 'mail'
  | 'url'
  | 'institution'
  | 'address';

/** Half-open, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
}

/** Spans that overlap become one of the first's kind, so that no part of either is left. spans: the surest first. */
export const merged = (spans: readonly Span[]): Span[] => {
  const taken: Span[] = [];
  for (const span of spans) {
    const touching = taken.filter((one) => one.start < span.end && span.start < one.end);
    const [first] = touching;
    if (!first) {
      taken.push(span);
      continue;
    }
    for (const one of touching) taken.splice(taken.indexOf(one), 1);
    taken.push({
      start: Math.min(span.start, ...touching.map((one) => one.start)),
      end: Math.max(span.end, ...touching.map((one) => one.end)),
      kind: first.kind,
    });
  }
  return taken.sort((a, b) => a.start - b.start);
};

/** All matches of a global expression; group 'keep' at the start (a label) is left standing. */
export const matches = (
  text: string,
  pattern: RegExp,
  kind: Kind,
  accept?: (match: RegExpMatchArray) => boolean,
): Span[] =>
  [...text.matchAll(pattern)]
    .filter((match) => match[0].length > 0 && (accept?.(match) ?? true))
    .map((match) => ({
      start: match.index + (match.groups?.keep?.length ?? 0),
      end: match.index + match[0].length,
      kind,
    }));
