/** Names of persons: those that are known, in whatever form they are written, and unknown ones by title, label, or given name. */
import { fold, spellings } from './fold.ts';
import { matches, type Span } from './span.ts';
import {
  CAPITALISED,
  COMMON,
  COMPANIONS,
  EPONYMS,
  GIVEN,
  NOT_NAMES,
  PARTICLES,
  PERSON_VERBS,
  PROTECTED,
  SUFFIXES,
  TITLE_WORDS,
} from './words.ts';

/** own: of this study, its readers and senders; other: of the rest of the store. */
export interface KnownNames {
  readonly own: readonly string[];
  /** Of this study, but perhaps no names at all: never more than weak. */
  readonly doubtful?: readonly string[];
  readonly other: readonly string[];
}

interface Known {
  readonly own: boolean;
  /** Also a word of the language, of medicine, or very short: needs more than itself to be a name. */
  readonly weak: boolean;
  /** Numbers of those who bear it. */
  readonly people: ReadonlySet<number>;
}
export interface NameIndex {
  readonly words: ReadonlyMap<string, Known>;
  /** First letters of each person's names, folded. */
  readonly initials: ReadonlyMap<number, string>;
  /** Whole strings of scripts without spaces between words. */
  readonly strings: readonly string[];
}

const LETTERS = /[\p{L}\p{M}]+(?:['’ʼ`][\p{L}\p{M}]+)*/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

export const indexNames = ({ own, other, doubtful = [] }: KnownNames): NameIndex => {
  const words = new Map<string, Known>();
  const strings = new Set<string>();
  const initials = new Map<number, string>();
  const add = (spelling: string, isOwn: boolean, person: number, isDoubtful: boolean): void => {
    if (spelling.length < 2 || SUFFIXES.has(spelling) || PARTICLES.has(spelling) || TITLE_WORDS.has(spelling)) return;
    if (isDoubtful && [COMMON, EPONYMS, NOT_NAMES, CAPITALISED, COMPANIONS].some((list) => list.has(spelling))) return;
    const known = words.get(spelling);
    const weak =
      (isDoubtful && known?.weak !== false) || spelling.length === 2 || COMMON.has(spelling) || EPONYMS.has(spelling);
    words.set(spelling, { own: isOwn || known?.own === true, weak, people: new Set(known?.people).add(person) });
  };
  const addPerson = (name: string, isOwn: boolean, person: number, isDoubtful = false): void => {
    const parts: string[] = [];
    for (const group of name.normalize('NFC').split('=')) {
      if (UNSPACED.test(group)) {
        const compact = group.replace(/[\^\s]+/gu, '');
        for (const text of [compact, ...group.split(/[\^\s]+/u)]) if (text.length > 0) strings.add(text);
        continue;
      }
      // Prefix and suffix (components 4 and 5) are titles, not names.
      const components = group.includes('^') ? group.split('^').slice(0, 3) : [group];
      parts.push(...components.flatMap((component) => component.match(LETTERS) ?? []));
    }
    for (const part of parts) {
      for (const spelling of spellings(part)) add(spelling, isOwn, person, isDoubtful);
      const [, after = ''] = /^\p{L}{1,2}['’ʼ`](\p{L}{4,})$/u.exec(part) ?? [];
      if (after) add(fold(after), isOwn, person, isDoubtful);
    }
    initials.set(person, parts.map((part) => fold(part).charAt(0)).join(''));
    if (!isOwn || isDoubtful) return;
    // Run together, as in file names: janedoe, jdoe, doej.
    const folded = parts.map(fold).filter((part) => part.length >= 2);
    for (const a of folded)
      for (const b of folded)
        if (a !== b)
          for (const run of [a + b, a.charAt(0) + b, b + a.charAt(0)])
            if (run.length >= 4 && !COMMON.has(run) && !EPONYMS.has(run))
              words.set(run, { own: true, weak: false, people: new Set([person]) });
  };
  other.forEach((name, n) => {
    addPerson(name, false, n);
  });
  own.forEach((name, n) => {
    addPerson(name, true, other.length + n);
  });
  doubtful.forEach((name, n) => {
    addPerson(name, true, other.length + own.length + n, true);
  });
  return { words, initials, strings: [...strings].sort((a, b) => b.length - a.length) };
};

interface Word {
  readonly text: string;
  readonly folded: string;
  readonly start: number;
  readonly end: number;
  readonly known: Known | undefined;
  name: boolean;
}

const isCapital = (text: string): boolean => /^\p{Lu}/u.test(text);
const isInitials = (text: string): boolean => /^\p{Lu}{1,2}$/u.test(text);

/** JaneDoe, Doe_Jane and Doe's as the words that they are made of. */
const wordsOf = (text: string, index: NameIndex): Word[] => {
  const look = (part: string): Known | undefined => {
    for (const spelling of spellings(part)) {
      const known = index.words.get(spelling);
      if (known) return known;
    }
    return undefined;
  };
  return [...text.matchAll(LETTERS)].flatMap((match) => {
    const bare = match[0].replace(/['’ʼ`]s$/iu, '');
    const known = look(bare);
    const pieces = known ? [bare] : bare.split(/(?<=\p{Ll})(?=\p{Lu})/u);
    let start = match.index;
    return pieces.map((piece) => {
      const word: Word = {
        text: piece,
        folded: fold(piece),
        start,
        end: start + piece.length,
        known: known ?? look(piece),
        name: false,
      };
      start += piece.length;
      return word;
    });
  });
};

/** Between two words of one name: 'Doe, Jane', 'DOE^JANE', 'J. Doe', 'Doe-Smith', 'JaneDoe'. */
const JOINED = /^(?:[ \t]*[,^=_/+-]+[ \t]*|\.|[ \t]+)?$/u;
const AFTER_INITIAL = /^\.?[ \t]*[-^,_]?[ \t]*$/u;
const between = (text: string, a: Word, b: Word): string => text.slice(a.end, b.start);
const startsSentence = (text: string, at: number): boolean =>
  /(?:^|[.!?:;\n][ \t)"']*|^[ \t\-*•\d.)(]+)$/u.test(text.slice(0, at));

/** A lone weak word: a name only where it is written as one and what follows does not make it medicine. */
const loneWeak = (text: string, word: Word, next: Word | undefined, shouting: boolean): boolean => {
  if (!word.known?.own || !isCapital(word.text)) return false;
  const following = next && /^(?:['’]s)?[ \t-]+$/u.test(between(text, word, next)) ? next : undefined;
  if (following && PERSON_VERBS.has(following.folded)) return true;
  if (following && COMPANIONS.has(following.folded)) return false;
  if (shouting || startsSentence(text, word.start)) return !following;
  // 'T2 Black blood', 'Grade III': capitals inside a sentence are rare enough to be a name.
  return !(word.text.length === 2 && word.text === word.text.toUpperCase());
};

/** Capitals throughout say nothing of names. */
const isShouting = (text: string): boolean => {
  const letters = text.replace(/\P{L}/gu, '');
  return letters.length > 12 && letters === letters.toUpperCase();
};

const markKnown = (text: string, words: Word[], index: NameIndex, isProtected: (word: Word) => boolean): void => {
  const shouting = isShouting(text);
  for (const word of words)
    if (word.known && !word.known.weak && (word.known.own || (isCapital(word.text) && !isProtected(word))))
      word.name = true;
  // Two of one person beside each other make a name of weak ones as well; again, until nothing is added.
  const join = (word: Word, next: Word | undefined): boolean => {
    if (!next || !word.known || !next.known || (word.name && next.name) || word.folded === next.folded) return false;
    const gap = between(text, word, next);
    if (!JOINED.test(gap) || word.known.people.isDisjointFrom(next.known.people)) return false;
    const written = isCapital(word.text) && isCapital(next.text) && !shouting;
    const whole = word.known.own && next.known.own;
    const sure = word.name || next.name || whole || (!word.known.weak && !next.known.weak);
    if (!sure && !written && !/[,^=_]/u.test(gap)) return false;
    word.name = true;
    next.name = true;
    return true;
  };
  while (words.some((word, at) => join(word, words[at + 1])));
  words.forEach((word, at) => {
    if (word.name || !word.known?.weak) return;
    const before = words[at - 1];
    const initialBefore = before && isInitials(before.text) && /^\.[ \t]*$/u.test(between(text, before, word));
    const initialsOf = [...word.known.people].map((person) => index.initials.get(person) ?? '').join('');
    const after = words[at + 1];
    const initialAfter =
      after &&
      /^\p{Lu}$/u.test(after.text) &&
      /^,?[ \t]+$/u.test(between(text, word, after)) &&
      /^[.,;)]/u.test(text.slice(after.end));
    if (initialBefore && isCapital(word.text) && (word.known.own || initialsOf.includes(before.folded.charAt(0))))
      word.name = true;
    else if (initialAfter && isCapital(word.text) && initialsOf.includes(after.folded)) word.name = true;
    else if (loneWeak(text, word, words[at + 1], shouting)) word.name = true;
  });
};

const isAllCapitals = (word: Word): boolean => word.text.length > 2 && word.text === word.text.toUpperCase();

/** Anna Kowalski; Kowalski, Anna; Anna was told. */
const markGiven = (text: string, words: Word[], isProtected: (word: Word) => boolean): void => {
  const shouting = isShouting(text);
  words.forEach((word, at) => {
    if (!GIVEN.has(word.folded) || !isCapital(word.text) || isProtected(word)) return;
    if (shouting && word.text.length > 2) {
      // In capitals throughout, only beside a comma or caret is it sure enough.
      const near = [words[at - 1], words[at + 1]].some(
        (other) =>
          other && /[,^]/u.test(other.start < word.start ? between(text, other, word) : between(text, word, other)),
      );
      if (!near) return;
    }
    const asName = (other: Word | undefined): boolean =>
      other !== undefined &&
      isCapital(other.text) &&
      other.text.length > 1 &&
      !NOT_NAMES.has(other.folded) &&
      !COMPANIONS.has(other.folded) &&
      !isProtected(other);
    const next = words[at + 1];
    const middle = words[at + 2];
    const before = words[at - 1];
    if (next && isInitials(next.text) && middle && asName(middle) && AFTER_INITIAL.test(between(text, next, middle))) {
      word.name = next.name = middle.name = true;
    } else if (next && asName(next) && /^[ \t^-]+$/u.test(between(text, word, next))) {
      word.name = next.name = true;
    } else if (
      before &&
      asName(before) &&
      (/^(?:,[ \t]*|\^)$/u.test(between(text, before, word)) || (isAllCapitals(before) && isAllCapitals(word)))
    ) {
      word.name = before.name = true;
    } else if (next ? !COMPANIONS.has(next.folded) : true) word.name = true;
  });
};

/** No list has it, and no sentence begins with it: only a name is written so. */
const isUnknownCapital = (text: string, word: Word | undefined): boolean =>
  word !== undefined &&
  /^\p{Lu}\p{Ll}{2,}$/u.test(word.text) &&
  ![COMMON, EPONYMS, COMPANIONS, NOT_NAMES, CAPITALISED, TITLE_WORDS].some((list) => list.has(word.folded)) &&
  /\p{Ll}[,;]?[ \t]+(?:\p{Lu}[\p{L}.]*[ \t]+)?$/u.test(text.slice(0, word.start));

/** Who is spoken of, or for whom: the word before a lone unknown name. */
const BEFORE_PERSON: ReadonlySet<string> = new Set(['by', 'with', 'to', 'for', 'from', 'of', 'as', 'and', 'per']);

/** Somebody whom nothing introduces: 'as Kowalski Henryk said', 'of H. Kowalski', 'and Kowalski returned'. */
const markUnknown = (text: string, words: Word[], isProtected: (word: Word) => boolean): void => {
  const capitals = words.filter((word) => isCapital(word.text) && word.text.length > 2).length;
  // A heading in title case says nothing of names.
  if (capitals * 2 > words.length) return;
  words.forEach((word, at) => {
    if (word.name || !isUnknownCapital(text, word) || isProtected(word)) return;
    const [before, initial, next] = [words[at - 2], words[at - 1], words[at + 1]];
    const beside = next && /^(?:['’]s)?[ \t]+$/u.test(between(text, word, next)) ? next : undefined;
    if (beside && COMPANIONS.has(beside.folded)) return;
    if (beside && isUnknownCapital(text, beside) && !/['’]s/u.test(between(text, word, beside))) {
      const after = words[at + 2];
      if (after && COMPANIONS.has(after.folded) && /^(?:['’]s)?[ \t]+$/u.test(between(text, beside, after))) return;
      word.name = true;
      beside.name = true;
    } else if (beside && PERSON_VERBS.has(beside.folded) && !/^(?:is|was|has|had|went|feels?)$/u.test(beside.folded))
      word.name = true;
    else if (
      initial &&
      /^\p{Lu}$/u.test(initial.text) &&
      /^\.[ \t]+$/u.test(between(text, initial, word)) &&
      before &&
      BEFORE_PERSON.has(before.folded)
    )
      word.name = true;
  });
};

/** Takes initials, particles and suffixes into the names beside them. */
const extend = (text: string, words: Word[]): Span[] => {
  const spans: Span[] = [];
  const take = (at: number): { first: number; last: number } => {
    let first = at;
    let last = at;
    for (;;) {
      const before = words[first - 1];
      const here = words[first];
      if (!before || !here) break;
      const gap = between(text, before, here);
      const initial =
        isInitials(before.text) && AFTER_INITIAL.test(gap) && (/\./u.test(gap) || before.text.length === 1);
      const particle =
        PARTICLES.has(before.folded) &&
        /^[ \t'’]+$/u.test(gap) &&
        (words[first - 2]?.name ||
          isCapital(before.text) ||
          ['van', 'von', 'de', 'della', 'bin'].includes(before.folded));
      if (!(before.name && JOINED.test(gap)) && !initial && !particle) break;
      first -= 1;
    }
    for (;;) {
      const here = words[last];
      const after = words[last + 1];
      if (!here || !after) break;
      const gap = between(text, here, after);
      const joined = JOINED.test(gap) || (isInitials(here.text) && AFTER_INITIAL.test(gap));
      const initial =
        isInitials(after.text) && joined && /^(?:[.^,;)]|$|[ \t]+[^\p{L}]|[ \t]*\^)/u.test(text.slice(after.end));
      const suffix = SUFFIXES.has(after.folded) && JOINED.test(gap) && (isCapital(after.text) || /,/u.test(gap));
      const particle = PARTICLES.has(after.folded) && JOINED.test(gap) && words[last + 2]?.name === true;
      if (!(after.name && joined) && !initial && !suffix && !particle) break;
      last += 1;
    }
    return { first, last };
  };
  words.forEach((word, at) => {
    if (!word.name) return;
    const { first, last } = take(at);
    const start = words[first]?.start ?? word.start;
    let end = words[last]?.end ?? word.end;
    const lastText = words[last]?.text ?? '';
    if (last > at && (isInitials(lastText) || /^(?:[Jj]r|[Ss]r)$/u.test(lastText)) && text[end] === '.') end += 1;
    while (text[end] === '^') end += 1;
    spans.push({ start, end, kind: 'name' });
  });
  return spans;
};

const NAME_WORD = "(?:(?:van|von|de|del|della|der|den|di|la|le|al|el|bin|ten)\\s+)*\\p{Lu}(?:\\.|[\\p{L}\\p{M}'’-]*)";
const NAME_RUN = `${NAME_WORD}(?:\\.?,?[ \\t]+${NAME_WORD}|\\^${NAME_WORD}){0,3}`;
const TITLES =
  '(?:Dres?|Drs?|Doctor|Prof(?:essor)?|Professorin|Mrs?|Ms|Miss|Mx|Herrn?|Frau|Sra?|Mme|Mlle|Monsieur|Madame|Sir|Dame|Nurse|Rev|Hon|Dott|Dra|PD|P\\.D)';
const TITLED = new RegExp(
  `(?<![\\p{L}\\d])(?:${TITLES}\\.?[ \\t]+(?:(?:Dr|med|habil|Prof|univ|phil|dent)\\.?[ \\t]+)*)${NAME_RUN}`,
  'gu',
);
const SHOUTED =
  /(?<![\p{L}\d])(?:(?:DR|MR|MRS|MS|PROF)\.[ \t]*)\p{Lu}[\p{Lu}'’-]+(?:[ \t]+\p{Lu}[\p{Lu}'’-]+)?|(?<![\p{L}\d])(?:MRS|PROFESSOR)[ \t]+\p{Lu}{2,}/gu;
const WHISPERED =
  /(?<![\p{L}\d])(?:dr|mr|mrs|ms|prof)\.[ \t]*(?!(?:to|and|or|for|the|in|at|on|is|was|has|with|who)\b)\p{Ll}[\p{L}'’-]+(?:[ \t]+(?=\p{Lu})[\p{L}'’-]+)?/gu;
const CARET =
  /(?<![\p{L}\d])(?:(?:van|von|de|der|den|del|di|da|la|le|al|el|bin)[ \t]+)*[\p{L}\p{M}'’.-]+\^+(?:[\p{L}\p{M}'’.-]*(?:[ \t]+[\p{L}\p{M}'’.-]+)*[\^=])*(?:[\p{L}\p{M}'’-]+)?/giu;
const LABEL =
  "(?:[Pp]atient(?:['’]s)?(?:\\s+[Nn]ame)?|PATIENT(?:\\s+NAME)?|[Pp]t\\.?|(?:[Ff]irst|[Ll]ast|[Gg]iven|[Ff]amily|[Mm]aiden)?\\s?[Nn]ame|NAME|Surname|[Rr]eferr(?:ing|ed)(?:\\s+(?:[Pp]hysician|[Dd]octor|[Pp]rovider|[Cc]linician))?(?:\\s+by)?|[Oo]rdering(?:\\s+\\p{L}+)?|[Aa]ttending(?:\\s+[Pp]hysician)?|[Rr]equest(?:ing|ed)(?:\\s+(?:by|[Pp]hysician))|[Rr]adiologist|[Rr]esident|[Ff]ellow|[Tt]echnologist|[Oo]perator|[Ss]onographer|[Pp]hysician|[Ss]urgeon|[Pp]rovider|[Cc]onsultant|(?:[Ee]lectronically\\s+)?[Ss]igned\\s+by|[Dd]ictated\\s+by|[Rr]eported\\s+by|[Tt]ranscribed\\s+by|[Rr]ead\\s+by|[Ii]nterpreted\\s+by|[Rr]eviewed\\s+(?:by|with)|[Dd]iscussed\\s+with|[Cc]ommunicated\\s+(?:to|with)|[Cc]onveyed\\s+to|[Tt]elephoned\\s+to|[Cc]alled\\s+to|[Rr]elayed\\s+to|[Nn]otified|[Pp]erformed\\s+by|[Ss]een\\s+by|[Aa]pproved\\s+by|[Vv]erified\\s+by|[Cc]onsulted|[Dd]ear|DEAR|[Aa]ttn|ATTN|[Cc]c|(?:his|her|the)\\s+(?:wife|husband|son|daughter|mother|father|brother|sister|partner))";
const LABELLED = new RegExp(
  `(?<keep>(?<![\\p{L}\\d])${LABEL}[ \\t]*[:=,-]?[ \\t]*(?:is\\s+|was\\s+)?(?:by\\s+)?)(?:${NAME_RUN})`,
  'gu',
);

/** The first word after a label must not be one that goes on with the sentence. */
const namesSomeone = (match: RegExpMatchArray): boolean => {
  const label = match.groups?.keep ?? '';
  const run = match[0].slice(label.length).match(LETTERS) ?? [];
  const [first = ''] = run;
  const folded = fold(first);
  if (NOT_NAMES.has(folded) || (EPONYMS.has(folded) && !/[:=]/u.test(label))) return false;
  // 'PATIENT IS ROTATED': in capitals throughout only a colon tells a name.
  const shouted = first.length > 1 && first === first.toUpperCase();
  if (shouted && !/[:=,]/u.test(label)) return false;
  return !COMMON.has(folded) || /[:=]/u.test(label) || run.length > 1;
};

/** Cuts what a run of capitals took too much of: 'Patient: Doe, Jane. Chest' ends at the sentence. */
const trimmed = (text: string, span: Span): Span => {
  const taken = text.slice(span.start, span.end);
  const stop = /(?<=\p{L}{2,})\.[ \t]+\p{Lu}/u.exec(
    taken.replace(/^(?:Dres?|Drs?|Prof|Mrs?|Ms|Mx|Sra?|Mme|Rev|Hon)\./u, (title) => '_'.repeat(title.length)),
  );
  return stop && !/(?:Dr|Prof|med|habil|St)$/u.test(taken.slice(0, stop.index))
    ? { ...span, end: span.start + stop.index }
    : span;
};

export const names = (text: string, index: NameIndex): Span[] => {
  const shielded = [...text.matchAll(PROTECTED)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const isProtected = (span: { start: number; end: number }): boolean =>
    shielded.some((one) => one.start < span.end && span.start < one.end);
  const words = wordsOf(text, index);
  markKnown(text, words, index, isProtected);
  markGiven(text, words, isProtected);
  markUnknown(text, words, isProtected);
  const spans = [
    ...matches(text, CARET, 'name'),
    ...extend(text, words),
    ...[...matches(text, TITLED, 'name'), ...matches(text, LABELLED, 'name', namesSomeone)]
      .map((span) => trimmed(text, span))
      .filter((span) => !isProtected(span)),
    ...matches(text, SHOUTED, 'name'),
    ...matches(text, WHISPERED, 'name'),
  ];
  for (const known of index.strings) {
    for (let at = text.indexOf(known); at >= 0; at = text.indexOf(known, at + known.length))
      spans.push({ start: at, end: at + known.length, kind: 'name' });
  }
  return spans;
};
