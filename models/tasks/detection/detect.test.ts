import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../../preload/contract/terms/index.ts';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import { prepareImage } from '../../kit/steps/image.ts';
import type { Outputs } from '../answer.ts';
import { detect, isFrontal } from './detect.ts';

const COLUMNS = 300;
const ROWS = 200;
const frame = (more: Partial<Frame> = {}): Frame => ({
  index: 0,
  instanceUid: '1.2.3',
  frameNumber: 1,
  rows: ROWS,
  columns: COLUMNS,
  format: 'uint16',
  byteOffset: 0,
  byteLength: COLUMNS * ROWS * 2,
  positionMm: null,
  rowDirection: [1, 0, 0],
  columnDirection: [0, 0, -1],
  calibration: { kind: 'known', spacingMm: [0.5, 0.5], source: 'test' },
  slope: 1,
  intercept: 0,
  unit: '',
  windows: [],
  range: null,
  inverted: false,
  ...more,
});
const label = (key: string, channel: number, more: Partial<ManifestLabel> = {}): ManifestLabel => ({
  key,
  name: key,
  code: null,
  color: [1, 2, 3],
  kind: 'finding',
  value: channel + 1,
  channel,
  threshold: 0.5,
  calibration: null,
  sided: true,
  place: 'lung-zone',
  minimumMl: null,
  measures: ['largest diameter'],
  severity: null,
  ...more,
});
const organ = (key: string, channel: number): ManifestLabel =>
  label(key, channel, {
    kind: 'organ',
    value: channel + 11,
    sided: false,
    place: 'none',
    measures: [],
    threshold: null,
  });
const LABELS = [
  label('lung-nodule', 0),
  label('effusion', 1, { place: 'lung-side', measures: [] }),
  label('cardiomegaly', 2, { sided: false, place: 'heart', measures: ['cardiothoracic ratio'] }),
  organ('lung-left', 0),
  organ('lung-right', 1),
  organ('heart', 2),
];
const SIZE = 64;
const image = prepareImage(
  {
    stored: new Uint16Array(COLUMNS * ROWS).fill(9),
    columns: COLUMNS,
    rows: ROWS,
    slope: 1,
    intercept: 0,
    inverted: false,
  },
  [{ step: 'letterbox', size: SIZE }],
);
/** Letterboxed: 64 wide, 43 high, from row 10. */
const GRID = 32;
const pipeline = (boxes: PipelineOf<'detection'>['boxes'], from: number | null = null): PipelineOf<'detection'> => ({
  task: 'detection',
  network: { file: 'model.onnx', inputs: {}, outputs: {} },
  pre: [{ step: 'letterbox', size: SIZE }],
  boxes,
  rules: [
    { kind: 'cardiothoracic-ratio', label: 'cardiomegaly', from, heart: 'heart', lungs: ['lung-left', 'lung-right'] },
  ],
});
const centres = { kind: 'centre-size', level: 0.5, limit: 4 } as const;
const parts = { kind: 'components', level: 0.5, minimumCells: 2, limit: 4 } as const;

const outputs = (
  peaks: [channel: number, x: number, y: number, logit: number][],
  heart: [number, number] = [24, 40],
): Outputs => {
  const heat = new Float32Array(3 * GRID * GRID).fill(-9);
  const sizes = new Float32Array(6 * GRID * GRID);
  for (const [channel, x, y, logit] of peaks) {
    heat[(channel * GRID + y) * GRID + x] = logit;
    sizes[(channel * GRID + y) * GRID + x] = 8;
    sizes[((3 + channel) * GRID + y) * GRID + x] = 6;
  }
  const masks = new Float32Array(3 * SIZE * SIZE).fill(-9);
  for (let y = 14; y < 50; y++)
    for (let x = 0; x < SIZE; x++) {
      if (x >= 36 && x < 60) masks[(0 * SIZE + y) * SIZE + x] = 9;
      if (x >= 4 && x < 28) masks[(1 * SIZE + y) * SIZE + x] = 9;
      if (x >= heart[0] && x < heart[1] && y >= 30) masks[(2 * SIZE + y) * SIZE + x] = 9;
    }
  return {
    heat: { data: heat, dims: [1, 3, GRID, GRID] },
    sizes: { data: sizes, dims: [1, 6, GRID, GRID] },
    masks: { data: masks, dims: [1, 3, SIZE, SIZE] },
  };
};

test('a peak becomes a box in the image, with side, zone and size', () => {
  // cell (24, 10) -> letterboxed (49, 21) -> image right, upper third of the lung
  const { findings } = detect(outputs([[0, 24, 10, 2]]), image, frame(), pipeline(centres), LABELS);
  assert.equal(findings.length, 1);
  const [nodule] = findings;
  assert.ok(nodule);
  assert.equal(nodule.side, 'left');
  assert.equal(nodule.place, 'left upper zone');
  assert.ok(Math.abs(nodule.score - 0.8808) < 1e-3);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = nodule.boxes[0] ?? [];
  const scale = COLUMNS / SIZE;
  assert.ok(Math.abs(x0 - 45 * scale) < 1 && Math.abs(x1 - 53 * scale) < 1);
  assert.ok(Math.abs(y0 - 8 * scale) < 5 && Math.abs(y1 - 14 * scale) < 5);
  assert.deepEqual(nodule.measurements, [{ name: 'largest diameter', value: 18.7, unit: 'mm' }]);
});

test("the side is the file's word: mirrored it changes, unsaid there is none", () => {
  const of = (more: Partial<Frame>) => detect(outputs([[0, 24, 10, 2]]), image, frame(more), pipeline(centres), LABELS);
  assert.equal(of({ rowDirection: [-1, 0, 0] }).findings[0]?.side, 'right');
  const unsaid = of({ rowDirection: null, columnDirection: null });
  assert.equal(unsaid.findings[0]?.side, null);
  assert.equal(unsaid.findings[0]?.place, '');
  assert.equal(unsaid.remarks.length, 1);
  assert.equal(isFrontal({ rowDirection: [0, 1, 0], columnDirection: [0, 0, -1] }), false);
  assert.equal(isFrontal({ rowDirection: null, columnDirection: null }), null);
});

test('without a certain pixel size there are no millimetres', () => {
  const more = { calibration: { kind: 'unknown', reason: 'not said' } } as const;
  assert.deepEqual(
    detect(outputs([[0, 24, 10, 2]]), image, frame(more), pipeline(centres), LABELS).findings[0]?.measurements,
    [],
  );
});

test('two nodules are two findings, two peaks of fluid on one side are one, both sides are two', () => {
  const two = detect(
    outputs([
      [0, 24, 10, 2],
      [0, 5, 20, 1],
    ]),
    image,
    frame(),
    pipeline(centres),
    LABELS,
  ).findings;
  assert.deepEqual(
    two.map((f) => f.side),
    ['left', 'right'],
  );
  const fluid = detect(
    outputs([
      [1, 24, 20, 2],
      [1, 21, 16, 1],
      [1, 5, 20, 1],
    ]),
    image,
    frame(),
    pipeline(centres),
    LABELS,
  ).findings;
  assert.deepEqual(
    fluid.map((f) => [f.side, f.boxes.length, f.place]),
    [
      ['left', 2, 'left hemithorax'],
      ['right', 1, 'right hemithorax'],
    ],
  );
});

test('below the threshold nothing is said; a score decides where there is one', () => {
  assert.deepEqual(detect(outputs([[0, 24, 10, -0.5]]), image, frame(), pipeline(centres), LABELS).findings, []);
  const scored = { ...outputs([[0, 24, 10, 3]]), scores: { data: Float32Array.of(-1, -5, -5), dims: [1, 3] } };
  assert.deepEqual(detect(scored, image, frame(), pipeline(centres), LABELS).findings, []);
  const told = { ...outputs([[0, 24, 10, -0.5]]), scores: { data: Float32Array.of(2, -5, -5), dims: [1, 3] } };
  assert.equal(detect(told, image, frame(), pipeline(centres), LABELS).findings.length, 1);
});

test('components: a connected place gives its box, padding gives none', () => {
  const peaks: [number, number, number, number][] = [];
  for (let y = 8; y < 12; y++) for (let x = 22; x < 26; x++) peaks.push([0, x, y, 1]);
  for (let x = 10; x < 20; x++) peaks.push([0, x, 1, 5]); // above the image
  const { findings } = detect(outputs(peaks), image, frame(), pipeline(parts), LABELS);
  assert.equal(findings.length, 1);
  const [x0 = 0, , x1 = 0] = findings[0]?.boxes[0] ?? [];
  assert.ok(Math.abs(x0 - (44 * COLUMNS) / SIZE) < 1 && Math.abs(x1 - (52 * COLUMNS) / SIZE) < 1);
});

test('the cardiothoracic ratio is measured in the masks and can decide', () => {
  const by = (from: number | null, heart: [number, number], logit: number) =>
    detect(outputs([[2, 16, 20, logit]], heart), image, frame(), pipeline(centres, from), LABELS).findings;
  const [large] = by(null, [18, 50], 2);
  assert.deepEqual(large?.measurements, [{ name: 'cardiothoracic ratio', value: 0.57, unit: '1' }]);
  assert.equal(large?.place, 'heart');
  assert.equal(by(0.55, [18, 50], -9).length, 1);
  assert.equal(by(0.55, [24, 40], 3).length, 0);
  // the box is the heart's
  const [x0 = 0, , x1 = 0] = large?.boxes[0] ?? [];
  assert.ok(Math.abs(x0 - (18 * COLUMNS) / SIZE) < 1 && Math.abs(x1 - (50 * COLUMNS) / SIZE) < 1);
});

test('heat maps cover the frame and organs come back on its grid', () => {
  const { heatMaps, organs } = detect(outputs([[0, 24, 10, 2]]), image, frame(), pipeline(centres), LABELS);
  assert.deepEqual(
    heatMaps.map(({ key, columns, rows }) => [key, columns, rows]),
    [['lung-nodule', 32, 22]],
  );
  const hottest = heatMaps[0]?.data.indexOf(Math.max(...(heatMaps[0]?.data ?? []))) ?? -1;
  assert.deepEqual([hottest % 32, Math.floor(hottest / 32)], [24, 5]);
  assert.ok(organs);
  assert.equal(organs.length, COLUMNS * ROWS);
  assert.equal(organs[100 * COLUMNS + 230], 11);
  assert.equal(organs[100 * COLUMNS + 70], 12);
  assert.equal(organs[2 * COLUMNS + 150], 0);
});

test('an organ is its largest part: specks of it elsewhere are not outlined', () => {
  const seen = outputs([]);
  // the heart, told a second time in a corner
  for (let y = 44; y < 50; y++) for (let x = 0; x < 3; x++) (seen.masks?.data ?? [])[(2 * SIZE + y) * SIZE + x] = 9;
  const { organs } = detect(seen, image, frame(), pipeline(centres), LABELS);
  const scale = COLUMNS / SIZE;
  // letterboxed from row 10
  const at = (x: number, y: number): number | undefined =>
    organs?.[Math.round((y - 10.5) * scale) * COLUMNS + Math.round(x * scale)];
  assert.equal(at(1.5, 46), 0);
  assert.equal(at(32, 46), 13);
});

const gate = { frontal: 0, ap: 1, film: 2, unansweredOnFilms: ['effusion'] };
const gated = (frontal: number, ap: number, film: number, own: PipelineOf<'detection'>['gate'] = gate) =>
  detect(
    {
      ...outputs([
        [0, 24, 10, 2],
        [1, 8, 20, 2],
      ]),
      gate: { data: Float32Array.of(frontal, ap, film), dims: [1, 3] },
    },
    image,
    frame(),
    { ...pipeline(centres), gate: own },
    LABELS,
  );

test('nothing is said of a picture that is no upright frontal film, and nothing of it is absent', () => {
  for (const logit of [-0.1, Number.NaN]) {
    const { findings, heatMaps, organs, remarks, unanswered } = gated(logit, 3, 3);
    assert.deepEqual([findings, heatMaps, organs], [[], [], null]);
    assert.match(remarks.join(' '), /upright frontal/);
    assert.deepEqual(unanswered, ['lung-nodule', 'effusion', 'cardiomegaly']);
  }
});

test('on a film what was learned from phantoms alone is neither found nor absent; an AP film is named', () => {
  const film = gated(2, 1, 1);
  assert.deepEqual(
    film.findings.map(({ key }) => key),
    ['lung-nodule'],
  );
  assert.deepEqual(film.unanswered, ['effusion']);
  assert.deepEqual([film.findings[0]?.side, film.findings[0]?.place], [null, '']);
  assert.equal(film.findings[0]?.boxes.length, 1);
  assert.match(film.remarks.join(' '), /Not looked for on films: effusion/);
  assert.match(film.remarks.join(' '), /AP film/);
  const drawn = gated(2, 1, -1);
  assert.deepEqual(drawn.findings.map(({ key }) => key).sort(), ['effusion', 'lung-nodule']);
  assert.deepEqual([drawn.remarks, drawn.unanswered], [[], []]);
  assert.throws(() => detect(outputs([]), image, frame(), { ...pipeline(centres), gate }, LABELS), RangeError);
});

test('on a film what is told no better than without the picture is found where it is seen, and never absent', () => {
  const of = (film: number, ...notDeniedOnFilms: string[]) =>
    gated(2, -1, film, { ...gate, unansweredOnFilms: [], notDeniedOnFilms });
  const unseen = of(1, 'cardiomegaly');
  assert.deepEqual(unseen.findings.map(({ key }) => key).sort(), ['effusion', 'lung-nodule']);
  assert.deepEqual(unseen.unanswered, ['cardiomegaly']);
  assert.match(unseen.remarks.join(' '), /Never told absent on films: cardiomegaly\./);
  const seen = of(1, 'effusion');
  assert.deepEqual(seen.findings.map(({ key }) => key).sort(), ['effusion', 'lung-nodule']);
  assert.deepEqual(seen.unanswered, []);
  // drawn pictures are known well enough
  assert.deepEqual(of(-1, 'cardiomegaly').unanswered, []);
});
