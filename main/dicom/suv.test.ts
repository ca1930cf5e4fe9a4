import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, SYNTAX } from './parse.ts';
import { type PetWords, petWords, suvScale } from './suv.ts';
import { TAG } from './tags.ts';
import { file } from './test-bytes.ts';

/** A man of 80 kg and 1.80 m, 400 MBq of F-18 one half life before the scan. */
const WORDS: PetWords = {
  units: 'BQML',
  suvType: '',
  corrected: ['NORM', 'ATTN', 'DECY'],
  decayCorrection: 'START',
  decayFactor: null,
  seriesAt: ['20260301', '120000'],
  acquiredAt: ['20260301', '120000'],
  durationMs: 180_000,
  doses: 1,
  doseBq: 4e8,
  halfLifeS: 6586.2,
  injectedAt: '',
  injectedTime: '101013.8',
  weightKg: 80,
  heightM: 1.8,
  sex: 'M',
};
const scale = (more: Partial<PetWords> = {}, ...others: Partial<PetWords>[]): ReturnType<typeof suvScale> =>
  suvScale([{ ...WORDS, ...more }, ...others.map((other) => ({ ...WORDS, ...more, ...other }))]);
const reason = (...given: Parameters<typeof scale>): string => {
  const found = scale(...given);
  return found.kind === 'none' ? found.reason : `known: ${JSON.stringify(found)}`;
};
const near = (actual: number | null | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) / expected - 1) < 1e-9, `${actual} for ${expected}`);

test('the dose left at the scan, by weight, lean mass and surface', () => {
  const found = scale();
  assert.ok(found.kind === 'known');
  // Half of 4e8 Bq is left: 80000 g / 2e8 Bq.
  near(found.bodyWeight, 4e-4);
  // James: 1.1 * 80 - 128 * (80 / 180)^2 = 62.716049...
  near(found.leanMass, 62_716.049_382_716_05 / 2e8);
  // Du Bois: 0.007184 * 80^0.425 * 180^0.725 m2 = 1.9963...
  near(found.surfaceArea, (0.007184 * 80 ** 0.425 * 180 ** 0.725 * 1e4) / 2e8);
  const woman = scale({ sex: 'F', weightKg: 60, heightM: 1.65 });
  // 1.07 * 60 - 148 * (60 / 165)^2
  near(woman.kind === 'known' ? woman.leanMass : null, (64.2 - 148 * (60 / 165) ** 2) / 2e5);
});

test('the time of the scan is the series’, unless that was made later; decay factors must agree', () => {
  const factor = (seconds: number): number => 2 ** (seconds / 6586.2);
  const later = { acquiredAt: ['20260301', '122000'] } as const;
  const first = scale({ decayFactor: factor(90) }, { ...later, decayFactor: factor(1290) });
  near(first.kind === 'known' ? first.bodyWeight : null, 4e-4);
  // Made anew in the evening: the factors say what it was corrected to.
  const anew = { seriesAt: ['20260301', '200000'] as const };
  assert.match(reason(anew), /dated after its acquisition/);
  const told = scale({ ...anew, decayFactor: factor(90) }, { ...later, decayFactor: factor(1290) });
  near(told.kind === 'known' ? told.bodyWeight : null, 4e-4);
  assert.match(reason({ decayFactor: factor(90) }, { ...later, decayFactor: factor(90) }), /do not agree/);
  assert.match(reason({ acquiredAt: ['20260301', ''] }), /acquisition/);
});

test('an injection before midnight, and moments that contradict each other', () => {
  const night = { seriesAt: ['20260302', '003000'], acquiredAt: ['20260302', '003000'] } as const;
  const found = scale({ ...night, injectedTime: '224013.8' });
  near(found.kind === 'known' ? found.bodyWeight : null, 4e-4);
  const dated = scale({ injectedAt: '20260301101013.800000' });
  near(dated.kind === 'known' ? dated.bodyWeight : null, 4e-4);
  assert.match(reason({ injectedAt: '20260301100013' }), /differ/);
  assert.match(reason({ injectedAt: '20260301101013+0200', injectedTime: '' }), /time zone/);
  assert.match(reason({ injectedAt: '20260301130000', injectedTime: '' }), /after the acquisition/);
  assert.match(reason({ injectedAt: '20260228101013', injectedTime: '' }), /too long/);
  assert.match(reason({ halfLifeS: 282_276 }), /day of injection/);
  assert.match(reason({ injectedTime: '' }), /time of injection is missing/);
});

test('each tag that is needed: without it there is no uptake, and the reason', () => {
  const cases: readonly (readonly [Partial<PetWords>, RegExp])[] = [
    [{ units: 'CNTS' }, /CNTS, not Bq/],
    [{ units: '' }, /units are not told/],
    [{ corrected: ['DECY'] }, /attenuation/],
    [{ corrected: ['ATTN'] }, /decay/],
    [{ decayCorrection: 'NONE' }, /decay/],
    [{ decayCorrection: '' }, /decay correction is not told/],
    [{ doses: 0 }, /injection is not told/],
    [{ doses: 2 }, /several injections/],
    [{ doseBq: null }, /dose is missing/],
    [{ doseBq: 400 }, /400 Bq cannot be meant/],
    [{ halfLifeS: null }, /half life is missing/],
    [{ weightKg: null }, /weight is missing/],
    [{ weightKg: 0 }, /weight is missing/],
    [{ weightKg: 80_000 }, /80000 kg cannot be meant/],
  ];
  for (const [more, expected] of cases) assert.match(reason(more), expected);
  assert.match(reason({}, { weightKg: 81 }), /do not agree on the weight/);
  assert.match(reason({}, { units: 'CNTS' }), /do not agree on the units/);
  const short = scale({ heightM: null });
  assert.ok(short.kind === 'known' && short.leanMass === null && short.surfaceArea === null);
  assert.deepEqual(short.missing, ['the height is missing']);
  const other = scale({ sex: 'O' });
  assert.ok(other.kind === 'known' && other.leanMass === null && other.surfaceArea !== null);
});

test('corrected to the injection, the whole dose counts; uptake by the scanner is taken as it is', () => {
  const admin = scale({ decayCorrection: 'ADMIN' });
  near(admin.kind === 'known' ? admin.bodyWeight : null, 80_000 / 4e8);
  const stated = scale({ units: 'GML' });
  assert.ok(stated.kind === 'known' && stated.bodyWeight === 1 && stated.leanMass === null);
  assert.match(reason({ units: 'GML', suvType: 'LBM' }), /kind LBM/);
});

test('the words are read from a file', () => {
  const bytes = file(SYNTAX.explicitLittle, [
    [TAG.SeriesDate, 'DA', '20260301'],
    [TAG.AcquisitionDate, 'DA', '20260301'],
    [TAG.SeriesTime, 'TM', '120000'],
    [TAG.AcquisitionTime, 'TM', '120000'],
    [TAG.PatientSex, 'CS', 'M'],
    [TAG.PatientSize, 'DS', '1.8'],
    [TAG.PatientWeight, 'DS', '80'],
    [TAG.ActualFrameDuration, 'IS', '180000'],
    [TAG.CorrectedImage, 'CS', 'NORM\\ATTN\\DECY'],
    [
      TAG.RadiopharmaceuticalInformationSequence,
      'SQ',
      [
        [
          [TAG.RadiopharmaceuticalStartTime, 'TM', '101013.8'],
          [TAG.RadionuclideTotalDose, 'DS', '400000000'],
          [TAG.RadionuclideHalfLife, 'DS', '6586.2'],
        ],
      ],
    ],
    [TAG.Units, 'CS', 'BQML'],
    [TAG.DecayCorrection, 'CS', 'START'],
  ]);
  assert.deepEqual(petWords(parse(bytes).dataSet), WORDS);
});
