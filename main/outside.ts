/** What the backend asks of the world outside. A shell gives the real ones; tests fake only clock, random and network. */

export interface Child {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, with the exit code (null where killed). */
  onExit(listener: (code: number | null) => void): void;
  kill(): void;
  readonly pid: number | undefined;
}

/** Worker processes by name: main/process/entries.ts lists them. */
export type EntryName = 'ingest' | 'decode' | 'inference' | 'phantom';

export interface SpawnLimits {
  /** V8 heap, MB. */
  readonly heapMb: number;
  /** Folders and files it may read and write; nothing else where the runtime can enforce it. */
  readonly read: readonly string[] | 'all';
  readonly write: readonly string[];
  /** Native add-ons (onnxruntime) allowed. */
  readonly native: boolean;
}

export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, error: unknown, details?: Readonly<Record<string, unknown>>): void;
}

export interface Outside {
  readonly shell: 'electron' | 'host' | 'cli';
  /** Absolute folder of the store, made 0700. */
  readonly storeFolder: string;
  /** Absolute folder of the shipped model packages, and of those the user installed. */
  readonly modelFolders: readonly string[];
  /** Folders that imports may read in the host, by shown name. */
  readonly roots: Readonly<Record<string, string>>;
  /** The shell's folder dialog; null where it has none. */
  readonly pickFolder: (() => Promise<string | null>) | null;
  readonly now: () => Date;
  /** Unguessable bytes. */
  readonly randomBytes: (count: number) => Uint8Array;
  readonly spawn: (entry: EntryName, limits: SpawnLimits) => Child;
  readonly log: Log;
}
