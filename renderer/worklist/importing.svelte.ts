import {
  type Client,
  type FolderEntry,
  type ImportedFile,
  type ImportRecord,
  type ImportSource,
  media,
  type Workstation,
} from '../../preload/contract/index.ts';
import { wordsOf } from '../session/index.ts';
import type { Jobs } from '../session/jobs.svelte.ts';

export interface Ways {
  readonly roots: readonly string[];
  readonly dialog: boolean;
  readonly upload: boolean;
}

export interface UploadFile {
  readonly path: string;
  readonly file: File;
}

type Step =
  | { readonly kind: 'choose' }
  | {
      readonly kind: 'uploading';
      readonly done: number;
      readonly total: number;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  | { readonly kind: 'running'; readonly jobId: string; readonly importId: string }
  | { readonly kind: 'ended'; readonly importId: string };

export type Outcome = ImportedFile['outcome'];

/** One import from choice to result. Closing the dialog leaves the job running. */
export class Importing {
  ways = $state.raw<Ways | null>(null);
  step = $state.raw<Step>({ kind: 'choose' });
  trouble = $state<string | null>(null);
  root = $state<string | null>(null);
  segments = $state.raw<readonly string[]>([]);
  entries = $state.raw<readonly FolderEntry[]>([]);
  copy = $state(false);
  interrupted = $state.raw<readonly ImportRecord[]>([]);
  record = $state.raw<ImportRecord | null>(null);
  files = $state.raw<readonly ImportedFile[]>([]);
  filesTotal = $state(0);
  outcome = $state<Outcome | null>(null);

  readonly #client: Client<Workstation>;
  readonly #mediaUrl: (address: string) => string;
  readonly #jobs: Jobs;
  #uploading: AbortController | null = null;

  constructor(client: Client<Workstation>, mediaUrl: (address: string) => string, jobs: Jobs) {
    this.#client = client;
    this.#mediaUrl = mediaUrl;
    this.#jobs = jobs;
  }

  async begin(): Promise<void> {
    await this.#try(async () => {
      this.ways = await this.#client.imports.ways({});
      const { imports } = await this.#client.imports.list({});
      this.interrupted = imports.filter((record) => record.state === 'interrupted');
      const first = this.ways.roots[0];
      if (first !== undefined && this.ways.roots.length === 1) await this.browse(first, []);
    });
  }

  async browse(root: string, segments: readonly string[]): Promise<void> {
    await this.#try(async () => {
      const { entries } = await this.#client.imports.browse({ root, segments: [...segments] });
      this.root = root;
      this.segments = segments;
      this.entries = entries.toSorted((a, b) =>
        a.kind === b.kind ? a.name.localeCompare(b.name, undefined, { numeric: true }) : a.kind === 'folder' ? -1 : 1,
      );
    });
  }

  async start(source: ImportSource, copy: boolean): Promise<void> {
    await this.#try(async () => {
      const { jobId, importId } = await this.#client.imports.start({ source, copy });
      await this.#follow(jobId, importId);
    });
  }

  async pick(): Promise<void> {
    await this.#try(async () => {
      const { token } = await this.#client.imports.pick({});
      if (token !== null) await this.start({ kind: 'picked', token }, this.copy);
    });
  }

  async resume(record: ImportRecord): Promise<void> {
    await this.#try(async () => {
      const { jobId } = await this.#client.imports.resume({ importId: record.id });
      await this.#follow(jobId, record.id);
    });
  }

  /** Sends the files one after another, then imports them; the store keeps a copy. */
  async upload(files: readonly UploadFile[]): Promise<void> {
    if (files.length === 0) return;
    const stop = new AbortController();
    this.#uploading = stop;
    await this.#try(async () => {
      const { uploadId } = await this.#client.imports.openUpload({});
      const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
      let bytes = 0;
      for (const [n, { path, file }] of files.entries()) {
        this.step = { kind: 'uploading', done: n, total: files.length, bytes, totalBytes };
        const answer = await fetch(this.#mediaUrl(media.upload(uploadId, n)), {
          method: 'PUT',
          body: file,
          headers: { 'x-sightline-path': encodeURIComponent(path) },
          signal: stop.signal,
        });
        if (!answer.ok) throw new Error(`The file “${path}” was not taken: ${(await answer.text()) || answer.status}`);
        bytes += file.size;
      }
      await this.start({ kind: 'upload', uploadId }, true);
    });
    if (stop.signal.aborted) {
      this.trouble = null;
      this.step = { kind: 'choose' };
    }
  }

  async cancel(): Promise<void> {
    if (this.step.kind === 'uploading') this.#uploading?.abort();
    else if (this.step.kind === 'running') await this.#jobs.cancel(this.step.jobId).catch(() => undefined);
  }

  async show(importId: string, outcome: Outcome | null = this.outcome): Promise<void> {
    await this.#try(async () => {
      const { imports } = await this.#client.imports.list({});
      const answer = await this.#client.imports.files({ importId, outcome, limit: 1000, offset: 0 });
      this.record = imports.find((record) => record.id === importId) ?? null;
      this.outcome = outcome;
      this.files = answer.files;
      this.filesTotal = answer.total;
      this.step = { kind: 'ended', importId };
    });
  }

  again(): void {
    this.step = { kind: 'choose' };
    this.trouble = null;
    this.record = null;
    this.files = [];
  }

  async #follow(jobId: string, importId: string): Promise<void> {
    this.step = { kind: 'running', jobId, importId };
    await this.#jobs.ended(jobId);
    await this.show(importId, null);
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      this.trouble = null;
      await work();
    } catch (error) {
      this.trouble = wordsOf(error);
      if (this.step.kind === 'uploading') this.step = { kind: 'choose' };
    }
  }
}

/** Every file below what was dropped, with its path as the reader knows it. */
export const droppedFiles = async (transfer: DataTransfer): Promise<UploadFile[]> => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: UploadFile[] = [];
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    const path = entry.fullPath.replace(/^\//, '');
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      files.push({ path, file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // readEntries answers at most a hundred at a time, and an empty list at the end.
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return;
      for (const child of batch) await walk(child);
    }
  };
  for (const entry of entries) await walk(entry);
  return files;
};

export const pickedFiles = (list: FileList | null): UploadFile[] =>
  [...(list ?? [])].map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));

export const bytesText = (bytes: number): string =>
  bytes < 1e3
    ? `${bytes} B`
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(0)} kB`
      : bytes < 1e9
        ? `${(bytes / 1e6).toFixed(1)} MB`
        : `${(bytes / 1e9).toFixed(2)} GB`;
