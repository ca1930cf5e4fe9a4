import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Affine, invert, type Vec3, voxelToPatient } from '../../kit/geometry.ts';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import { segment, type VolumeSource } from './segment.ts';

const label = (value: number, key: string, more: Partial<ManifestLabel> = {}): ManifestLabel => ({
  key,
  name: key,
  code: null,
  color: [255, 0, 0],
  kind: 'organ',
  value,
  channel: value,
  threshold: null,
  calibration: null,
  sided: false,
  place: 'none',
  minimumMl: null,
  measures: [],
  severity: null,
  ...more,
});
const LABELS: ManifestLabel[] = [
  label(1, 'lung-left'),
  label(2, 'lung-right'),
  label(3, 'spine'),
  label(4, 'lung-nodule', {
    kind: 'finding',
    sided: true,
    place: 'lung-zone',
    minimumMl: 0.3,
    measures: ['largest diameter', 'volume'],
    severity: { measure: 'largest diameter', moderateFrom: 10, largeFrom: 30 },
  }),
  label(5, 'effusion', {
    kind: 'finding',
    sided: true,
    place: 'lung-side',
    minimumMl: 1,
    measures: ['volume'],
    threshold: 0.3,
  }),
];
const pipeline: PipelineOf<'segmentation'> = {
  task: 'segmentation',
  network: { file: 'model.onnx', inputs: {}, outputs: {} },
  pre: [
    { step: 'modality' },
    { step: 'reorient', axes: 'LPS' },
    { step: 'resample', spacingMm: [2, 2, 2] },
    { step: 'window', low: 0, high: 5 },
  ],
  window: { patch: [32, 32, 32], overlap: 0.25, blend: 'gaussian' },
  activation: 'softmax',
};

/** What stands at a place of the patient, mm: the value is the label. Lungs 60 mm high about the midline x = 12. */
const body = ([x, y, z]: Vec3): number => {
  const ball = (cx: number, cy: number, cz: number, r: number): boolean => Math.hypot(x - cx, y - cy, z - cz) < r;
  if (ball(-26, 0, 20, 9)) return 4; // patient's right, upper third
  if (ball(40, 10, -24, 2)) return 4; // too small
  if (Math.abs(y - 30) < 6 && Math.abs(x - 45) < 12 && Math.abs(z + 22) < 6) return 5; // patient's left
  if (Math.abs(y - 30) < 6 && Math.abs(x - 45) < 12 && Math.abs(z - 2) < 4) return 5; // a second pocket there
  if (Math.hypot(x - 12, y - 38) < 6) return 3;
  if (Math.abs(z) < 30 && Math.abs(y) < 34 && Math.abs(Math.abs(x - 12) - 34) < 22) return x > 12 ? 1 : 2;
  return 0;
};

const DIMS: Vec3 = [64, 52, 52];
/** Grids that all hold the body, each with its centre there. */
const centred = (m: readonly number[]): Affine => {
  const a = [...m];
  for (const r of [0, 1, 2])
    a[r * 4 + 3] =
      (r === 0 ? 12 : 0) - [0, 1, 2].reduce((sum, c) => sum + ((a[r * 4 + c] ?? 0) * ((DIMS[c as 0] ?? 0) - 1)) / 2, 0);
  return a as unknown as Affine;
};
const GRIDS: [string, Affine][] = [
  ['axial', centred([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0])],
  ['head to feet', centred([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, -2, 0])],
  ['prone', centred([-2, 0, 0, 0, 0, -2, 0, 0, 0, 0, 2, 0])],
  ['coronal', centred([2, 0, 0, 0, 0, 0, 2, 0, 0, -2, 0, 0])],
  ['turned by 12 degrees', centred([2 * 0.978, -2 * 0.208, 0, 0, 2 * 0.208, 2 * 0.978, 0, 0, 0, 0, 2, 0])],
];

const source = (affine: Affine): VolumeSource => ({
  dims: DIMS,
  affineVoxelToPatient: affine,
  slice: (k) => {
    const out = new Float32Array(DIMS[0] * DIMS[1]);
    for (let j = 0; j < DIMS[1]; j++)
      for (let i = 0; i < DIMS[0]; i++) out[j * DIMS[0] + i] = body(voxelToPatient(affine, [i, j, k]));
    return out;
  },
});
/** A network that knows: sure of the label whose value it sees, and of nothing where two are mixed. */
const knows = async (patch: Float32Array): Promise<Float32Array> => {
  const out = new Float32Array(6 * patch.length);
  for (const [n, v] of patch.entries()) {
    const nearest = Math.round(v * 5);
    const seen = Math.abs(v * 5 - nearest) < 0.06 ? nearest : 0;
    out[seen * patch.length + n] = 12;
  }
  return out;
};

for (const [name, affine] of GRIDS)
  test(`${name}: side, place, size and slice are the patient's`, async () => {
    const found = await segment(source(affine), pipeline, LABELS, knows, () => {});
    const nodules = found.findings.filter((f) => f.key === 'lung-nodule');
    assert.equal(nodules.length, 1, 'the small one is not told');
    const [nodule] = nodules;
    assert.ok(nodule);
    assert.equal(nodule.side, 'right');
    assert.equal(nodule.place, 'right upper zone');
    assert.equal(nodule.severity, 'moderate');
    const measured = Object.fromEntries(nodule.measurements.map((m) => [m.name, m.value]));
    assert.ok(Math.abs((measured['largest diameter'] ?? 0) - 18) < 1.5, `${measured['largest diameter']} mm`);
    assert.ok(Math.abs((measured.volume ?? 0) - 3.05) < 0.25, `${measured.volume} mL`);
    const [part] = nodule.parts;
    assert.ok(part);
    // the slice shows the middle of the ball, and the bounds hold its centre
    const [i, j, k] = voxelToPatient(invert(affine), [-26, 0, 20]);
    assert.ok(Math.abs(part.frameIndex - k) <= 2, `slice ${part.frameIndex} for ${k}`);
    for (const [axis, at] of [i, j, k].entries()) {
      assert.ok((part.bounds[axis as 0] ?? 0) <= at + 1 && at - 1 <= (part.bounds[(axis + 3) as 0] ?? 0));
    }
    const effusions = found.findings.filter((f) => f.key === 'effusion');
    assert.equal(effusions.length, 1, 'two pockets on one side are one finding');
    assert.equal(effusions[0]?.side, 'left');
    assert.equal(effusions[0]?.place, 'left hemithorax');
    assert.equal(effusions[0]?.parts.length, 2);
    // labels lie where they should, on the series' own grid
    let right = 0;
    let wrong = 0;
    for (let z = 0; z < DIMS[2]; z++)
      for (let y = 0; y < DIMS[1]; y++)
        for (let x = 0; x < DIMS[0]; x++) {
          const truth = body(voxelToPatient(affine, [x, y, z]));
          const told = found.labels[(z * DIMS[1] + y) * DIMS[0] + x];
          if (truth !== 1 && truth !== 2) continue;
          if (told === truth) right++;
          else wrong++;
        }
    assert.ok(right / (right + wrong) > 0.95, `${right} right, ${wrong} wrong`);
    for (const { value, voxels } of found.counted)
      assert.equal(
        voxels,
        found.labels.reduce((n, v) => n + Number(v === value), 0),
      );
  });

test('without midline and lungs no side is told', async () => {
  const blind: ManifestLabel[] = LABELS.filter((own) => own.kind === 'finding');
  const [, affine] = GRIDS[0] ?? [];
  assert.ok(affine);
  const found = await segment(source(affine), pipeline, blind, knows, () => {});
  for (const finding of found.findings) assert.equal(finding.side, null);
});

test('a lung that is cut off has no zones', async () => {
  const affine = centred([2.2, 0, 0, 0, 0, 2.4, 0, 0, 0, 0, 0.9, 0]);
  const found = await segment(source(affine), pipeline, LABELS, knows, () => {});
  assert.equal(found.findings.find((f) => f.key === 'lung-nodule')?.place, 'right lung');
  assert.ok(found.remarks.some((remark) => remark.includes('right lung reaches the top')));
});

test('a threshold of its own lets a label win below half, and never below it', async () => {
  const [, affine] = GRIDS[0] ?? [];
  assert.ok(affine);
  const even = (p: number) => async (patch: Float32Array) => {
    const out = new Float32Array(6 * patch.length).fill(-50);
    for (let n = 0; n < patch.length; n++) {
      out[n] = Math.log(1 - p);
      out[5 * patch.length + n] = Math.log(p);
    }
    return out;
  };
  const share = async (p: number): Promise<number> => {
    const small = { ...source(affine), dims: [16, 14, 12] as const };
    const { labels } = await segment(small, pipeline, LABELS, even(p), () => {});
    return labels.filter((v) => v === 5).length / labels.length;
  };
  assert.equal(await share(0.32), 1);
  assert.equal(await share(0.28), 0);
});

test('answers of another size and thin volumes are refused', async () => {
  const [, affine] = GRIDS[0] ?? [];
  assert.ok(affine);
  await assert.rejects(
    segment(
      source(affine),
      pipeline,
      LABELS,
      async () => new Float32Array(7),
      () => {},
    ),
    /another size/,
  );
  const thin = { ...source(affine), dims: [64, 52, 3] as const };
  await assert.rejects(
    segment(thin, pipeline, LABELS, knows, () => {}),
    /thinner/,
  );
});

test('an outline between the network’s voxels is nearer to the organ than its blocks, and strays are dropped', async () => {
  const lung = label(1, 'lung-left', { strayShare: 0.1 });
  const coarse = pipeline.pre.map((step) =>
    step.step === 'resample' ? { ...step, spacingMm: [8, 8, 8] as [number, number, number] } : step,
  );
  const half = async (patch: Float32Array): Promise<Float32Array> => {
    const out = new Float32Array(6 * patch.length);
    for (const [n, v] of patch.entries()) out[(v * 5 >= 0.5 ? 1 : 0) * patch.length + n] = 12;
    return out;
  };
  const [, affine] = GRIDS[1] ?? [];
  assert.ok(affine);
  const organ = ([x, y, z]: Vec3): boolean => Math.hypot(x - 12, y, z) < 34;
  const stray = ([x, y, z]: Vec3): boolean => Math.hypot(x - 58, y - 36, z - 36) < 11;
  const places: Vec3[] = [];
  for (let k = 0; k < DIMS[2]; k++)
    for (let j = 0; j < DIMS[1]; j++) for (let i = 0; i < DIMS[0]; i++) places.push(voxelToPatient(affine, [i, j, k]));
  const area = DIMS[0] * DIMS[1];
  const made: VolumeSource = {
    dims: DIMS,
    affineVoxelToPatient: affine,
    slice: (k) =>
      Float32Array.from(places.slice(k * area, (k + 1) * area), (place) => (organ(place) || stray(place) ? 1 : 0)),
  };
  const wrong = (labels: Uint8Array): number =>
    places.reduce((sum, place, n) => sum + ((labels[n] === 1) === organ(place) ? 0 : 1), 0);
  const said = await segment(made, { ...pipeline, pre: coarse }, [lung], half, () => {});
  // the same answer by the nearest network voxel: a finding is never smoothed
  const blocks = await segment(
    made,
    { ...pipeline, pre: coarse },
    [label(1, 'lung-left', { kind: 'finding', minimumMl: 20 })],
    half,
    () => {},
  );
  assert.ok(places.some(stray));
  assert.equal(
    places.some((place, n) => stray(place) && said.labels[n] !== 0),
    false,
    'the stray keeps no label',
  );
  const share = wrong(said.labels) / wrong(blocks.labels);
  assert.ok(share < 0.7, `${share.toFixed(2)} of the blocks' wrong voxels`);
});

test('a lesion that is too small becomes the organ that lies there', async () => {
  // as above, and where the network sees anything, a lung comes second
  const second = async (patch: Float32Array): Promise<Float32Array> => {
    const out = await knows(patch);
    for (const [n, v] of patch.entries()) if (v > 0.1) out[patch.length + n] = Math.max(out[patch.length + n] ?? 0, 6);
    return out;
  };
  const [, affine] = GRIDS[0] ?? assert.fail();
  const { labels, findings } = await segment(source(affine), pipeline, LABELS, second, () => {});
  assert.equal(findings.filter((f) => f.key === 'lung-nodule').length, 1);
  const inverse = invert(affine);
  const [i, j, k] = voxelToPatient(inverse, [40, 10, -24]).map(Math.round) as unknown as Vec3;
  assert.equal(labels[(k * DIMS[1] + j) * DIMS[0] + i], 1);
});

test('an edge lies where the network’s answers cross between two of its voxels, neither midway nor where their probabilities would', async () => {
  const dims: Vec3 = [64, 48, 48];
  const grid = { dims, affineVoxelToPatient: [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0] as unknown as Affine };
  const edge = 0.515 * (dims[0] - 1);
  const slice = (): Float32Array =>
    Float32Array.from({ length: dims[0] * dims[1] }, (_, n) => (5 * (n % dims[0])) / (dims[0] - 1));
  const leans = async (patch: Float32Array): Promise<Float32Array> => {
    const out = new Float32Array(6 * patch.length).fill(-20);
    for (const [n, v] of patch.entries()) {
      out[n] = 0;
      out[patch.length + n] = 160 * (v - 0.515);
    }
    return out;
  };
  const { labels } = await segment({ ...grid, slice }, pipeline, LABELS, leans, () => {});
  const row = labels.subarray((24 * dims[1] + 24) * dims[0], (24 * dims[1] + 25) * dims[0]);
  // network voxels lie at 29.5 and 33.5: midway would be 32, and so would the line between probabilities of 0.00 and 0.94
  assert.equal(row.indexOf(1), Math.ceil(edge));
});
