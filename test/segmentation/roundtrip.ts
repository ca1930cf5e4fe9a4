/** Random segmentations written, checked by others' programs where they are installed, and read again by us. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { dciodvfyErrors, pythonWithHighdicom } from '../dicom-tools.ts';
import { type RandomSegmentation, randomSegmentation, sourceOf } from './random.ts';

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const READ = fileURLToPath(new URL('./read.py', import.meta.url));

export interface Tally {
  /** Files whose every voxel, name and colour came back. */
  exact: number;
  readonly overlapping: number;
  readonly emptyFrames: number;
  /** Binary and fractional files that dciodvfy passed without an error; null where it is not installed. */
  dciodvfy: number | null;
  /** Files that highdicom read as they were written; null where it is not installed. */
  highdicom: number | null;
}

const checkByDciodvfy = (path: string): boolean => {
  const errors = dciodvfyErrors(path);
  if (errors !== null) assert.deepEqual(errors, [], path);
  return errors !== null;
};

const checkByHighdicom = (
  python: string,
  folder: string,
  uids: readonly string[],
  files: readonly { readonly path: string; readonly made: RandomSegmentation }[],
): void => {
  const listed = join(folder, 'images.json');
  writeFileSync(listed, JSON.stringify(uids));
  const { stdout, stderr, status } = spawnSync(python, [READ, listed, ...files.map(({ path }) => path)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  assert.equal(status, 0, stderr);
  const read = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Read);
  assert.equal(read.length, files.length);
  for (const [n, { made }] of files.entries()) {
    assert.equal(read[n]?.type, made.type);
    assert.deepEqual(
      read[n]?.segments.map(({ number }) => number),
      [...made.masks.keys()],
      made.name,
    );
    for (const { number, label, mask } of read[n]?.segments ?? []) {
      assert.equal(label, made.names.get(number));
      assert.ok(
        Buffer.from(mask, 'base64').equals(made.masks.get(number) ?? Buffer.alloc(0)),
        `${made.name}: ${number}`,
      );
    }
  }
};
interface Read {
  readonly type: string;
  readonly segments: readonly { readonly number: number; readonly label: string; readonly mask: string }[];
}

/** Writes so many, checks each, imports them beside their images and compares every voxel. */
export const roundTrips = async (count: number): Promise<Tally> => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-seg-'));
  const world = temporaryStudies();
  try {
    const images = join(folder, 'images');
    const person = { name: 'Schnitt^Jördis', id: 'S-1', birthDate: '1960-02-03', studyDate: '2026-06-01' };
    const study = { studyTime: '09:30:00', description: 'Phantom', accession: 'A1', key: 'segmentations' };
    await writePhantom(phantom('ct 25x18x9', { seed: 5 }), { ...person, ...study }, images);
    await world.import(images);
    const [found] = world.list();
    const [series] = found?.series ?? [];
    assert.ok(found && series);
    const target = await world.studies.images(series.id);
    const source = sourceOf(target, found.study, series.uid, CT_IMAGE);
    const drawn = join(folder, 'drawn');
    mkdirSync(drawn);
    const files = await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const made = await randomSegmentation(source, n);
        const path = join(drawn, `${made.name}.dcm`);
        writeFileSync(path, made.bytes);
        return { path, made };
      }),
    );
    const size = target.frames.length * source.rows * source.columns;
    const overlaps = ({ masks }: RandomSegmentation): boolean => {
      const sum = new Uint8Array(size);
      for (const mask of masks.values()) for (const [at, is] of mask.entries()) sum[at] = (sum[at] ?? 0) + is;
      return sum.some((n) => n > 1);
    };
    const tally: Tally = {
      exact: 0,
      overlapping: files.filter(({ made }) => overlaps(made)).length,
      emptyFrames: files.filter(({ made }) => made.everyFrame || [...made.masks.values()].some((m) => !m.includes(1)))
        .length,
      dciodvfy: null,
      highdicom: null,
    };
    const checked = files.filter(({ made }) => made.type !== 'LABELMAP');
    if (checked.every(({ path }) => checkByDciodvfy(path))) tally.dciodvfy = checked.length;
    const python = pythonWithHighdicom();
    if (python !== null) {
      checkByHighdicom(
        python,
        folder,
        target.frames.map((frame) => frame.instanceUid),
        files,
      );
      tally.highdicom = files.length;
    }
    await world.import(drawn);
    assert.deepEqual(world.logged, []);
    const all = world.studies.overlays(found.study.id);
    const marks = world.studies.study(found.study.id).series.filter((one) => one.kind === 'segmentation');
    assert.equal(marks.length, count);
    for (const { made } of files) {
      const own = marks.find((one) => one.description === made.name);
      const parts = all.filter((one) => one.maker.kind === 'file' && one.maker.seriesId === own?.id);
      const read = new Map<number, { name: string; color: readonly number[]; mask: Uint8Array; voxels: number }>();
      for (const part of parts) {
        assert.ok(part.kind === 'labelmap' && part.seriesId === series.id);
        const map = await world.studies.overlayBytes(part.id);
        for (const { value, name, color, voxels } of part.labels)
          read.set(value, { name, color, voxels, mask: map.map((label) => Number(label === value)) });
      }
      assert.deepEqual([...read.keys()].sort(), [...made.masks.keys()].sort(), made.name);
      for (const [number, mask] of made.masks) {
        const one = read.get(number);
        assert.ok(one && Buffer.from(one.mask).equals(mask), `${made.name}: segment ${number}`);
        assert.equal(one.name, made.names.get(number));
        assert.deepEqual(one.color, made.colors.get(number));
        assert.equal(
          one.voxels,
          mask.reduce((sum, is) => sum + is, 0),
        );
      }
      tally.exact += 1;
    }
    return tally;
  } finally {
    await world.close();
    world.remove();
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  }
};

export const tallyText = (count: number, tally: Tally): string =>
  `segmentations: ${count} written and read, ${tally.exact} exact (${tally.overlapping} with overlaps, ${tally.emptyFrames} with frames or segments without a voxel); dciodvfy ${tally.dciodvfy === null ? 'not installed' : `passed ${tally.dciodvfy} binary and fractional`}; highdicom ${tally.highdicom === null ? 'not installed' : `read ${tally.highdicom} the same`}`;
