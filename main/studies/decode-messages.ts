import type { PixelFormat, VoiTable, Window } from '../../preload/contract/index.ts';

export type Form = 'dicom' | 'nifti' | 'picture';

export interface FrameToDecode {
  /** Index in the series. */
  readonly index: number;
  /** From 0, in the file. */
  readonly frame: number;
  /** Where it goes in the output, bytes. */
  readonly offset: number;
  readonly byteLength: number;
  readonly rows: number;
  readonly columns: number;
  readonly format: PixelFormat;
  /** Applied to stored values, where the stream holds modality values (format float32). */
  readonly rescale: { readonly slope: number; readonly intercept: number } | null;
  /** Values that are fill and not counted in ranges. */
  readonly padding: readonly [number, number] | null;
}
export interface FileToDecode {
  readonly path: string;
  readonly form: Form;
  /** As when it was imported: another size or time is another file. */
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly frames: readonly FrameToDecode[];
}

export type DecodeRequest =
  | { readonly kind: 'frames'; readonly id: number; readonly out: string; readonly files: readonly FileToDecode[] }
  | {
      readonly kind: 'thumbnail';
      readonly id: number;
      readonly out: string;
      readonly file: FileToDecode;
      readonly slope: number;
      readonly intercept: number;
      readonly inverted: boolean;
      /** In modality values; null: from the pixels. */
      readonly window: Window | null;
      /** That the window names. */
      readonly voiTable: VoiTable | null;
      /** Height of a pixel over its width. */
      readonly aspect: number;
    }
  /** Decoded and thrown away: what decoding this kind needs is loaded and quick when it is asked for in earnest. */
  | { readonly kind: 'rehearse'; readonly id: number; readonly file: FileToDecode }
  /** Stored values of the file's one frame, alone. */
  | { readonly kind: 'frame-alone'; readonly id: number; readonly out: string; readonly file: FileToDecode }
  /** Bits of the overlay planes of the file's one frame. */
  | { readonly kind: 'overlay-planes'; readonly id: number; readonly out: string; readonly file: FileToDecode };

export type DecodeAnswer =
  /** range: smallest and largest stored value; null for colour. */
  | {
      readonly kind: 'frame';
      readonly id: number;
      readonly index: number;
      readonly range: readonly [number, number] | null;
    }
  /** This file's image cannot be shown. */
  | { readonly kind: 'broken'; readonly id: number; readonly index: number; readonly reason: string }
  | { readonly kind: 'missing'; readonly id: number; readonly index: number }
  /** Begun: the clock of the one who waits starts. */
  | { readonly kind: 'busy'; readonly id: number }
  /** All frames asked for have been answered. */
  | { readonly kind: 'done'; readonly id: number }
  /** Nothing of the file's: the disk is full, or a mistake here. */
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };
