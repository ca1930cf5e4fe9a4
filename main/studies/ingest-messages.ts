import type { FileWords } from '../dicom/index.ts';

export interface FileToRead {
  readonly path: string;
}

/** What the ingest process found in one file. */
export type ReadFile =
  | {
      readonly kind: 'instance';
      readonly words: Omit<FileWords, 'image'>;
      /** JSON of ImageWords. */
      readonly image: string | null;
      readonly frames: number;
      /** 'dicom', or the other forms that are read as images. */
      readonly form: 'dicom' | 'nifti' | 'picture';
      readonly bytes: number;
      readonly modifiedMs: number;
      readonly fingerprint: string;
    }
  | { readonly kind: 'archive' }
  | { readonly kind: 'ignored' | 'refused'; readonly reason: string };

export type IngestRequest =
  | { readonly kind: 'read'; readonly id: number; readonly files: readonly FileToRead[] }
  /** Whether two files hold the same bytes. */
  | { readonly kind: 'same'; readonly id: number; readonly pairs: readonly (readonly [string, string])[] };

export type IngestAnswer =
  | { readonly kind: 'read'; readonly id: number; readonly files: ReadFile[] }
  | { readonly kind: 'same'; readonly id: number; readonly same: boolean[] }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };
