import { readFileSync } from 'node:fs';

/** What one sentence says, as 'present effusion left mild', sorted. */
export interface Labelled {
  readonly text: string;
  readonly says: readonly { key: string; status: string; side: string | null; severity: string | null }[];
  /** Odd numbers may be tuned on. */
  readonly number: number;
}

const STATUS: Readonly<Record<string, string>> = { '+': 'present', '-': 'absent', '?': 'uncertain' };

export const labelled = (): Labelled[] =>
  readFileSync(new URL('sentences.tsv', import.meta.url), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line && !line.startsWith('#'))
    .map((line, n) => {
      const [text = '', labels = ''] = line.split('\t');
      const says = labels
        .split(';')
        .map((label) => label.trim())
        .filter(Boolean)
        .map((label) => {
          const [key = '', ...words] = label.slice(1).split(' ');
          const side = words.find((word) => ['left', 'right', 'both'].includes(word)) ?? null;
          return {
            key,
            status: STATUS[label.charAt(0)] ?? '',
            side: side === 'both' ? 'bilateral' : side,
            severity: words.find((word) => ['mild', 'moderate', 'severe'].includes(word)) ?? null,
          };
        });
      return { text, says, number: n + 1 };
    });
