/** An export on disk: complete under its name, or not there. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Assembled } from './assemble.ts';

export const DATA_FILE = 'preferences.jsonl';

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder; there the rename is durable by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const writeFile = async (path: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export const dataBytes = ({ lines }: Assembled): Uint8Array =>
  Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');

/** folder/<id>/…: written beside it, synced, renamed. Answers the files' paths below it. */
export const writeFolder = async (
  folder: string,
  id: string,
  assembled: Assembled,
  signal: AbortSignal,
): Promise<string[]> => {
  const made = join(folder, `.making-${id}`);
  await rm(made, { recursive: true, force: true });
  await mkdir(made, { recursive: true, mode: 0o700 });
  const files: string[] = [];
  try {
    const put = async (path: string, bytes: Uint8Array): Promise<void> => {
      signal.throwIfAborted();
      await writeFile(join(made, path), bytes);
      files.push(path);
    };
    await put(DATA_FILE, dataBytes(assembled));
    for (const image of assembled.images) await put(image.path, await image.bytes());
    if (assembled.images.length > 0) await syncFolder(join(made, 'images'));
    await syncFolder(made);
    await rename(made, join(folder, id));
    await syncFolder(folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
  return files;
};

/** One JSON-lines file where the command line asks for it, its images beside it. */
export const writeOut = async (out: string, assembled: Assembled): Promise<string[]> => {
  const folder = dirname(out);
  const files: string[] = [];
  for (const image of assembled.images) {
    const path = join(folder, image.path);
    await writeFile(path, await image.bytes());
    files.push(path);
  }
  const made = `${out}.making`;
  await rm(made, { force: true });
  await writeFile(made, dataBytes(assembled));
  await rename(made, out);
  await syncFolder(folder);
  return [out, ...files];
};

/** Deletes what a crash left: folders that are no export. Answers how many. */
export const sweep = async (folder: string, known: ReadonlySet<string>): Promise<number> => {
  const found = await readdir(folder).catch(() => [] as string[]);
  const orphans = found.filter((name) => !known.has(name));
  for (const name of orphans) await rm(join(folder, name), { recursive: true, force: true });
  return orphans.length;
};
