/** What is saved as a file is what was drawn, where it was drawn. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { encodeDifference } from '../../models/kit/labels/difference.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { seeded } from '../../models/kit/random.ts';
import { Fault, type Segment, type SegmentAct } from '../../preload/contract/index.ts';
import { writePhantom } from '../dicom/write/index.ts';
import type { Segmentations } from '../domains.ts';
import { createSettings } from '../settings/index.ts';
import { temporaryStudies } from '../studies/test-base.ts';
import { createSegmentations } from './index.ts';

const [COLUMNS, ROWS, SLICES] = [40, 32, 9];
const SIZE = COLUMNS * ROWS;
const context = { signal: new AbortController().signal };

describe('segmentations as files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-export-'));
  const world = temporaryStudies();
  const settings = createSettings(world.base);
  const domain: Segmentations = createSegmentations(world.base, world.studies, settings);
  let seriesId = '';
  let studyId = '';
  const drawn = new Uint8Array(SIZE * SLICES);

  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const answer = domain.media(new Request(`http://media/${path}`, init), path.split('/'));
    assert.ok(answer);
    return answer;
  };
  const fileOf = async (id: string, form: string): Promise<Uint8Array> =>
    new Uint8Array(await (await ask(`segmentation/${id}/file/${form}`)).arrayBuffer());

  before(async () => {
    const who = { name: 'Export^Émile', id: 'X-1', birthDate: '1960-02-03', studyDate: '2026-06-01' };
    const study = { studyTime: '09:30:00', description: 'Phantom', accession: 'A1', key: 'export' };
    await writePhantom(phantom(`ct ${COLUMNS}x${ROWS}x${SLICES}`, { seed: 3 }), { ...who, ...study }, folder);
    await world.import(folder);
    const [found] = world.list();
    assert.ok(found?.series[0]);
    studyId = found.study.id;
    seriesId = found.series[0].id;
    await settings.handlers.settings.setReader({ name: 'Ada Reader' }, context);
    await domain.handlers.segmentations.create({ id: 'mine', seriesId, title: 'My organs' }, context);
    const random = seeded('export');
    for (const value of [1, 5, 7]) for (let n = 0; n < 300; n++) drawn[random.integer(0, drawn.length - 1)] = value;
    const difference = encodeDifference(
      Array.from({ length: SLICES }, (_, k) => {
        return { k, before: new Uint8Array(SIZE), after: drawn.subarray(k * SIZE, (k + 1) * SIZE) };
      }),
    );
    assert.ok(difference);
    const segments: Segment[] = [
      { value: 1, name: 'Leber', code: { value: '10200004', scheme: 'SCT', meaning: 'Liver' }, color: [221, 130, 101] },
      { value: 5, name: 'Herd 2', code: { value: '4147007', scheme: 'SCT', meaning: 'Mass' }, color: [10, 200, 0] },
      { value: 7, name: 'Rest', code: null, color: [0, 0, 255] },
      { value: 9, name: 'Empty', code: null, color: [9, 9, 9] },
    ];
    const act = { kind: 'edit', id: 'a', parent: null, title: 'Brush', segments } satisfies SegmentAct;
    const parts = [Buffer.from(JSON.stringify(act)), Buffer.from(difference)].flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(part.length);
      return [length, part];
    });
    await ask('segmentation/mine/acts', { method: 'PUT', body: new Uint8Array(Buffer.concat(parts)) });
    await domain.measured(studyId);
  });
  after(async () => {
    await domain.close();
    await world.close();
    world.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const form of ['binary', 'fractional', 'labelmap'])
    test(`DICOM SEG, ${form}: read again it is the same, beside the reader's own`, async () => {
      const bytes = await fileOf('mine', form);
      assert.deepEqual(await fileOf('mine', form), bytes, 'the same state is the same file');
      const path = join(folder, form);
      mkdirSync(path);
      writeFileSync(join(path, 'segmentation.dcm'), bytes);
      await world.import(path);
      const own = world.studies
        .study(studyId)
        .series.filter((one) => one.kind === 'segmentation')
        .find((one) => one.uid.startsWith('2.25.') && marksOf(one.id).length > 0 && !seen.has(one.id));
      assert.ok(own);
      seen.add(own.id);
      assert.equal(own.description, 'My organs');
      const [overlay, ...more] = marksOf(own.id);
      assert.ok(overlay?.kind === 'labelmap' && more.length === 0);
      const read = await world.studies.overlayBytes(overlay.id);
      const valueByName = new Map(overlay.labels.map(({ name, value }) => [name, value]));
      const expected = drawn.map((value) => {
        const name = { 1: 'Leber', 5: 'Herd 2', 7: 'Rest' }[value];
        return name === undefined ? 0 : (valueByName.get(name) ?? 0);
      });
      assert.deepEqual(Buffer.from(read), Buffer.from(expected));
      assert.deepEqual(
        overlay.labels.map(({ name, code, category, color }) => [name, code?.meaning, category?.meaning, [...color]]),
        [
          ['Leber', 'Liver', 'Anatomical Structure', [221, 130, 101]],
          ['Herd 2', 'Mass', 'Morphologically Abnormal Structure', [10, 200, 0]],
          ['Rest', 'Tissue', 'Tissue', [0, 0, 255]],
          ['Empty', 'Tissue', 'Tissue', [9, 9, 9]],
        ],
      );
      // Of a label map the numbers are the labels.
      if (form === 'labelmap') assert.deepEqual([...valueByName.values()], [1, 5, 7, 9]);
    });
  const seen = new Set<string>();
  const marksOf = (markId: string) =>
    world.studies.overlays(studyId).filter((one) => one.maker.kind === 'file' && one.maker.seriesId === markId);

  test('NIfTI: the same voxels and the same affine, x and y turned round', async () => {
    const bytes = gunzipSync(await fileOf('mine', 'nifti'));
    assert.equal(bytes.toString('latin1', 344, 347), 'n+1');
    assert.deepEqual(
      [40, 42, 44, 46].map((at) => bytes.readInt16LE(at)),
      [3, COLUMNS, ROWS, SLICES],
    );
    assert.deepEqual(bytes.subarray(352), Buffer.from(drawn));
    const { volume } = await world.studies.images(seriesId);
    assert.ok(volume.kind === 'volume');
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 4; column++) {
        const value = volume.affineVoxelToPatient[4 * row + column] ?? Number.NaN;
        const written = bytes.readFloatLE(280 + 16 * row + 4 * column);
        assert.ok(Math.abs(written - (row < 2 ? -value : value)) < 1e-4);
      }
    const other = temporaryStudies();
    try {
      const path = join(folder, 'nifti');
      mkdirSync(path);
      writeFileSync(join(path, 'mine.nii.gz'), await fileOf('mine', 'nifti'));
      await other.import(path);
      const again = await other.studies.images(other.list()[0]?.series[0]?.id ?? '');
      assert.ok(again.volume.kind === 'volume');
      for (const [n, value] of again.volume.affineVoxelToPatient.entries())
        assert.ok(Math.abs(value - (volume.affineVoxelToPatient[n] ?? 0)) < 1e-3, `${n}`);
    } finally {
      await other.close();
      other.remove();
    }
  });

  test('parts of one segmentation go into one file, overlapping; a label map cannot hold them', async () => {
    const part = async (id: string, value: number, from: number): Promise<void> => {
      const bytes = new Uint8Array(SIZE * SLICES).fill(value, from, from + 100);
      const labels = [
        { value, name: id, code: null, color: [1, 2, 3] as const, voxels: 100, volumeMl: null, bounds: null },
      ];
      await world.studies.putOverlay(
        {
          kind: 'labelmap',
          id,
          seriesId,
          maker: { kind: 'model', package: 'organs', version: '2', jobId: 'j' },
          createdAt: '2026-01-01T00:00:00.000Z',
          title: 'Overlapping',
          dims: [COLUMNS, ROWS, SLICES],
          labels,
          family: 'together',
        },
        bytes,
      );
    };
    await part('first', 3, 500);
    await part('second', 4, 550);
    await assert.rejects(fileOf('first', 'labelmap'), /Segments overlap/);
    const path = join(folder, 'parts');
    mkdirSync(path);
    writeFileSync(join(path, 'parts.dcm'), await fileOf('second', 'binary'));
    await world.import(path);
    const read = world.studies
      .overlays(studyId)
      .filter((one) => one.maker.kind === 'file' && one.title.startsWith('Overlapping'));
    assert.deepEqual(
      read.flatMap((one) => (one.kind === 'labelmap' ? one.labels.map(({ name, bounds }) => [name, bounds]) : [])),
      await Promise.all(
        ['first', 'second'].map(async (name) => {
          const at = name === 'first' ? 500 : 550;
          return [name, [0, Math.floor(at / COLUMNS), 0, COLUMNS, Math.ceil((at + 100) / COLUMNS), 1]];
        }),
      ),
    );
    const families = new Set(read.map((one) => (one.kind === 'labelmap' ? one.family : '')));
    assert.equal(families.size, 1);
  });

  test('the name of the file tells nothing; what is not there or cannot be held is refused', async () => {
    const answer = await ask('segmentation/mine/file/binary');
    assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="segmentation.dcm"');
    await assert.rejects(fileOf('nobody', 'binary'), (error) => error instanceof Fault && error.code === 'not-found');
    await assert.rejects(fileOf('mine', 'nrrd'), (error) => error instanceof Fault && error.code === 'invalid');
  });
});
