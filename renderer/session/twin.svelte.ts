import { z } from 'zod';
import { Region } from '../../preload/contract/index.ts';
import type { Session } from './session.svelte.ts';

/**
 * Two windows of one reader in step: the same study, the same sentence and region, the same place in the patient. What is
 * kept (edits, marks, measurements, key images) goes through the backend, which tells every window of each change. What is
 * only looked at is nobody's to keep: it goes from window to window by a channel of the browser, which reaches pages of this
 * very origin and no others, and costs the store nothing while the reader scrolls.
 */
const Vec3 = z.tuple([z.number(), z.number(), z.number()]).readonly();
const TOPICS = {
  study: z.string(),
  marked: z.object({ region: Region, sentenceId: z.string().nullable() }).nullable(),
  target: z.object({ region: Region, sentenceId: z.string().nullable(), marked: z.boolean() }),
  sentence: z.string().nullable(),
  place: z.object({
    seriesId: z.string(),
    index: z.number().int().nonnegative(),
    frameOfReferenceUid: z.string().nullable(),
    mm: Vec3.nullable(),
  }),
} as const;
export type Topic = keyof typeof TOPICS;
export type Shared<T extends Topic> = z.infer<(typeof TOPICS)[T]>;

const Message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), from: z.string() }),
  z.object({ kind: z.literal('here'), from: z.string(), to: z.string(), values: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('bye'), from: z.string() }),
  z.object({ kind: z.literal('share'), from: z.string(), topic: z.string(), value: z.unknown() }),
]);
type Message = z.infer<typeof Message>;

const NAME = /^sightline-(first|second)-([A-Za-z0-9-]{1,64})$/;
/** In this order a window that comes takes over what the other shows. */
const ORDER = ['study', 'sentence', 'marked', 'place'] as const satisfies readonly Topic[];

export class Twin {
  readonly #session: Session;
  readonly #id = crypto.randomUUID();
  #channel: BroadcastChannel | null = null;
  /** The pair that this window belongs to; null: it is alone. */
  #pair: string | null;
  readonly #last = new Map<Topic, string>();
  readonly #listeners = new Map<Topic, Set<(value: unknown) => boolean>>();
  /** What was told before there was anybody here to follow it. */
  readonly #pending = new Map<Topic, unknown>();
  /** The other's study is being opened: what that leaves behind here is no news. */
  #opening = 0;
  #others = $state.raw<readonly string[]>([]);
  /** The second of the two: the first is the one that remembers how the reader has left a study. */
  readonly isSecond: boolean;
  /** The reader can let each window go its own way. */
  inStep = $state(true);
  readonly paired = $derived.by(() => this.#others.length > 0);

  constructor(session: Session, name: string = typeof window === 'undefined' ? '' : window.name) {
    this.#session = session;
    const [, place, pair = null] = NAME.exec(name) ?? [];
    this.#pair = pair;
    this.isSecond = place === 'second';
  }

  /** Joins the other window, where there is one; answers how to leave. */
  start(): () => void {
    if (this.#pair !== null) this.#join(this.#pair);
    const leave = (): void => this.#post({ kind: 'bye', from: this.#id });
    window.addEventListener('pagehide', leave);
    return () => {
      leave();
      window.removeEventListener('pagehide', leave);
      this.#channel?.close();
      this.#channel = null;
    };
  }

  /** Opens the second window, or brings it to the front. Answers words where the browser did not. */
  async open(): Promise<string | null> {
    if (this.isSecond) return 'This is the second window.';
    this.#pair ??= crypto.randomUUID();
    // After a reload this window finds the other again.
    window.name = `sightline-first-${this.#pair}`;
    if (this.#channel === null) this.#join(this.#pair);
    const { pathname, search, protocol } = window.location;
    const address = protocol === 'app:' ? '/' : `${pathname}${search}`;
    const opened = window.open(address, `sightline-second-${this.#pair}`, await besideThisScreen());
    opened?.focus();
    return opened === null ? 'The browser did not open it: allow this address to open windows.' : null;
  }

  /** Told to the other window, where it is news. */
  share<T extends Topic>(topic: T, value: Shared<T>): void {
    const text = JSON.stringify(value);
    const before = this.#last.get(topic);
    if (before === text) return;
    this.#last.set(topic, text);
    // Nothing selected yet is no wish that nothing be selected.
    if (this.#opening > 0 || (before === undefined && value === null)) return;
    if (this.inStep) this.#post({ kind: 'share', from: this.#id, topic, value: JSON.parse(text) });
  }

  /** What this window shows after it followed the other: no news. */
  settle<T extends Topic>(topic: T, value: Shared<T>): void {
    this.#last.set(topic, JSON.stringify(value));
  }

  /** What came before it could be followed, once. */
  pending<T extends Topic>(topic: T): Shared<T> | null {
    const value = this.#pending.get(topic) as Shared<T> | undefined;
    this.#pending.delete(topic);
    return value ?? null;
  }

  /** The listener answers whether it could follow. */
  on<T extends Topic>(topic: T, listener: (value: Shared<T>) => boolean): () => void {
    const all = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, all);
    all.add(listener as (value: unknown) => boolean);
    return () => all.delete(listener as (value: unknown) => boolean);
  }

  #join(pair: string): void {
    if (typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(`sightline-${pair}`);
    this.#channel = channel;
    channel.addEventListener('message', ({ data }) => {
      // The other window may be of another version: what is not understood is not followed.
      const message = Message.safeParse(data);
      if (message.success) this.#take(message.data);
    });
    this.#post({ kind: 'hello', from: this.#id });
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #take(message: Message): void {
    if (message.from === this.#id) return;
    if (message.kind === 'bye') {
      this.#others = this.#others.filter((id) => id !== message.from);
      return;
    }
    const isNew = !this.#others.includes(message.from);
    if (isNew) this.#others = [...this.#others, message.from];
    if (message.kind === 'hello') {
      const values = Object.fromEntries([...this.#last].map(([topic, text]) => [topic, JSON.parse(text)]));
      this.#post({ kind: 'here', from: this.#id, to: message.from, values });
    } else if (message.kind === 'here') {
      if (message.to !== this.#id || !this.inStep) return;
      for (const topic of ORDER) if (topic in message.values) this.#tell(topic, message.values[topic]);
    } else if (this.inStep && message.topic in TOPICS) this.#tell(message.topic as Topic, message.value);
  }

  #tell(topic: Topic, value: unknown): void {
    const read = TOPICS[topic].safeParse(value);
    if (!read.success) return;
    this.#last.set(topic, JSON.stringify(read.data));
    const followed = [...(this.#listeners.get(topic) ?? [])].map((listener) => listener(read.data));
    if (followed.some(Boolean)) this.#pending.delete(topic);
    else this.#pending.set(topic, read.data);
  }

  #opened(): void {
    this.#opening -= 1;
  }

  /** Study, marked region and wishes to see one, both ways. Within an effect root of the window. */
  follow(): void {
    const session = this.#session;
    let followed = -1;
    $effect(() => {
      const id = session.study?.id;
      if (id !== undefined) this.share('study', id);
    });
    $effect(() => {
      const { marked } = session;
      this.share('marked', marked === null ? null : { region: marked.region, sentenceId: marked.sentenceId });
    });
    $effect(() => {
      const { target } = session;
      if (target === null || target.serial === followed) return;
      // The same wish twice is two wishes.
      this.#last.delete('target');
      this.share('target', {
        region: target.region,
        sentenceId: target.sentenceId,
        marked: session.marked?.region === target.region,
      });
    });
    $effect(() =>
      this.on('study', (studyId) => {
        if (session.study?.id === studyId) return true;
        this.#opening += 1;
        session
          .open(studyId)
          .catch((error) => session.notices.fault(error, 'The study of the other window was not opened'))
          // What was open before has left the screen by then.
          .finally(() => setTimeout(() => this.#opened()));
        return true;
      }),
    );
    $effect(() =>
      this.on('marked', (marked) => {
        session.marked = marked;
        return true;
      }),
    );
    $effect(() =>
      this.on('target', ({ region, sentenceId, marked }) => {
        session.goTo(region, { sentenceId, mark: marked });
        followed = session.target?.serial ?? -1;
        this.settle('marked', marked ? { region, sentenceId } : null);
        return true;
      }),
    );
  }
}

interface PlacedScreen {
  readonly availLeft: number;
  readonly availTop: number;
  readonly availWidth: number;
  readonly availHeight: number;
}
interface ScreenDetails {
  readonly screens: readonly PlacedScreen[];
  readonly currentScreen: PlacedScreen;
}
const SCREENS_PATIENCE_MS = 4000;

/** Features of a window on the other screen, where the browser tells of one; else of a window like any other. */
const besideThisScreen = async (): Promise<string> => {
  const usual = `popup,width=${Math.min(1440, window.screen.availWidth)},height=${Math.min(900, window.screen.availHeight)}`;
  const page = window as unknown as { getScreenDetails?: () => Promise<ScreenDetails> };
  const extended = (window.screen as unknown as { isExtended?: boolean }).isExtended === true;
  if (!extended || page.getScreenDetails === undefined) return usual;
  try {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), SCREENS_PATIENCE_MS));
    const details = await Promise.race([page.getScreenDetails(), late]);
    const other = details?.screens.find((one) => one !== details.currentScreen);
    if (!other) return usual;
    return `popup,left=${other.availLeft},top=${other.availTop},width=${other.availWidth},height=${other.availHeight}`;
  } catch {
    // Not permitted: the reader places the window herself.
    return usual;
  }
};
