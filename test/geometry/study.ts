/** The acquisitions as DICOM files of one study, taken in with labels of the balls. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '../../main/backend.ts';
import { part10, uidOf } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { voxelToPatient } from '../../models/kit/geometry.ts';
import { measureLabels, measureSlice } from '../../models/kit/labels/measure.ts';
import type { Overlay } from '../../preload/contract/index.ts';
import { ACQUISITIONS, type Acquisition, MARKS, painted } from './acquisitions.ts';

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
/** One series more, of the first acquisition's images, in a frame of reference of its own. */
export const STRANGER = 'elsewhere';

const writeSeries = (folder: string, acquisition: Acquisition, number: number, name: string, frame: string): void => {
  const { dims, affine, row, column, spacingMm, sliceMm, position } = acquisition;
  const [columns, rows, slices] = dims;
  const { hu } = painted(acquisition);
  for (let k = 0; k < slices; k++) {
    const plane = hu.slice(k * columns * rows, (k + 1) * columns * rows);
    const bytes = part10(CT_IMAGE, uidOf(`marks/${name}/${k}`), [
      ['00080020', 'DA', '20260601'],
      ['00080030', 'TM', '093000'],
      ['00080060', 'CS', 'CT'],
      ['00081030', 'LO', 'Marks at known places'],
      ['0008103E', 'LO', name],
      ['00100010', 'PN', 'Marks^Martha'],
      ['00100020', 'LO', 'MARKS-1'],
      ['00100030', 'DA', '19600203'],
      ['00100040', 'CS', 'F'],
      ['00180015', 'CS', 'HEAD'],
      ['00180050', 'DS', sliceMm],
      ['00181120', 'DS', acquisition.tiltDegrees],
      ['00185100', 'CS', position],
      ['0020000D', 'UI', uidOf('marks/study')],
      ['0020000E', 'UI', uidOf(`marks/${name}`)],
      ['00200010', 'SH', '1'],
      ['00200011', 'IS', number],
      // Feet first and prone, the images are counted the other way round.
      ['00200013', 'IS', position === 'HFS' ? k + 1 : slices - k],
      ['00200032', 'DS', voxelToPatient(affine, [0, 0, k]).map((mm) => Number(mm.toFixed(6)))],
      ['00200037', 'DS', [...row, ...column].map((part) => Number(part.toFixed(9)))],
      ['00200052', 'UI', uidOf(`marks/${frame}`)],
      ['00280002', 'US', 1],
      ['00280004', 'CS', 'MONOCHROME2'],
      ['00280010', 'US', rows],
      ['00280011', 'US', columns],
      ['00280030', 'DS', [...spacingMm]],
      ['00280100', 'US', 16],
      ['00280101', 'US', 16],
      ['00280102', 'US', 15],
      ['00280103', 'US', 1],
      ['00281050', 'DS', 0],
      ['00281051', 'DS', 2000],
      ['00281052', 'DS', 0],
      ['00281053', 'DS', 1],
      ['00281054', 'LO', 'HU'],
      ['7FE00010', 'OW', new Uint8Array(plane.buffer)],
    ]);
    writeFileSync(join(folder, `${number}-${String(k).padStart(3, '0')}.dcm`), bytes);
  }
};

/** One pure colour a ball, so that each is known again in 3D. */
export const COLORS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [255, 0, 255],
] as const;

const overlayOf = (acquisition: Acquisition, seriesId: string): { overlay: Overlay; bytes: Uint8Array } => {
  const { labels: bytes } = painted(acquisition);
  const [columns, rows, slices] = acquisition.dims;
  const each = Array.from({ length: slices }, (_, k) =>
    measureSlice(bytes.subarray(k * columns * rows, (k + 1) * columns * rows), columns),
  );
  const measured = measureLabels(each);
  const labels = MARKS.map((_, n) => {
    const found = measured.get(n + 1);
    assert.ok(found, `${acquisition.name} holds mark ${n + 1}`);
    const color = COLORS[n] ?? ([255, 255, 255] as const);
    return {
      value: n + 1,
      name: `mark ${n + 1}`,
      code: null,
      color,
      voxels: found.voxels,
      volumeMl: null,
      bounds: found.bounds,
    };
  });
  const { dims } = acquisition;
  return {
    bytes,
    overlay: {
      kind: 'labelmap',
      id: `marks-${acquisition.name.replace(' ', '-')}`,
      seriesId,
      maker: { kind: 'reader' },
      createdAt: '2026-01-01T00:00:00.000Z',
      title: 'Marks',
      dims,
      labels,
    },
  };
};

const silent = { info: () => {}, warn: () => {}, error: () => {} };

export interface MarksStudy {
  readonly storeFolder: string;
  /** By name of the acquisition. */
  readonly series: ReadonlyMap<string, string>;
  remove(): void;
}

export const marksStudy = async (): Promise<MarksStudy> => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-marks-'));
  const storeFolder = mkdtempSync(join(tmpdir(), 'sightline-flow-'));
  mkdirSync(folder, { recursive: true });
  for (const [n, one] of ACQUISITIONS.entries()) writeSeries(folder, one, n + 1, one.name, 'frame');
  const [first] = ACQUISITIONS;
  assert.ok(first);
  writeSeries(folder, first, ACQUISITIONS.length + 1, STRANGER, 'another frame');
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
  const series = new Map<string, string>();
  try {
    const { studies, jobs } = backend.domains;
    await jobs.ended(studies.importPath(folder, { copy: true, label: 'marks' }).jobId);
    const { studies: found } = await backend.handlers.studies.list(
      { text: '', modality: null, status: null, from: null, to: null, order: 'newest', limit: 10, offset: 0 },
      { signal: new AbortController().signal },
    );
    for (const one of studies.study(found[0]?.id ?? '').series) series.set(one.description, one.id);
    for (const one of ACQUISITIONS) {
      const seriesId = series.get(one.name);
      assert.ok(seriesId, `${one.name} was taken in`);
      const { overlay, bytes } = overlayOf(one, seriesId);
      await studies.putOverlay(overlay, bytes);
    }
  } finally {
    await backend.close();
  }
  return {
    storeFolder,
    series,
    remove: () => {
      for (const one of [folder, storeFolder]) rmSync(one, { recursive: true, force: true });
    },
  };
};
