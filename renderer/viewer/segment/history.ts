import type { Segment, Segmentation, SegmentEdit } from '../../../preload/contract/index.ts';

export interface Entry extends SegmentEdit {
  /** Null where it is not in memory: then the backend has it. */
  readonly difference: Uint8Array | null;
}

/** Differences held in memory; those farthest from the present edit go first. */
const MOST_BYTES = 64 * 2 ** 20;

/** The edits that can be taken back and done again, to the first one. Immutable: an edit answers another history. */
export class EditHistory {
  readonly entries: readonly Entry[];
  /** How many of them are done. */
  readonly at: number;
  readonly start: readonly Segment[];

  private constructor(start: readonly Segment[], entries: readonly Entry[], at: number) {
    this.start = start;
    this.entries = entries;
    this.at = at;
  }

  static of({ start, history, current }: Pick<Segmentation, 'start' | 'history' | 'current'>): EditHistory {
    const at = history.findIndex(({ id }) => id === current) + 1;
    return new EditHistory(
      start,
      history.map((edit) => ({ ...edit, difference: null })),
      at,
    );
  }

  /** The last edit that is done; null where none is. */
  get current(): string | null {
    return this.entries[this.at - 1]?.id ?? null;
  }
  /** The edit that undo takes back. */
  get last(): Entry | null {
    return this.entries[this.at - 1] ?? null;
  }
  /** The edit that redo does again. */
  get next(): Entry | null {
    return this.entries[this.at] ?? null;
  }
  get segments(): readonly Segment[] {
    for (let n = this.at - 1; n >= 0; n--) {
      const segments = this.entries[n]?.segments;
      if (segments) return segments;
    }
    return this.start;
  }
  /** Bytes of differences in memory. */
  get heldBytes(): number {
    return this.entries.reduce((sum, entry) => sum + (entry.difference?.length ?? 0), 0);
  }

  /** What could be done again is gone: another way is taken. */
  with(entry: Entry, mostBytes = MOST_BYTES): EditHistory {
    const entries = [...this.entries.slice(0, this.at), entry];
    return new EditHistory(this.start, bounded(entries, entries.length, mostBytes), entries.length);
  }

  stepped(by: 1 | -1): EditHistory {
    return new EditHistory(this.start, this.entries, Math.min(this.entries.length, Math.max(0, this.at + by)));
  }

  /** With the difference of an edit that had not been in memory. */
  filled(id: string, difference: Uint8Array, mostBytes = MOST_BYTES): EditHistory {
    const entries = this.entries.map((entry) => (entry.id === id ? { ...entry, difference } : entry));
    return new EditHistory(this.start, bounded(entries, this.at, mostBytes), this.at);
  }
}

const bounded = (entries: readonly Entry[], at: number, mostBytes: number): readonly Entry[] => {
  const near = entries.map((_, n) => n).sort((a, b) => Math.abs(a - at + 0.5) - Math.abs(b - at + 0.5));
  let bytes = 0;
  const kept = new Set<number>();
  for (const n of near) {
    bytes += entries[n]?.difference?.length ?? 0;
    // The nearest stays, however large.
    if (bytes > mostBytes && kept.size > 0) break;
    kept.add(n);
  }
  if (kept.size === entries.length) return entries;
  return entries.map((entry, n) => (kept.has(n) || entry.difference === null ? entry : { ...entry, difference: null }));
};
