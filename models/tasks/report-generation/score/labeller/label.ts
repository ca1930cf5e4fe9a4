/**
 * What a report says of each finding: there, not there or in doubt, on which side, how much. Rules over clauses, after
 * the ideas of NegEx (Chapman 2001) and CheXpert's labeller (Irvin 2019); nothing is learned from reports.
 */
import { sentencesOf } from '../../../../kit/text/mentions.ts';
import { type FindingKey, NAMED, PARTS } from './terms.ts';
import {
  blank,
  DENIED_AFTER,
  DENIED_BEFORE,
  DOUBTED_AFTER,
  DOUBTED_BEFORE,
  HEADED_NOT_NOW,
  NOT_A_DENIAL,
  NOT_NOW,
  type Severity,
  type Side,
  severityOf,
  sideOf,
  TURN,
  withoutOtherSides,
} from './words.ts';

export type Status = 'present' | 'absent' | 'uncertain';

export interface Said {
  readonly key: FindingKey;
  readonly status: Status;
  readonly side: Side | null;
  readonly severity: Severity | null;
  readonly sentence: string;
}

interface Place {
  readonly keys: readonly FindingKey[];
  readonly from: number;
  readonly to: number;
  /** Decided by the state of a part; null where negation and doubt around the name decide. */
  readonly status: Status | null;
}

/** Findings that have no side of their own and lend none. */
const SIDELESS: ReadonlySet<FindingKey> = new Set([
  'cardiomegaly',
  'mediastinum',
  'congestion',
  'hyperinflation',
  'hernia',
  'liver-lesion',
]);

const placesIn = (clause: string): Place[] => {
  const named = NAMED.flatMap(({ keys, words }) =>
    [...clause.matchAll(words)].map((match): Place => {
      return { keys, from: match.index, to: match.index + match[0].length, status: null };
    }),
  );
  const parts = PARTS.flatMap(({ keys, part, absent, present, doubtful }) =>
    [...clause.matchAll(part)].flatMap((match): Place[] => {
      const [from, end] = [match.index, match.index + match[0].length];
      const after = clause.slice(end, end + 70);
      const before = clause.slice(Math.max(0, from - 40), from);
      const normal = absent.exec(after) ?? absent.exec(before);
      const large = present.exec(after) ?? present.exec(before);
      if (!normal && !large) return [];
      const isNormal = normal !== null && (large === null || normal.index <= large.index || / not /.test(normal[0]));
      if (isNormal) return [{ keys, from, to: end, status: 'absent' }];
      const between = after.slice(0, present.exec(after)?.index ?? 0);
      if (/\b(?:no longer|not)\b/i.test(between)) return [{ keys, from, to: end, status: 'absent' }];
      const doubt = doubtful || DOUBTED_BEFORE.test(between);
      return [{ keys, from, to: end, status: doubt && !/\b(?:no|not|without)\b/i.test(before) ? 'uncertain' : null }];
    }),
  );
  const all = [...named, ...parts].sort((a, b) => a.from - b.from || b.to - a.to);
  return all.filter(
    (one, n) => !all.slice(0, n).some((other) => other.to > one.from && other.to - other.from >= one.to - one.from),
  );
};

/** A list goes on: its members share what is said before the first and after the last. */
const LIST =
  /^(?:\s*(?:,|and|or|nor|&|\/|and\/or|acute|focal|pleural|pulmonary|new|a|an|the|any|evidence|of|large|small|suspicious|adjacent|lobar|frank|overt|left|right|bilateral|basal|basilar))*\s*$/i;

const isDenied = (before: string, after: string): boolean => DENIED_BEFORE.test(before) || DENIED_AFTER.test(after);

/** Status by the words around a name. before: the clause up to it; after: on from it, list members skipped. */
const statusOf = (before: string, after: string, links: string): Status => {
  if (DOUBTED_AFTER.test(after)) return 'uncertain';
  if (isDenied(before, after)) return 'absent';
  if (DOUBTED_BEFORE.test(before)) return 'uncertain';
  return /\bor\b|\bversus\b|\bvs\b/i.test(links) ? 'uncertain' : 'present';
};

const LENT_SIDE =
  /\b(?:adjacent|overlying|associated|underlying|compressive|accompanying|represent\w*|reflect\w*|(?:consistent|compatible) with|likely|probably|possibly|suspicious for|concerning for|suggest\w*|versus|vs|or|raises?|excluded|favou?red)\b|^\s*and\s*$/i;
const TWO_SIDES =
  /\b(large|severe|moderate|small|mild|trace|tiny|minimal)(?: on the)? (left|right)(?:-sided)?,? and (?:an? )?(large|severe|moderate|small|mild|trace|tiny|minimal)(?: on the)? (left|right)\b/i;

const inClause = (clause: string, sentence: string): Said[] => {
  const places = placesIn(clause);
  const told = withoutOtherSides(clause);
  const certain = blank(clause, NOT_A_DENIAL);
  const out: Said[] = [];
  let lent: Side | null = null;
  for (const [n, place] of places.entries()) {
    const previous = places[n - 1];
    const next = places[n + 1];
    // what stands between two findings belongs to the first up to a joining word, then to the second
    const between = told.slice(previous?.to ?? 0, place.from);
    const joint = previous ? between.search(/,|\b(?:and|or|with|without|versus|vs|may|could|to suggest|likely)\b/i) : 0;
    const ownBefore = between.slice(Math.max(0, joint));
    const rest = told.slice(place.to, next?.from ?? told.length);
    const end = next ? rest.search(/,|\b(?:and|or|with|without|versus|vs|may|could|likely|rather)\b/i) : -1;
    const own = `${ownBefore} ${told.slice(place.from, place.to)} ${end >= 0 ? rest.slice(0, end) : rest}`;

    let last = n;
    while (places[last + 1] && LIST.test(clause.slice(places[last]?.to, places[last + 1]?.from))) last++;
    const link = previous ? clause.slice(previous.to, place.from) : '';
    const links = `${link} ; ${next ? clause.slice(place.to, next.from) : ''}`;
    const status =
      place.status ?? statusOf(certain.slice(0, place.from), certain.slice(places[last]?.to ?? place.to), links);

    let side = sideOf(own);
    if (side === null && lent !== null && status !== 'absent' && LENT_SIDE.test(link)) side = lent;
    if (side === null && next && /^\s*(?:or|versus|vs\.?|rather than)\s/i.test(rest)) {
      side = sideOf(told.slice(next.from));
    }
    if (side !== null) lent = side;
    const two = TWO_SIDES.exec(own);
    for (const key of place.keys) {
      const said = { key, status, sentence };
      if (two?.[1] && two[3] && status === 'present') {
        out.push({ ...said, side: two[2]?.toLowerCase() as Side, severity: severityOf(two[1]) });
        out.push({ ...said, side: two[4]?.toLowerCase() as Side, severity: severityOf(two[3]) });
      } else
        out.push({
          ...said,
          side: SIDELESS.has(key) ? null : side,
          severity: severityOf(key === 'cardiomegaly' ? own.replace(/\blarge\b/i, '') : own),
        });
    }
  }
  return out;
};

/** One statement for each finding, status and side of a sentence. */
const merged = (all: readonly Said[]): Said[] => {
  const out: Said[] = [];
  for (const one of all) {
    const at = out.findIndex(
      (other) =>
        other.key === one.key &&
        other.status === one.status &&
        (other.side === one.side || ((other.side === null || one.side === null) && one.status !== 'absent')),
    );
    const there = out[at];
    if (!there) out.push(one);
    else out[at] = { ...there, side: there.side ?? one.side, severity: there.severity ?? one.severity };
  }
  // 'hepatic lesions, possibly cysts': the doubt is of the kind, the finding is there
  return out.filter(
    (one) =>
      one.status !== 'uncertain' ||
      !out.some(
        (other) => other.key === one.key && other.status === 'present' && (one.side ?? other.side) === other.side,
      ),
  );
};

const clausesOf = (sentence: string): string[] => {
  const cuts = [...sentence.matchAll(TURN)].map((match) => match.index);
  return [0, ...cuts].map((from, n) => sentence.slice(from, cuts[n] ?? sentence.length));
};

/** The clause up to where it speaks of another time, of a question or of a plan. */
const now = (clause: string): string => {
  const away = NOT_NOW.exec(clause);
  if (!away) return clause;
  const back = /,|\bwith\b/i.exec(clause.slice(away.index + away[0].length));
  const resumes = back && !/compared|comparison/i.test(away[0]) ? away.index + away[0].length + back.index : null;
  const after = /compared/i.test(away[0]) ? clause.indexOf(',', away.index) : resumes;
  const until = after === null || after < 0 ? clause.length : after;
  return `${clause.slice(0, away.index)}${' '.repeat(until - away.index)}${clause.slice(until)}`;
};

const inSentence = (sentence: string): Said[] =>
  HEADED_NOT_NOW.test(sentence) ? [] : merged(clausesOf(sentence).flatMap((clause) => inClause(now(clause), sentence)));

/** Everything that a report's text says of findings, sentence by sentence, in its order. */
export const findingsSaid = (text: string): Said[] => sentencesOf(text).flatMap(inSentence);
