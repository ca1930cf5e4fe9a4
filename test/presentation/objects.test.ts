import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DataElements, part10, writePhantom } from '../../main/dicom/write/index.ts';
import type { MediaHandler } from '../../main/domains.ts';
import { createKeyImages } from '../../main/key-images/index.ts';
import { createPresentations } from '../../main/presentations/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { Fault, type Frame, Presentation } from '../../preload/contract/index.ts';
import { dciodvfyErrors, pythonWithHighdicom } from '../dicom-tools.ts';

const context = { signal: new AbortController().signal };
const WHO = {
  name: 'Müller^Änne',
  id: 'KO-1',
  birthDate: '1970-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom',
  accession: 'A1',
};
const fault =
  (code: string, words = /./) =>
  (error: unknown) =>
    error instanceof Fault && error.code === code && words.test(error.message);

describe('key images and presentation states as DICOM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-objects-'));
  const s = temporaryStudies();
  const settings = createSettings(s.base);
  const keys = createKeyImages(s.base, s.studies, settings);
  const presentations = createPresentations(s.base, s.studies, settings);
  let studyId = '';
  let seriesId = '';
  let seriesUid = '';
  let frames: readonly Frame[] = [];
  before(async () => {
    await writePhantom(phantom('ct 64x64x12', { seed: 5 }), { ...WHO, key: 'objects' }, join(folder, 'ct'));
    await s.import(join(folder, 'ct'));
    await settings.handlers.settings.setReader({ name: 'Ada Reader' }, context);
    const [found] = s.list();
    const series = found?.series.find(({ modality }) => modality === 'CT');
    assert.ok(found && series);
    studyId = found.study.id;
    seriesId = series.id;
    seriesUid = series.uid;
    frames = (await s.studies.images(seriesId)).frames;
  });
  after(async () => {
    await s.close();
    s.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const frame = (index: number): Frame => {
    const one = frames[index];
    assert.ok(one);
    return one;
  };
  const fetchFile = async (media: MediaHandler, address: string, name: string): Promise<string> => {
    const answer = await media(new Request(`http://media/${address}`), address.split('/'));
    assert.ok(answer?.ok);
    assert.doesNotMatch(answer.headers.get('content-disposition') ?? '', /M[üu]ller|KO-1/);
    const path = join(folder, name);
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    return path;
  };
  const byOthers = (what: 'key-objects' | 'presentation', path: string): Record<string, unknown> | null => {
    const python = pythonWithHighdicom();
    if (!python) return null;
    const read = fileURLToPath(new URL('./read.py', import.meta.url));
    const { stdout, stderr, status } = spawnSync(python, ['-W', 'ignore', read, what, path], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const mark = (index: number, note: string) =>
    keys.handlers.keyImages.put(
      {
        opId: `mark-${index}`,
        revision: 0,
        image: { seriesId, instanceUid: frame(index).instanceUid, frameNumber: 1 },
        note,
      },
      context,
    );

  test('key images: written as a Key Object Selection, read by others, and shown read only where imported', async () => {
    await mark(7, 'Knoten, 8 mm — größer');
    await mark(2, '');
    const path = await fetchFile(keys.media, `key-images/${studyId}.dcm`, 'ko.dcm');
    const again = await fetchFile(keys.media, `key-images/${studyId}.dcm`, 'ko-again.dcm');
    assert.ok(readFileSync(path).equals(readFileSync(again)), 'the same key images give the same file');
    const errors = dciodvfyErrors(path);
    if (errors) assert.deepEqual(errors, []);
    const found = byOthers('key-objects', path);
    const uids = [frame(2).instanceUid, frame(7).instanceUid];
    const note = `Series ${s.studies.seriesOf(seriesId).number}, image 8: Knoten, 8 mm — größer`;
    if (found) {
      assert.equal(found.title, '113000');
      assert.deepEqual(
        found.references,
        uids.map((uid) => [uid, null]),
      );
      assert.deepEqual(found.texts, [note]);
      const { study } = s.studies.study(studyId);
      assert.deepEqual(
        found.resolves,
        uids.map((uid) => [study.uid, seriesUid, uid]),
      );
    }
    console.log(
      `key object selections: dciodvfy ${errors ? 'passed 1' : 'not installed'}; highdicom ${found ? 'read 1' : 'not installed'}`,
    );
    await s.import(path);
    const { objects } = await keys.handlers.keyImages.ofFiles({ studyId }, context);
    assert.deepEqual(
      objects.map(({ seriesId: _, ...rest }) => rest),
      [
        {
          title: 'Of Interest',
          note,
          images: uids.map((instanceUid, n) => ({
            instanceUid,
            frameNumbers: [],
            place: { seriesId, frameIndex: [2, 7][n] },
          })),
          trouble: '',
        },
      ],
    );
    assert.equal(s.studies.seriesOf(objects[0]?.seriesId ?? '').modality, 'KO');
  });

  const base = (): Presentation => ({
    label: 'Lunge, gedreht',
    description: '',
    images: frames.map(({ instanceUid }) => ({ instanceUid, frameNumbers: [] })),
    rescale: { slope: frame(0).slope, intercept: frame(0).intercept, type: 'HU' },
    windows: [
      { images: [], window: { center: -600.5, width: 1500.25, name: 'Lung', function: 'LINEAR_EXACT' }, table: null },
    ],
    inverted: true,
    quarterTurns: 1,
    flipped: true,
    areas: [{ images: [], from: [3, 5], to: [40, 50], mode: 'fit', magnification: null, spacingMm: [0.75, 0.5] }],
    shutter: { shapes: [{ kind: 'rectangle', left: 2, top: 3, right: 60, bottom: 61 }], grey: 0 },
    graphics: [
      {
        images: [{ instanceUid: frame(4).instanceUid, frameNumbers: [] }],
        layer: 'MEASUREMENTS',
        shapes: [
          {
            units: 'image',
            kind: 'polyline',
            points: [
              [10.5, 12],
              [40.25, 50.75],
            ],
            filled: false,
          },
          {
            units: 'image',
            kind: 'ellipse',
            points: [
              [10, 20],
              [30, 20],
              [20, 15],
              [20, 25],
            ],
            filled: false,
          },
        ],
        texts: [
          {
            text: 'Länge 1\n12.3 mm',
            units: 'image',
            box: null,
            anchor: { at: [40.25, 50.75], units: 'image', visible: false },
          },
        ],
      },
    ],
  });
  let kept = 0;
  const keep = async (presentation: Presentation) => {
    kept += 1;
    return presentations.handlers.presentations.put(
      { opId: `op-${kept}`, id: `p${kept}`, seriesId, presentation },
      context,
    );
  };

  test('a presentation: written without an error, read by others with equal values, and by us with all of them', async () => {
    const listed = await keep(base());
    const path = await fetchFile(presentations.media, `presentation/${listed.id}.dcm`, 'pr.dcm');
    const errors = dciodvfyErrors(path);
    if (errors) assert.deepEqual(errors, []);
    const found = byOthers('presentation', path);
    if (found)
      assert.deepEqual(found, {
        label: 'LUNGE GEDREHT',
        description: 'Lunge, gedreht',
        creator: 'Reader^Ada',
        rescale: [frame(0).slope, frame(0).intercept, 'HU'],
        images: [frames.map(({ instanceUid }) => instanceUid)],
        windows: [[-600.5, 1500.25, 'LINEAR_EXACT', 'Lung']],
        shape: 'INVERSE',
        // Mirrored, then turned by 90: turned by 270, then mirrored.
        rotation: 270,
        flip: 'Y',
        // Seen at the upper left: the image's lower right.
        areas: [[[40, 50], [4, 6], 'SCALE TO FIT', [0.75, 0.5]]],
        shutter: ['RECTANGULAR', 3, 0],
        graphics: [
          {
            images: [frame(4).instanceUid],
            layer: 'MEASUREMENTS',
            shapes: [
              ['POLYLINE', [10.5, 12, 40.25, 50.75]],
              ['ELLIPSE', [10, 20, 30, 20, 20, 15, 20, 25]],
            ],
            texts: ['Länge 1\r\n12.3 mm'],
          },
        ],
      });
    console.log(
      `presentation states: dciodvfy ${errors ? 'passed 1' : 'not installed'}; pydicom ${found ? 'read 1' : 'not installed'}`,
    );
    await s.import(path);
    const all = await presentations.handlers.presentations.list({ studyId }, context);
    const [ofFile, own] = all.presentations;
    assert.equal(ofFile?.source.kind, 'file');
    assert.equal(own?.id, listed.id);
    assert.deepEqual(ofFile?.remarks, []);
    const expected = base();
    assert.deepEqual(Presentation.parse(ofFile?.presentation), {
      ...expected,
      label: 'LUNGE GEDREHT',
      description: 'Lunge, gedreht',
      graphics: expected.graphics.map((one) => ({
        ...one,
        texts: one.texts.map((text) => ({ ...text, text: 'Länge 1\r\n12.3 mm' })),
      })),
    });
  });

  test('each of the eight ways to lie is read as it was written', async () => {
    for (const flipped of [false, true])
      for (const quarterTurns of [0, 1, 2, 3] as const) {
        const listed = await keep({ ...base(), flipped, quarterTurns, inverted: false });
        const path = await fetchFile(presentations.media, `presentation/${listed.id}.dcm`, `lie-${listed.id}.dcm`);
        const errors = dciodvfyErrors(path);
        if (errors) assert.deepEqual(errors, []);
        await s.import(path);
        const all = await presentations.handlers.presentations.list({ studyId }, context);
        const read = all.presentations.filter(({ source }) => source.kind === 'file').at(-1)?.presentation;
        assert.deepEqual(
          [read?.flipped, read?.quarterTurns, read?.areas[0]?.from, read?.areas[0]?.to, read?.inverted],
          [flipped, quarterTurns, [3, 5], [40, 50], false],
        );
      }
  });

  test('a curve of greys, a sigmoid and magnification come back as they were', async () => {
    const table = Buffer.alloc(512);
    for (let n = 0; n < 256; n++) table.writeUInt16LE(255 - n, 2 * n);
    const listed = await keep({
      ...base(),
      windows: [
        {
          images: [{ instanceUid: frame(0).instanceUid, frameNumbers: [] }],
          window: { center: -872.5, width: 255, name: 'Table' },
          table: { first: -1000, bits: 8, values: table.toString('base64') },
        },
        {
          images: [{ instanceUid: frame(1).instanceUid, frameNumbers: [] }],
          window: { center: 40, width: 400, name: '', function: 'SIGMOID' },
          table: null,
        },
      ],
      areas: [{ images: [], from: [0, 0], to: [64, 64], mode: 'magnify', magnification: 2.5, spacingMm: null }],
      shutter: { shapes: [{ kind: 'circle', center: [30.5, 31.5], radius: 20 }], grey: 1 },
    });
    const path = await fetchFile(presentations.media, `presentation/${listed.id}.dcm`, 'table.dcm');
    const errors = dciodvfyErrors(path);
    if (errors) assert.deepEqual(errors, []);
    await s.import(path);
    const all = await presentations.handlers.presentations.list({ studyId }, context);
    const read = all.presentations.filter(({ source }) => source.kind === 'file').at(-1)?.presentation;
    assert.deepEqual(
      read?.windows.map(({ table, window }) => [table?.first, table?.values, window.function]),
      [
        [-1000, table.toString('base64'), undefined],
        [undefined, undefined, 'SIGMOID'],
      ],
    );
    assert.equal(read?.areas[0]?.magnification, 2.5);
    assert.deepEqual(read?.shutter, { shapes: [{ kind: 'circle', center: [30.5, 31.5], radius: 20 }], grey: 1 });
  });

  test('what does not belong to the series, or to grey images of one scale, is not kept', async () => {
    const strange = { instanceUid: '1.2.3', frameNumbers: [] };
    await assert.rejects(keep({ ...base(), images: [strange] }), fault('invalid', /not in this series/));
    await assert.rejects(keep({ ...base(), images: [] }), fault('invalid'));
    const [first] = base().graphics;
    assert.ok(first);
    await assert.rejects(keep({ ...base(), graphics: [{ ...first, images: [strange] }] }), fault('invalid'));
    await assert.rejects(
      keep({ ...base(), rescale: { slope: 2, intercept: 0, type: 'HU' } }),
      fault('refused', /different scales/),
    );
  });

  let made = 9_000_000;
  const hostile = (): number => {
    made += 1;
    return made;
  };
  const state = (more: Parameters<typeof part10>[2]): Uint8Array =>
    part10('1.2.840.10008.5.1.4.1.1.11.1', `2.25.${hostile()}`, [
      ['00080060', 'CS', 'PR'],
      ['00100010', 'PN', s.studies.study(studyId).study.patient.name],
      ['00100020', 'LO', s.studies.study(studyId).study.patient.id],
      ['00100030', 'DA', '19700203'],
      ['0020000D', 'UI', s.studies.study(studyId).study.uid],
      ['0020000E', 'UI', '2.25.77'],
      ['00700080', 'CS', 'HOSTILE'],
      ...more,
    ]);
  const importState = async (bytes: Uint8Array) => {
    const path = join(folder, `hostile-${made}.dcm`);
    writeFileSync(path, bytes);
    const done = await s.import(path);
    assert.equal(done.files[0]?.outcome, 'imported', done.files[0]?.reason);
    const all = await presentations.handlers.presentations.list({ studyId }, context);

    return all.presentations.filter(({ source }) => source.kind === 'file').at(-1);
  };

  test('files that want too much, or what is not done here, are listed with words', async () => {
    const parts = Array.from({ length: 30 }, () => [
      ['00700005', 'CS', 'PIXEL'],
      ['00700022', 'FL', new Array<number>(16_000).fill(1)],
      ['00700023', 'CS', 'POLYLINE'],
    ]) as unknown as DataElements[];
    const large = await importState(
      state([
        [
          '00700001',
          'SQ',
          [
            [
              ['00700002', 'CS', 'L'],
              ['00700009', 'SQ', parts],
            ],
          ] as never,
        ],
      ]),
    );
    assert.equal(large?.presentation, null);
    assert.match(large?.remarks[0] ?? '', /more than anyone draws/);
    const partly = await importState(
      state([
        ['00286100', 'SQ', [[['00286101', 'CS', 'AVG_SUB']]]],
        ['20500010', 'SQ', [[['00283002', 'US', [256, 0, 8]]]]],
        ['00181600', 'CS', 'BITMAP'],
        [
          '00700001',
          'SQ',
          [
            [
              ['00700002', 'CS', 'L'],
              [
                '00700009',
                'SQ',
                [
                  [
                    ['00700005', 'CS', 'MATRIX'],
                    ['00700022', 'FL', [1, 2, 3]],
                    ['00700023', 'CS', 'POLYLINE'],
                  ],
                ],
              ],
            ],
          ] as never,
        ],
        [
          '0070005A',
          'SQ',
          [
            [
              ['00700052', 'SL', [1, 1]],
              ['00700053', 'SL', [9, 9]],
              ['00700100', 'CS', 'TRUE SIZE'],
              ['00700101', 'DS', ['x', '-1']],
            ],
          ] as never,
        ],
      ]),
    );
    assert.equal(partly?.presentation?.areas[0]?.spacingMm, null);
    assert.deepEqual(partly?.presentation?.graphics[0]?.shapes, []);
    for (const words of [/mask/, /presentation table/, /bitmap/, /not drawn here/, /true size/])
      assert.ok(
        partly?.remarks.some((remark) => words.test(remark)),
        String(words),
      );
    const colour = part10('1.2.840.10008.5.1.4.1.1.11.2', `2.25.${hostile()}`, [
      ['00080060', 'CS', 'PR'],
      ['00100010', 'PN', s.studies.study(studyId).study.patient.name],
      ['00100020', 'LO', s.studies.study(studyId).study.patient.id],
      ['00100030', 'DA', '19700203'],
      ['0020000D', 'UI', s.studies.study(studyId).study.uid],
      ['0020000E', 'UI', '2.25.78'],
    ]);
    const other = await importState(colour);
    assert.equal(other?.presentation, null);
    assert.match(other?.remarks[0] ?? '', /only grayscale/);
  });

  test('a removed presentation is not listed and has no file', async () => {
    const listed = await keep(base());
    await presentations.handlers.presentations.remove({ opId: 'gone', id: listed.id }, context);
    const all = await presentations.handlers.presentations.list({ studyId }, context);
    assert.ok(!all.presentations.some(({ id }) => id === listed.id));
    const answer = presentations.media(new Request('http://media/x'), ['presentation', `${listed.id}.dcm`]);
    await assert.rejects(Promise.resolve(answer), fault('not-found'));
  });
});
