import { createHash } from 'node:crypto';
import { type Draft, SECTIONS } from '../../preload/contract/index.ts';

/** The draft as it is read: sentences by section, without ids and regions. */
export const draftText = (draft: Draft): string =>
  SECTIONS.map((section) =>
    [section, ...draft.sentences.filter((one) => one.section === section).map((one) => one.text.trim())].join('\n'),
  ).join('\n\n');

const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export interface Pair {
  readonly earlier: Draft;
  readonly later: Draft;
  /** The same for the same two texts, whichever drafts carry them. */
  readonly key: string;
}

/** Pairs of drafts with different texts, the newest first; each two texts once. */
export const pairsOf = (drafts: readonly Draft[]): Pair[] => {
  const sorted = [...drafts].sort((a, b) =>
    a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1,
  );
  const hashed = sorted.map((draft) => ({ draft, hash: hash(draftText(draft)) }));
  const pairs = new Map<string, Pair>();
  for (let late = hashed.length - 1; late > 0; late -= 1)
    for (let early = late - 1; early >= 0; early -= 1) {
      const a = hashed[early];
      const b = hashed[late];
      if (!a || !b || a.hash === b.hash) continue;
      const key = [a.hash, b.hash].sort().join(':');
      if (!pairs.has(key)) pairs.set(key, { earlier: a.draft, later: b.draft, key });
    }
  return [...pairs.values()];
};
