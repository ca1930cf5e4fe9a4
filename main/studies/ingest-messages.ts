import type { FileWords } from '../dicom/index.ts';
import type { Unpacked } from './forms/archive.ts';

export interface FileToRead {
  readonly path: string;
  /** As the reader knows it: describes files that describe nothing themselves. */
  readonly name: string;
}

/** What the ingest process found in one file. */
export type ReadFile =
  | {
      readonly kind: 'instance';
      readonly words: Omit<FileWords, 'image' | 'study' | 'series'>;
      /** JSON of StudyWords and SeriesWords: hundreds of files of a series say the same, read once. */
      readonly study: string;
      readonly series: string;
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
  /** Unpacks an archive into numbered files below a folder. */
  | { readonly kind: 'unpack'; readonly id: number; readonly path: string; readonly folder: string }
  /** Whether two files hold the same bytes. */
  | { readonly kind: 'same'; readonly id: number; readonly pairs: readonly (readonly [string, string])[] };

export type IngestAnswer =
  /** files: of encodeRead(). One string crosses the line several times faster than thousands of small objects. */
  | { readonly kind: 'read'; readonly id: number; readonly files: string }
  | { readonly kind: 'same'; readonly id: number; readonly same: boolean[] }
  | { readonly kind: 'unpacked'; readonly id: number; readonly files: Unpacked[]; readonly refused: string | null }
  /** Still at work. */
  | { readonly kind: 'busy'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };

/**
 * A line of JSON for each file; for an instance three more: study, series and image as they are, which hold no line
 * break themselves. A study or series that is the one of the instance before is an empty line.
 */
export const encodeRead = (files: readonly ReadFile[]): string => {
  const lines: string[] = [];
  let study = '';
  let series = '';
  for (const file of files) {
    if (file.kind !== 'instance') {
      lines.push(JSON.stringify(file));
      continue;
    }
    const { study: ownStudy, series: ownSeries, image, ...rest } = file;
    lines.push(
      JSON.stringify(rest),
      ownStudy === study ? '' : ownStudy,
      ownSeries === series ? '' : ownSeries,
      image ?? '',
    );
    study = ownStudy;
    series = ownSeries;
  }
  return lines.join('\n');
};

export const decodeRead = (text: string): ReadFile[] => {
  const files: ReadFile[] = [];
  const lines = text === '' ? [] : text.split('\n');
  let study = '';
  let series = '';
  for (let at = 0; at < lines.length; at += 1) {
    const file = JSON.parse(lines[at] ?? '') as ReadFile;
    if (file.kind === 'instance') {
      study = lines[at + 1] || study;
      series = lines[at + 2] || series;
      const image = lines[at + 3] || null;
      files.push({ ...file, study, series, image });
      at += 3;
    } else files.push(file);
  }
  return files;
};
