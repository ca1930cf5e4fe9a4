import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Phantom, phantom } from '../../models/kit/phantom/index.ts';
import type { Draft, DraftSentence, Region, SeriesImages } from '../../preload/contract/index.ts';
import { score } from './score.ts';

const imagesOf = (made: Phantom): SeriesImages => ({
  seriesId: 's',
  frames: Array.from({ length: made.image.dims[2] }, (_, index) => ({
    index,
    instanceUid: `2.25.${index}`,
    frameNumber: 1,
    rows: made.image.dims[1],
    columns: made.image.dims[0],
    format: 'int16' as const,
    byteOffset: 0,
    byteLength: 1,
    positionMm: [0, 0, 0] as const,
    rowDirection: [1, 0, 0] as const,
    columnDirection: [0, 1, 0] as const,
    calibration: { kind: 'unknown' as const, reason: '' },
    slope: 1,
    intercept: 0,
    unit: '',
    windows: [],
    range: null,
    inverted: false,
  })),
  volume:
    made.kind === 'ct'
      ? {
          kind: 'volume',
          dims: made.image.dims,
          affineVoxelToPatient: made.image.affineVoxelToPatient,
          format: 'int16',
          slope: 1,
          intercept: 0,
        }
      : { kind: 'none', reason: 'projection' },
  frameOfReferenceUid: null,
  lossy: null,
  remark: '',
  pixelTag: 't',
});
const draftOf = (text: string, key: string, side: 'left' | 'right' | null, regions: Region[]): Draft => {
  const sentence: DraftSentence = {
    id: 'x',
    section: 'findings',
    text,
    kind: 'finding',
    regions,
    score: 1,
    evidence: [],
    findingKey: key,
    side,
  };
  return {
    id: 'd',
    studyId: 'st',
    createdAt: '2026-01-01T00:00:00Z',
    recipe: { seed: 1, drafter: '', drafterVersion: '', retrieval: 'none', packages: [] },
    sentences: [sentence],
    priorIds: [],
    remarks: [],
  };
};

const xray = phantom('xray 128x128 effusion left large');
const planted = xray.lesions.find((lesion) => lesion.kind === 'effusion');
const box = planted?.pixelBox ?? [0, 0, 1, 1];
const at = (b: readonly number[]): Region => ({
  kind: 'box',
  seriesId: 's',
  instanceUid: '2.25.0',
  frameIndex: 0,
  box: [b[0] ?? 0, b[1] ?? 0, (b[2] ?? 0) + 1, (b[3] ?? 0) + 1],
});
const of = (draft: Draft) => score(xray, imagesOf(xray), draft, []);

test('score: the right sentence at the right place counts', () => {
  assert.equal(planted?.visible, true);
  const tally = of(draftOf('Large left pleural effusion.', 'effusion', 'left', [at(box)]));
  assert.deepEqual(
    [
      tally.planted,
      tally.withSentence,
      tally.withSide,
      tally.sideRight,
      tally.sideContradictsRegion,
      tally.clicks,
      tally.sliceRight,
      tally.falseSentences,
    ],
    [1, 1, 1, 1, 0, 1, 1, 0],
  );
});

test('score: the wrong side, the wrong place and the wrong kind are each seen', () => {
  const side = of(draftOf('Large right pleural effusion.', 'effusion', 'right', [at(box)]));
  assert.deepEqual([side.sideRight, side.sideContradictsRegion], [0, 1]);
  const mirrored = [127 - (box[2] ?? 0), box[1], 127 - (box[0] ?? 0), box[3]] as number[];
  const place = of(draftOf('Large left pleural effusion.', 'effusion', 'left', [at(mirrored)]));
  assert.deepEqual([place.withSentence, place.falseSentences], [0, 1]);
  const kind = of(draftOf('Left consolidation.', 'consolidation', 'left', [at(box)]));
  assert.deepEqual([kind.withSentence, kind.falseSentences], [0, 1]);
  const nowhere = of(draftOf('Large left pleural effusion.', 'effusion', 'left', []));
  assert.deepEqual([nowhere.withSentence, nowhere.falseSentences], [0, 1]);
});

test('score: a volume lesion is found in its voxels and on its slice', () => {
  const ct = phantom('ct 64x64x64 spacing 5 lesion nodule 25mm right upper');
  const lesion = ct.lesions[0];
  assert.ok(lesion?.voxelBox);
  const [i0, j0, k0, i1, j1, k1] = lesion.voxelBox;
  const region = (k: number): Region => ({
    kind: 'label',
    seriesId: 's',
    overlayId: 'o',
    value: 13,
    bounds: [i0, j0, k0, i1 + 1, j1 + 1, k1 + 1],
    frameIndex: k,
    instanceUid: '2.25.0',
  });
  const of = (k: number) =>
    score(ct, imagesOf(ct), draftOf('Nodule in the right upper lobe.', 'lung-nodule', 'right', [region(k)]), []);
  assert.deepEqual([of(k0).withSentence, of(k0).sliceRight, of(k1 + 3).sliceRight], [1, 1, 0]);
});
