import type { EntryName, SpawnLimits } from '../outside.ts';

/** What the windows' process and the backend's utility process say to each other. */
export type ToBackend =
  | {
      readonly kind: 'begin';
      readonly storeFolder: string;
      readonly modelFolders: readonly string[];
      readonly demonstration: boolean;
    }
  /** With one port: a window's line. */
  | { readonly kind: 'line' }
  /** With one port: where media requests are asked and answered. */
  | { readonly kind: 'media' }
  | { readonly kind: 'picked'; readonly id: number; readonly path: string | null }
  | { readonly kind: 'worker-said'; readonly id: number; readonly message: unknown }
  | { readonly kind: 'worker-ended'; readonly id: number; readonly code: number | null }
  | { readonly kind: 'close' };

/** A utility process cannot start another, and cannot show a dialog: it asks for both. */
export type FromBackend =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'pick'; readonly id: number }
  | { readonly kind: 'spawn'; readonly id: number; readonly entry: EntryName; readonly limits: SpawnLimits }
  | { readonly kind: 'tell-worker'; readonly id: number; readonly message: unknown }
  | { readonly kind: 'kill-worker'; readonly id: number }
  | { readonly kind: 'closed' };
