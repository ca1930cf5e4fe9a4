/** Model packages on disk: found, read and held against their manifests. Data only; nothing of a package is ever run but its network. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { pipeline as pump } from 'node:stream/promises';
import { Manifest } from '../../models/kit/manifest.ts';
import type { ModelPackage } from '../../preload/contract/index.ts';
import type { PackageRef } from './messages.ts';

const MOST_MANIFEST_BYTES = 4 << 20;
const MOST_CARD_BYTES = 256 << 10;
const MOST_PACKAGE_BYTES = 8 * 2 ** 30;

export interface FoundPackage extends PackageRef {
  readonly card: string;
  readonly bytes: number;
}
export type Found =
  | { readonly kind: 'usable'; readonly found: FoundPackage }
  | { readonly kind: 'refused'; readonly name: string; readonly why: string; readonly found: FoundPackage | null };

class Refused extends Error {}

/** Hashes by path, size and time of change: a file is read again only when one of them differs. */
const hashes = new Map<string, string>();

const hashOf = async (path: string, size: number, changedMs: number): Promise<string> => {
  const key = `${path}\n${size}\n${changedMs}`;
  const known = hashes.get(key);
  if (known) return known;
  const hash = createHash('sha256');
  await pump(createReadStream(path), hash);
  const value = hash.digest('hex');
  hashes.set(key, value);
  return value;
};

/** A plain file inside the folder; no link leads out of it. */
const checkFile = async (folder: string, file: Manifest['files'][number]): Promise<void> => {
  const path = join(folder, file.path);
  const state = await lstat(path).catch(() => null);
  if (!state) throw new Refused(`${file.path} is missing`);
  if (!state.isFile()) throw new Refused(`${file.path} is no plain file`);
  const [real, top] = await Promise.all([realpath(path), realpath(folder)]);
  if (!real.startsWith(top + sep)) throw new Refused(`${file.path} lies outside the package`);
  if (state.size !== file.bytes) throw new Refused(`${file.path} has ${state.size} bytes, not ${file.bytes}`);
  if ((await hashOf(path, state.size, state.mtimeMs)) !== file.sha256)
    throw new Refused(`${file.path} was changed: its hash is not the manifest's`);
};

const readManifest = async (folder: string): Promise<Manifest> => {
  const path = join(folder, 'manifest.json');
  const state = await lstat(path);
  if (!state.isFile()) throw new Refused('manifest.json is no plain file');
  if (state.size > MOST_MANIFEST_BYTES) throw new Refused('manifest.json is too large');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new Refused('manifest.json is no JSON');
  }
  const manifest = Manifest.safeParse(json);
  if (!manifest.success) {
    const [first] = manifest.error.issues;
    throw new Refused(`manifest.json: ${first?.path.join('.') || 'manifest'}: ${first?.message ?? 'not understood'}`);
  }
  return manifest.data;
};

const readPackage = async (folder: string): Promise<Found> => {
  const name = basename(folder);
  let found: FoundPackage | null = null;
  try {
    const manifest = await readManifest(folder);
    if (manifest.name !== name) throw new Refused(`the manifest's name is ${manifest.name}, the folder's is ${name}`);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > MOST_PACKAGE_BYTES) throw new Refused('the package is too large');
    found = { folder, manifest, card: '', bytes };
    for (const file of manifest.files) await checkFile(folder, file);
    const card = await readFile(join(folder, 'card.md'), 'utf8');
    return { kind: 'usable', found: { ...found, card: card.slice(0, MOST_CARD_BYTES) } };
  } catch (error) {
    const why = error instanceof Refused ? error.message : 'the package cannot be read';
    return { kind: 'refused', name, why, found };
  }
};

/** Every folder with a manifest.json, by name; of two with one name the one in the earlier folder counts. */
export const findPackages = async (folders: readonly string[]): Promise<Found[]> => {
  const out = new Map<string, Found>();
  for (const folder of folders) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isDirectory()) continue;
      const own = join(folder, entry.name);
      if (!(await lstat(join(own, 'manifest.json')).catch(() => null))) continue;
      if (out.has(entry.name)) {
        out.set(`${entry.name} (second)`, {
          kind: 'refused',
          name: entry.name,
          why: 'another package has this name',
          found: null,
        });
      } else out.set(entry.name, await readPackage(own));
    }
  }
  return [...out.values()];
};

/** As the models screen shows it; what could not be read stays empty. */
export const describe = (entry: Found): ModelPackage => {
  const { found } = entry;
  const refused = entry.kind === 'refused' ? entry.why : null;
  const name = entry.kind === 'refused' ? entry.name : entry.found.manifest.name;
  if (!found)
    return {
      name,
      version: '',
      title: name,
      task: 'classification',
      modalities: [],
      licence: '',
      intendedUse: '',
      clinicalUse: false,
      trainedOn: [],
      phantomsOnly: false,
      figures: [],
      labels: [],
      card: '',
      bytes: 0,
      refused,
    };
  const { manifest, card, bytes } = found;
  return {
    name,
    version: manifest.version,
    title: manifest.title,
    task: manifest.pipeline.task,
    modalities: manifest.modalities,
    licence: manifest.licence,
    intendedUse: manifest.intendedUse,
    clinicalUse: false,
    trainedOn: manifest.trainedOn,
    phantomsOnly: manifest.pipeline.task === 'report-drafting' && manifest.pipeline.phantomsOnly === true,
    figures: manifest.figures,
    labels: manifest.labels.map(({ key, name: shown, code }) => ({ key, name: shown, code })),
    card,
    bytes,
    refused,
  };
};
