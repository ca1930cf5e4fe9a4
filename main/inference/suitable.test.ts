import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Manifest } from '../../models/kit/manifest.ts';
import type { Frame, SeriesImages, SeriesSummary } from '../../preload/contract/index.ts';
import { notTried } from './providers.ts';
import { fitOf } from './suitable.ts';
import { writePackage } from './test-packages.ts';

const root = mkdtempSync(join(tmpdir(), 'sightline-suitable-'));
after(() => rmSync(root, { recursive: true, force: true }));
const manifestOf = (name: 'segment' | 'detect' | 'encode'): Manifest =>
  Manifest.parse(JSON.parse(readFileSync(join(writePackage(root, `of-${name}`, name), 'manifest.json'), 'utf8')));
const [onVolumes, onFilms, onText] = [manifestOf('segment'), manifestOf('detect'), manifestOf('encode')];

const series = (more: Partial<SeriesSummary>): SeriesSummary => ({
  id: 's',
  studyId: 't',
  uid: '1',
  number: 1,
  modality: 'CR',
  description: '',
  bodyPart: 'CHEST',
  frameCount: 1,
  kind: 'image',
  refused: null,
  sourceMissing: false,
  ...more,
});
const images = (
  more: Partial<Frame>,
  count = 1,
  volume: SeriesImages['volume'] = { kind: 'none', reason: 'gantry tilt' },
): SeriesImages => ({
  seriesId: 's',
  frames: Array.from({ length: count }, (_, index) => ({
    index,
    instanceUid: '1',
    frameNumber: 1,
    rows: 4,
    columns: 4,
    format: 'uint16' as const,
    byteOffset: 0,
    byteLength: 32,
    positionMm: null,
    rowDirection: [1, 0, 0] as const,
    columnDirection: [0, 0, -1] as const,
    calibration: { kind: 'unknown' as const, reason: '' },
    slope: 1,
    intercept: 0,
    unit: '',
    windows: [],
    range: null,
    inverted: false,
    ...more,
  })),
  volume,
  frameOfReferenceUid: null,
  lossy: null,
  remark: '',
  pixelTag: 't',
});
const film = (s: Partial<SeriesSummary>, f: Partial<Frame> = {}, count = 1) =>
  fitOf(onFilms, series(s), images(f, count)).kind;

test('a frontal chest film fits; a lateral one, another part, colour, many frames do not', () => {
  assert.equal(film({}), 'certain');
  assert.equal(film({ modality: 'DX', bodyPart: '' }), 'certain');
  assert.equal(film({}, { rowDirection: [0, 1, 0] }), 'none');
  assert.equal(film({ description: 'Chest LAT' }), 'none');
  assert.equal(film({ bodyPart: 'HAND' }), 'none');
  assert.equal(film({}, { format: 'rgb8' }), 'none');
  assert.equal(film({}, {}, 40), 'none');
  assert.equal(film({ modality: 'MG' }), 'none');
});

test("what the file does not say needs the reader's word", () => {
  assert.equal(film({ modality: 'OT', bodyPart: '' }, { rowDirection: null, columnDirection: null }), 'possible');
  assert.equal(film({ modality: 'CR', bodyPart: '' }, { rowDirection: null, columnDirection: null }), 'possible');
});

test('a photograph of the retina is in colour, and of an eye', () => {
  const onPhotographs: Manifest = {
    ...onFilms,
    modalities: ['OP', 'XC'],
    views: ['any'],
    pipeline: {
      task: 'grading',
      network: onFilms.pipeline.network,
      pre: [{ step: 'field-square', size: 64 }],
      gate: { light: 0, framed: 0, lit: 0, red: 0, sharp: 0 },
      grades: { label: 'lung-nodule', names: ['no', 'yes', 'much'], referableFrom: 1 },
      boxes: { minimumCells: 1, limit: 4 },
    },
  };
  const photo = (s: Partial<SeriesSummary>, f: Partial<Frame> = { format: 'rgb8' }, count = 1) =>
    fitOf(onPhotographs, series({ modality: 'OP', bodyPart: '', ...s }), images(f, count)).kind;
  assert.equal(photo({}), 'certain');
  assert.equal(photo({ bodyPart: 'EYE' }), 'certain');
  assert.equal(photo({ bodyPart: 'CHEST' }), 'none');
  assert.equal(photo({}, { format: 'uint8' }), 'none', 'grey');
  assert.equal(photo({}, { format: 'rgb8' }, 40), 'none');
  assert.equal(photo({ modality: 'US' }), 'none');
  // a camera, or a picture, may show anything
  assert.equal(photo({ modality: 'XC' }), 'possible');
  assert.equal(photo({ modality: 'XC', description: 'Fundus OD' }), 'certain');
  assert.equal(photo({ modality: '' }), 'possible');
  assert.equal(photo({ modality: 'CR' }), 'none');
});

test('a volume must be one', () => {
  const dims = [4, 4, 9] as const;
  const whole = {
    kind: 'volume',
    dims,
    affineVoxelToPatient: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
    format: 'int16',
    slope: 1,
    intercept: 0,
  } as const;
  assert.equal(fitOf(onVolumes, series({ modality: 'CT' }), images({}, 9, whole)).kind, 'certain');
  const fit = fitOf(onVolumes, series({ modality: 'CT' }), images({}, 9));
  assert.ok(fit.kind === 'none' && fit.why.includes('gantry tilt'));
  // Sheared by 12°: the network would see it aslant.
  const tilted = { ...whole, affineVoxelToPatient: [1, 0, 0, 0, 0, 1, 0.2126, 0, 0, 0, 1, 0] } as const;
  const aslant = fitOf(onVolumes, series({ modality: 'CT' }), images({}, 9, tilted));
  assert.ok(aslant.kind === 'none' && aslant.why.includes('tilted by 12.0°'), JSON.stringify(aslant));
  const ofTrunk = {
    ...onVolumes,
    labels: onVolumes.labels.map((label, n) => (n === 0 ? { ...label, key: 'liver' } : label)),
  };
  const trunk = (more: Partial<SeriesSummary>) =>
    fitOf(ofTrunk, series({ modality: 'CT', ...more }), images({}, 9, whole)).kind;
  assert.deepEqual(
    [trunk({ bodyPart: 'ABDOMEN' }), trunk({ bodyPart: '' }), trunk({ bodyPart: 'HEAD' })],
    ['certain', 'certain', 'possible'],
  );
  assert.equal(trunk({ bodyPart: '', description: 'Brain 5mm' }), 'possible');
  assert.equal(fitOf(onVolumes, series({ modality: 'MR' }), images({}, 9, whole)).kind, 'none');
  assert.equal(fitOf(onText, series({}), images({})).kind, 'none');
});

test('providers that are not even tried, and why', () => {
  const gpu = { nvidia: true, any: true };
  const none = { nvidia: false, any: false };
  assert.equal(notTried('cpu', 'linux', none), null);
  assert.equal(notTried('cuda', 'linux', gpu), null);
  assert.equal(notTried('cuda', 'linux', none), 'no GPU device found');
  assert.equal(notTried('cuda', 'linux', { nvidia: false, any: true }), 'no NVIDIA device found');
  assert.equal(notTried('webgpu', 'linux', { nvidia: false, any: true }), null);
  assert.equal(notTried('dml', 'linux', gpu), 'not available on this system');
  assert.equal(notTried('coreml', 'darwin', none), null);
});
