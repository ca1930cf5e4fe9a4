import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import { fundusPhantom } from '../../kit/phantom/fundus.ts';
import { preparePhotograph, type Quality } from '../../kit/steps/fundus.ts';
import { gradeOf, gradePhotograph, refusal } from './index.ts';

const logit = (p: number): number => Math.log(p / (1 - p));

test('the grade told is the one nearest to the expected grade, and probabilities sum to 1', () => {
  const surely2 = gradeOf([0.99, 0.98, 0.02, 0.01].map(logit));
  assert.equal(surely2.grade, 2);
  assert.ok(Math.abs((surely2.probabilities[2] ?? 0) - 0.96) < 1e-6);
  // 0.9 + 0.8 + 0.7 + 0.3 = 2.7
  assert.equal(gradeOf([0.9, 0.8, 0.7, 0.3].map(logit)).grade, 3);
  // as after an answer out of order: a higher grade is never likelier than a lower one reached
  const crossed = gradeOf([0.3, 0.6, 0.2, 0.1].map(logit));
  for (const p of crossed.probabilities) assert.ok(p >= 0);
  assert.ok(Math.abs(crossed.probabilities.reduce((a, b) => a + b) - 1) < 1e-9);
  assert.equal(gradeOf([-50, -50, -50, -50]).grade, 0);
  assert.equal(gradeOf([50, 50, 50, 50]).grade, 4);
  assert.throws(() => gradeOf([Number.NaN]), /no number/);
});

const gate = { light: 0.15, framed: 0.5, lit: 0.6, red: 0.15, sharp: 0.25 };
const good: Quality = { light: 0.9, framed: 0.9, lit: 1, red: 0.6, sharp: 0.5 };
test('what cannot be graded is refused in words', () => {
  assert.equal(refusal(good, gate), null);
  assert.match(refusal(null, gate) ?? '', /no round field/);
  assert.match(refusal({ ...good, light: 0.1 }, gate) ?? '', /dark/);
  assert.match(refusal({ ...good, framed: 0.4 }, gate) ?? '', /less than half/);
  assert.match(refusal({ ...good, red: 0 }, gate) ?? '', /colours/);
  assert.match(refusal({ ...good, sharp: 0.1 }, gate) ?? '', /blurred/);
});

const label = (key: string, channel: number): ManifestLabel => ({
  key,
  name: key,
  code: null,
  color: [1, 2, 3],
  kind: 'finding',
  value: channel + 1,
  channel,
  threshold: 0.5,
  calibration: null,
  sided: false,
  place: 'none',
  minimumMl: null,
  measures: [],
  severity: null,
});
const pipeline: PipelineOf<'grading'> = {
  task: 'grading',
  network: { file: 'x.onnx', inputs: {}, outputs: {} },
  pre: [{ step: 'field-square', size: 160 }],
  gate,
  grades: { label: 'retinopathy', names: ['none', 'mild', 'moderate', 'severe', 'proliferative'], referableFrom: 2 },
  boxes: { minimumCells: 2, limit: 3 },
};

test('lesions come back to the places of the photograph that they were marked in', () => {
  const drawn = fundusPhantom('fundus 300x200 grade 0', 'grade');
  const photo = preparePhotograph(drawn, pipeline.pre);
  assert.ok(photo);
  const side = 80;
  // cells (40..44, 40..43) and one cell alone that is too small; four more squares, of which one has no room
  const lesions = new Float32Array(2 * side * side).fill(-5);
  const fill = (x0: number, y0: number, w: number, h: number): void => {
    for (let y = y0; y < y0 + h; y++) for (let x = x0; x < x0 + w; x++) lesions[y * side + x] = 2;
  };
  fill(40, 40, 4, 3);
  fill(60, 40, 1, 1);
  // outside the field: marks there are none
  fill(0, 0, 5, 5);
  const outputs = {
    grades: { data: Float32Array.from([3, 2, -2, -3]), dims: [1, 4] },
    lesions: { data: lesions, dims: [1, 2, side, side] },
    map: { data: new Float32Array(100).fill(0.5), dims: [1, 1, 10, 10] },
  };
  const graded = gradePhotograph(outputs, photo, drawn, pipeline, [
    label('exudates', 0),
    label('none', 1),
    label('retinopathy', 2),
  ]);
  assert.equal(graded.grade, 2);
  assert.ok(graded.referable > 0.8);
  const [found, ...others] = graded.lesions;
  assert.ok(found && others.length === 0);
  assert.equal(found.key, 'exudates');
  assert.equal(found.count, 1);
  const [box] = found.boxes;
  assert.ok(box);
  // cell n covers prepared pixels 2 n to 2 n + 2
  const back = (v: number, axis: 0 | 1): number => (v - photo.shift[axis]) / photo.scale[axis];
  for (const [n, v] of [back(80, 0), back(80, 1), back(88, 0), back(86, 1)].entries())
    assert.ok(Math.abs((box[n] ?? 0) - v) < 1e-6, `${box}`);
  // the map lies over the whole photograph and shows nothing outside the field
  assert.equal(graded.map.columns, 160);
  assert.equal(graded.map.data[0], 0);
  const middle = Math.floor(graded.map.rows / 2) * graded.map.columns + 80;
  assert.ok(Math.abs((graded.map.data[middle] ?? 0) - 128) <= 1);
  assert.throws(
    () =>
      gradePhotograph({ ...outputs, grades: { data: new Float32Array(3), dims: [1, 3] } }, photo, drawn, pipeline, []),
    /shape/,
  );
});
