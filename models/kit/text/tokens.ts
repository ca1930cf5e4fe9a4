/** Text to token ids and back, exactly as models/train/text.py does it: both are held to the same golden tokens. */

export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
}

/** One token a line; the line's number from 0 is its id. */
export const readVocabulary = (text: string): Vocabulary => {
  const tokens = text.replace(/\r/g, '').replace(/\n$/, '').split('\n');
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    if (token === '') throw new RangeError(`line ${id + 1} of the vocabulary is empty`);
    if (ids.has(token)) throw new RangeError(`line ${id + 1} of the vocabulary repeats an earlier token`);
    ids.set(token, id);
  }
  return { tokens, ids };
};

/** Words, single digits and single marks, in order; white space parts them and is dropped. */
export const pieces = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[a-z]+|[0-9]|[^\sa-z0-9]/gu) ?? [];

/** Ids of a text without begin or end. A piece that no tokens can spell becomes `unknown`. */
export const tokenIds = (vocabulary: Vocabulary, text: string, unknown: string): number[] => {
  const unknownId = idOf(vocabulary, unknown);
  const out: number[] = [];
  for (const piece of pieces(text)) {
    const spelled: number[] = [];
    let from = 0;
    while (from < piece.length) {
      let to = piece.length;
      let id: number | undefined;
      for (; to > from; to--) {
        id = vocabulary.ids.get(from === 0 ? piece.slice(0, to) : `##${piece.slice(from, to)}`);
        if (id !== undefined) break;
      }
      if (id === undefined) break;
      spelled.push(id);
      from = to;
    }
    if (from < piece.length) out.push(unknownId);
    else out.push(...spelled);
  }
  return out;
};

export const idOf = (vocabulary: Vocabulary, token: string): number => {
  const id = vocabulary.ids.get(token);
  if (id === undefined) throw new RangeError(`the vocabulary has no ${token}`);
  return id;
};

const isDigit = (token: string | undefined): boolean => token !== undefined && /^[0-9]$/.test(token);
const ACRONYMS = /\b(ct|hu|svc|iv|vi|vii|viii)\b/g;

/** Whether a token follows the one before it without a space. */
const joins = (token: string, before: string | undefined, beforeThat: string | undefined): boolean =>
  before === undefined ||
  token.startsWith('##') ||
  /^[.,;:)%\]?!/-]$/.test(token) ||
  /^[([/-]$/.test(before) ||
  (isDigit(token) && (isDigit(before) || (before === '.' && isDigit(beforeThat))));

/** Ids to a sentence: continuations and the digits of a number joined, marks set as English does, the first letter large. */
export const sentenceOf = (vocabulary: Vocabulary, ids: readonly number[]): string => {
  const tokens = ids.map((id) => {
    const token = vocabulary.tokens[id];
    if (token === undefined) throw new RangeError(`no token has the id ${id}`);
    return token;
  });
  const text = tokens
    .map((token, n) => {
      const written = token.startsWith('##') ? token.slice(2) : token;
      return joins(token, tokens[n - 1], tokens[n - 2]) ? written : ` ${written}`;
    })
    .join('')
    .replace(ACRONYMS, (word) => word.toUpperCase());
  return text.charAt(0).toUpperCase() + text.slice(1);
};
