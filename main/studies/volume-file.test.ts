import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { affineOf, voxelToPatient } from '../../models/kit/geometry.ts';
import { niftiHead, quaternionOf } from '../../models/kit/nifti.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { media } from '../../preload/contract/index.ts';
import { writePhantom } from '../dicom/write/index.ts';
import { temporaryStudies } from './test-base.ts';

const WHO = {
  name: 'Roe^Jane',
  id: 'N-1',
  birthDate: '1970-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom',
  accession: 'A1',
};

/** What the qform of a header says of a voxel, after the standard's text; independent of how it was written. */
const byQuaternion = (head: DataView, v: readonly number[]): number[] => {
  const f = (at: number): number => head.getFloat32(at, true);
  const length = Math.hypot(f(256), f(260), f(264));
  // Half a turn: what is left of the real part is rounding, as the standard's own library takes it.
  const half = 1 - length * length < 1e-7;
  const [b, c, d] = [f(256), f(260), f(264)].map((part) => (half ? part / length : part)) as [number, number, number];
  const a = half ? 0 : Math.sqrt(1 - length * length);
  const [i, j, k] = [(v[0] ?? 0) * f(80), (v[1] ?? 0) * f(84), (v[2] ?? 0) * f(88) * f(76)];
  return [
    (a * a + b * b - c * c - d * d) * i + (2 * b * c - 2 * a * d) * j + (2 * b * d + 2 * a * c) * k + f(268),
    (2 * b * c + 2 * a * d) * i + (a * a + c * c - b * b - d * d) * j + (2 * c * d - 2 * a * b) * k + f(272),
    (2 * b * d - 2 * a * c) * i + (2 * c * d + 2 * a * b) * j + (a * a + d * d - c * c - b * b) * k + f(276),
  ];
};

test('qform and sform say the same of every orientation, and a tilted one has no qform', () => {
  const s = Math.SQRT1_2;
  const orientations = [
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 2],
    ],
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, -2],
    ],
    [
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, 2],
    ],
    [
      [0, 1, 0],
      [0, 0, -1],
      [3, 0, 0],
    ],
    [
      [1, 0, 0],
      [0, 0, -1],
      [0, 3, 0],
    ],
    [
      [-1, 0, 0],
      [0, 0, -1],
      [0, -3, 0],
    ],
    [
      [s, s, 0],
      [-s, s, 0],
      [0, 0, 1.5],
    ],
    [
      [s, 0, s],
      [0, 1, 0],
      [-s, 0, s],
    ],
  ] as const;
  for (const [x, y, z] of orientations) {
    const affine = affineOf([10, -20, 30], x, y, z, [0.7, 0.9]);
    const head = niftiHead({ dims: [5, 6, 7], affine, format: 'int16', slope: 2, intercept: -1024, labels: false });
    const view = new DataView(head.buffer);
    assert.equal(view.getInt16(252, true), 1, 'qform');
    for (const v of [
      [0, 0, 0],
      [4, 0, 0],
      [0, 5, 0],
      [0, 0, 6],
      [2, 3, 4],
    ] as const) {
      const [px, py, pz] = voxelToPatient(affine, v);
      const expected = [-px, -py, pz];
      byQuaternion(view, v).forEach((value, n) => {
        assert.ok(Math.abs(value - (expected[n] ?? 0)) < 1e-4, `${x} ${y} ${z} at ${v}: ${value} for ${expected[n]}`);
      });
    }
  }
  assert.equal(quaternionOf([1, 0, 0, 0, 0, 1, 0.2, 0, 0, 0, 1, 0]), null);
});

describe('images as a NIfTI volume', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-volume-'));
  const s = temporaryStudies();
  before(async () => {
    await writePhantom(phantom('ct 64x48x20', { seed: 3 }), { ...WHO, key: 'volume-ct' }, join(folder, 'ct'));
    await writePhantom(phantom('xray 128x128', { seed: 3 }), { ...WHO, key: 'volume-xray' }, join(folder, 'xray'));
    await s.import(folder);
  });
  after(async () => {
    await s.close();
    s.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const fetchOf = async (modality: string): Promise<{ seriesId: string; answer: Response }> => {
    const series = s
      .list()
      .flatMap((one) => one.series)
      .find((one) => (one.modality === 'CT') === (modality === 'CT'));
    assert.ok(series);

    const answer = await s.media(media.niftiVolume(series.id));
    return { seriesId: series.id, answer };
  };

  test('voxels, values and places are those of the images', async () => {
    const { seriesId, answer } = await fetchOf('CT');
    assert.equal(answer.status, 200);
    const file = gunzipSync(Buffer.from(await answer.arrayBuffer()));
    const images = await s.studies.images(seriesId);
    const { volume } = images;
    assert.ok(volume.kind === 'volume');
    const [columns, rows, count] = volume.dims;
    assert.equal(file.length, 352 + columns * rows * count * 2);
    assert.equal(file.readInt16LE(70), 4, 'int16');
    assert.deepEqual([file.readFloatLE(112), file.readFloatLE(116)], [volume.slope, volume.intercept]);
    for (let n = 0; n < 12; n++) {
      const value = volume.affineVoxelToPatient[n] ?? 0;
      assert.ok(Math.abs(file.readFloatLE(280 + 4 * n) - (n < 8 ? -value : value)) < 1e-4);
    }
    const decoded = await s.studies.decoded(seriesId, new AbortController().signal);
    const stored = readFileSync(decoded.path);
    decoded.release();
    for (const frame of images.frames) {
      const from = 352 + frame.index * columns * rows * 2;
      const own = stored.subarray(frame.byteOffset, frame.byteOffset + columns * rows * 2);
      assert.ok(file.subarray(from, from + columns * rows * 2).equals(own), `slice ${frame.index}`);
    }
  });

  test('read back by import it lies where the images lie', async () => {
    const { seriesId, answer } = await fetchOf('CT');
    const path = join(folder, 'read-back.nii.gz');
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    const other = temporaryStudies();
    try {
      await other.import(path);
      const [read] = other.list().flatMap((one) => one.series);
      assert.ok(read);
      const [mine, theirs] = [await s.studies.images(seriesId), await other.studies.images(read.id)];
      assert.ok(mine.volume.kind === 'volume' && theirs.volume.kind === 'volume');
      assert.deepEqual(theirs.volume.dims, mine.volume.dims);
      theirs.volume.affineVoxelToPatient.forEach((value, n) => {
        assert.ok(mine.volume.kind === 'volume');
        assert.ok(Math.abs(value - (mine.volume.affineVoxelToPatient[n] ?? 0)) < 1e-3, `affine ${n}`);
      });
    } finally {
      await other.close();
      other.remove();
    }
  });

  test('what is no volume is refused with its reason', async () => {
    const { answer } = await fetchOf('DX');
    assert.equal(answer.status, 422);
    assert.match(await answer.text(), /NIfTI holds volumes/);
  });
});
