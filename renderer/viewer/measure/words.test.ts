import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measured, MeasuredValue } from '../../../models/kit/measure/terms.ts';
import type { DrawnMeasurement } from '../../../preload/contract/index.ts';
import { linesOf, reportSentence, spoken, valueText } from './words.ts';

const measured = (values: MeasuredValue[], more: Partial<Measured> = {}): Measured => ({
  values,
  remarks: [],
  source: '',
  histogram: null,
  waiting: false,
  ...more,
});
const a = (kind: DrawnMeasurement['kind'], name = '', text = '') => ({ kind, name, text });

test('values in the units that are read', () => {
  const cases: readonly (readonly [MeasuredValue, string])[] = [
    [{ key: 'length', value: 32.449, unit: 'mm' }, '32.4 mm'],
    [{ key: 'area', value: 43.2, unit: 'mm2' }, '43.2 mm²'],
    [{ key: 'area', value: 431.4, unit: 'mm2' }, '4.31 cm²'],
    [{ key: 'length', value: 120, unit: '{pixels}' }, '120.0 px'],
    [{ key: 'area', value: 812.4, unit: '{pixels}' }, '812 px²'],
    [{ key: 'cobb', value: 23.44, unit: 'deg' }, '23.4°'],
    [{ key: 'ratio', value: 0.5187, unit: '1' }, '0.52'],
    [{ key: 'mean', value: -35, unit: "[hnsf'U]" }, '-35.0 HU'],
    [{ key: 'mean', value: -0.001, unit: "[hnsf'U]" }, '0.0 HU'],
    [{ key: 'maximum', value: 81, unit: "[hnsf'U]" }, '81 HU'],
    [{ key: 'value', value: 3.4567, unit: 'g/ml{SUVbw}' }, '3.46 SUVbw'],
    [{ key: 'value', value: 18_345.6, unit: 'Bq/ml' }, '18346 Bq/mL'],
    [{ key: 'value', value: 812, unit: '1' }, '812'],
    [{ key: 'across', value: 0.42, unit: 's' }, '0.42 s'],
  ];
  for (const [value, text] of cases) assert.equal(valueText(value), text);
});

const DIAMETERS = measured([
  { key: 'long-axis', value: 32.44, unit: 'mm' },
  { key: 'short-axis', value: 18.06, unit: 'mm' },
]);
const REGION = measured([
  { key: 'area', value: 431, unit: 'mm2' },
  { key: 'mean', value: 35.24, unit: "[hnsf'U]" },
  { key: 'deviation', value: 12.1, unit: "[hnsf'U]" },
  { key: 'minimum', value: -50, unit: "[hnsf'U]" },
  { key: 'maximum', value: 80, unit: "[hnsf'U]" },
  { key: 'voxels', value: 412, unit: '1' },
]);

test('lines beside the drawing', () => {
  assert.deepEqual(linesOf(a('bidirectional'), DIAMETERS), ['32.4 × 18.1 mm']);
  assert.deepEqual(linesOf(a('ellipse'), REGION), ['4.31 cm²', 'mean 35.2  SD 12.1 HU', 'min -50  max 80 HU', 'n 412']);
  assert.deepEqual(linesOf(a('text', '', 'look here'), measured([])), ['look here']);
  assert.deepEqual(linesOf(a('probe'), measured([], { waiting: true })), ['…']);
});

test('a screen reader hears the name, the values and why there are no millimetres', () => {
  const found = measured([{ key: 'length', value: 12, unit: '{pixels}' }], { remarks: ['A secondary capture.'] });
  assert.equal(spoken(a('length', 'Length 1'), found), 'Length 1: 12.0 px. A secondary capture.');
});

test('a sentence for the report', () => {
  assert.equal(reportSentence(a('bidirectional', 'Two diameters 1'), DIAMETERS), '32.4 x 18.1 mm.');
  assert.equal(
    reportSentence(a('bidirectional', 'Nodule, left upper lobe'), DIAMETERS),
    'Nodule, left upper lobe: 32.4 x 18.1 mm.',
  );
  assert.equal(
    reportSentence(a('ellipse', 'Ellipse 2'), REGION),
    'Region of 4.31 cm², mean 35.2 HU, standard deviation 12.1 HU.',
  );
  const cobb = measured([{ key: 'cobb', value: 23.44, unit: 'deg' }]);
  assert.equal(reportSentence(a('cobb', 'Cobb angle 1'), cobb), 'Cobb angle 23.4°.');
  assert.equal(reportSentence(a('arrow', 'Arrow 1', 'old fracture'), measured([])), 'Old fracture.');
  assert.equal(reportSentence(a('arrow', 'Arrow 1'), measured([])), null);
  assert.equal(reportSentence(a('probe', 'x'), measured([], { waiting: true })), null);
});
