import { Fault } from '../../preload/contract/index.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'good' | 'plain' | 'warning' | 'danger';
  readonly text: string;
  readonly action: { readonly title: string; readonly run: () => void } | null;
}

/** What the reader can be told of an error: never a stack, never internals. */
export const wordsOf = (error: unknown): string => {
  if (error instanceof Fault) return error.message;
  if (error instanceof Error) return error.message;
  return 'Something went wrong that has no description.';
};

/** Short words at the foot of the window. Faults stay until read; the rest leaves by itself. */
export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #next = 0;

  tell(text: string, tone: Notice['tone'] = 'plain', action: Notice['action'] = null): void {
    const id = this.#next++;
    this.list = [...this.list.filter((other) => other.text !== text), { id, tone, text, action }].slice(-4);
    if (tone === 'good' || tone === 'plain') setTimeout(() => this.drop(id), action === null ? 5000 : 9000);
  }

  fault(error: unknown, what = ''): void {
    if (error instanceof Fault && error.code === 'cancelled') return;
    this.tell(what === '' ? wordsOf(error) : `${what}: ${wordsOf(error)}`, 'danger');
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}
