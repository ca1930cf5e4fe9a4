import type { SuvScale } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import { TAG } from './tags.ts';

/** What one PET image says of its uptake; strings and numbers as they stand, '' and null where absent. */
export interface PetWords {
  readonly units: string;
  readonly suvType: string;
  readonly corrected: readonly string[];
  readonly decayCorrection: string;
  readonly decayFactor: number | null;
  /** YYYYMMDD and HHMMSS.FFFFFF. */
  readonly seriesAt: readonly [date: string, time: string];
  readonly acquiredAt: readonly [date: string, time: string];
  readonly durationMs: number | null;
  readonly doses: number;
  readonly doseBq: number | null;
  readonly halfLifeS: number | null;
  readonly injectedAt: string;
  readonly injectedTime: string;
  readonly weightKg: number | null;
  readonly heightM: number | null;
  readonly sex: string;
}

export const petWords = (dataSet: DataSet): PetWords => {
  const doses = dataSet.items(TAG.RadiopharmaceuticalInformationSequence);
  const [dose] = doses;
  const number = (from: DataSet | undefined, tag: number): number | null => from?.decimal(tag) ?? null;
  return {
    units: dataSet.code(TAG.Units).toUpperCase(),
    suvType: dataSet.code(TAG.SUVType).toUpperCase(),
    corrected: dataSet.codes(TAG.CorrectedImage).map((word) => word.toUpperCase()),
    decayCorrection: dataSet.code(TAG.DecayCorrection).toUpperCase(),
    decayFactor: number(dataSet, TAG.DecayFactor),
    seriesAt: [dataSet.code(TAG.SeriesDate), dataSet.code(TAG.SeriesTime)],
    acquiredAt: [dataSet.code(TAG.AcquisitionDate), dataSet.code(TAG.AcquisitionTime)],
    durationMs: number(dataSet, TAG.ActualFrameDuration),
    doses: doses.length,
    doseBq: number(dose, TAG.RadionuclideTotalDose),
    halfLifeS: number(dose, TAG.RadionuclideHalfLife),
    injectedAt: dose?.code(TAG.RadiopharmaceuticalStartDateTime) ?? '',
    injectedTime: dose?.code(TAG.RadiopharmaceuticalStartTime) ?? '',
    weightKg: number(dataSet, TAG.PatientWeight),
    heightM: number(dataSet, TAG.PatientSize),
    sex: dataSet.code(TAG.PatientSex).toUpperCase(),
  };
};

const none = (reason: string): SuvScale => ({ kind: 'none', reason });

/** Seconds since 1970 of the scanner's own clock; null where the text is no moment. */
const moment = (date: string, time: string): number | null => {
  const day = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date);
  const clock = /^(\d{2}):?(\d{2}):?(\d{2})(\.\d+)?$/.exec(time);
  if (!day || !clock) return null;
  const [, year = '', month = '', dayOfMonth = ''] = day;
  const [, hours = '', minutes = '', seconds = '', fraction = '0'] = clock;
  return (
    Date.UTC(Number(year), Number(month) - 1, Number(dayOfMonth), Number(hours), Number(minutes), Number(seconds)) /
      1000 +
    Number(fraction)
  );
};

const DAY_S = 86_400;
/** Beyond these a number is not what its tag says: a dose in MBq, a weight in grams. */
const DOSE_BQ = [1e5, 1e11] as const;
const WEIGHT_KG = [0.3, 500] as const;
const HEIGHT_M = [0.2, 2.7] as const;
const HALF_LIFE_S = [60, 3e7] as const;
const MOST_HALF_LIVES = 8;
const between = (value: number | null, [least, most]: readonly [number, number]): value is number =>
  value !== null && value >= least && value <= most;

/**
 * The moment that all images are decay-corrected to, for DecayCorrection START; words where it is not certain. Series Time
 * is that moment unless the series was made anew later (QIBA's vendor-neutral algorithm); the decay factor that each image
 * was scaled with must agree where it is told: factor = 2^(t / T½), t from that moment into the image's own duration.
 */
const correctedTo = (all: readonly PetWords[], halfLifeS: number): number | string => {
  const acquired = all.map(({ acquiredAt }) => moment(...acquiredAt));
  if (acquired.some((at) => at === null)) return 'an image has no acquisition date and time';
  const earliest = Math.min(...(acquired as number[]));
  const first = all[0];
  const series = first ? moment(...first.seriesAt) : null;
  if (series === null) return 'the series has no date and time';
  const factors = all.map(({ decayFactor }) => decayFactor);
  const agrees = (reference: number): boolean =>
    all.every(({ decayFactor, durationMs }, n) => {
      const since = (acquired[n] ?? 0) - reference;
      const low = 2 ** (since / halfLifeS);
      const high = 2 ** ((since + (durationMs ?? 0) / 1000) / halfLifeS);
      return decayFactor !== null && decayFactor >= low * 0.99 && decayFactor <= high * 1.01;
    });
  if (factors.every((factor) => factor !== null && factor > 0)) {
    if (series <= earliest && agrees(series)) return series;
    if (agrees(earliest)) return earliest;
    return 'the decay factors do not agree with the times of acquisition';
  }
  if (series > earliest) return 'the series is dated after its acquisition, and its decay factors are not told';
  return series;
};

/** Of the scanner's own clock; words where it is not certain. */
const injectedAt = (first: PetWords, reference: number, halfLifeS: number): number | string => {
  if (first.injectedAt !== '') {
    const [, date = '', time = '', zone = ''] = /^(\d{8})(\d{6}(?:\.\d+)?)([+-]\d{4})?$/.exec(first.injectedAt) ?? [];
    const at = moment(date, time);
    if (at === null) return 'the moment of injection is no date and time';
    const alone = moment(date, first.injectedTime);
    if (alone !== null && Math.abs(alone - at) > 1) return 'two times of injection are told that differ';
    if (alone === null && zone !== '') return 'the moment of injection is told in another time zone';
    return at;
  }
  if (first.injectedTime === '') return 'the time of injection is missing';
  if (halfLifeS > DAY_S / 2) return 'the day of injection is missing';
  const day = new Date(reference * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  const at = moment(day, first.injectedTime);
  if (at === null) return 'the time of injection is no time';
  // Only a time of day is told: an injection before midnight was on the day before.
  return at > reference ? at - DAY_S : at;
};

/** A man's or woman's lean mass, kg, after James, with 128 for men. PS3.16 (126406, DCM) */
const leanMassKg = (weightKg: number, heightM: number, sex: string): number | null => {
  const index = (weightKg / (heightM * 100)) ** 2;
  const lean = sex === 'M' ? 1.1 * weightKg - 128 * index : sex === 'F' ? 1.07 * weightKg - 148 * index : null;
  return lean !== null && lean > 0 ? lean : null;
};
/** Du Bois. */
const surfaceCm2 = (weightKg: number, heightM: number): number =>
  0.007184 * weightKg ** 0.425 * (heightM * 100) ** 0.725 * 1e4;

/** Values that are uptake already, as the scanner computed it. PS3.3 C.8.9.1.1.3 */
const alreadyUptake = (suvType: string): SuvScale => {
  const known = { kind: 'known', bodyWeight: null, leanMass: null, surfaceArea: null } as const;
  const missing = ['the file holds another kind of uptake'];
  const source = 'Computed by the scanner';
  if (suvType === '' || suvType === 'BW') return { ...known, bodyWeight: 1, missing, source };
  if (suvType === 'LBMJAMES128') return { ...known, leanMass: 1, missing, source };
  return none(`the file holds uptake of the kind ${suvType.slice(0, 16)}`);
};

const same = (all: readonly PetWords[], key: keyof PetWords): boolean =>
  new Set(all.map((words) => JSON.stringify(words[key]))).size === 1;
const CONSTANT = {
  units: 'units',
  decayCorrection: 'decay correction',
  doses: 'number of injections',
  doseBq: 'dose',
  halfLifeS: 'half life',
  injectedAt: 'time of injection',
  injectedTime: 'time of injection',
  weightKg: 'weight',
  heightM: 'height',
  sex: 'sex',
  seriesAt: 'date of the series',
} as const satisfies Partial<Record<keyof PetWords, string>>;

/** Factors from modality values to SUV, where every tag that this needs is there and they agree among all images. */
export const suvScale = (all: readonly PetWords[]): SuvScale => {
  const [first] = all;
  if (!first) return none('no image');
  for (const [key, name] of Object.entries(CONSTANT) as [keyof typeof CONSTANT, string][])
    if (!same(all, key)) return none(`the images do not agree on the ${name}`);
  if (first.units === 'GML') return alreadyUptake(first.suvType);
  if (first.units !== 'BQML')
    return none(first.units === '' ? 'the units are not told' : `the units are ${first.units.slice(0, 16)}, not Bq/mL`);
  for (const word of ['ATTN', 'DECY'])
    if (!all.every(({ corrected }) => corrected.includes(word)))
      return none(word === 'ATTN' ? 'not corrected for attenuation' : 'not corrected for decay');
  if (first.doses !== 1) return none(first.doses === 0 ? 'the injection is not told' : 'several injections');
  const { doseBq, halfLifeS, weightKg, heightM, sex } = first;
  if (doseBq === null || doseBq === 0) return none('the dose is missing');
  if (!between(doseBq, DOSE_BQ)) return none(`a dose of ${doseBq} Bq cannot be meant`);
  if (halfLifeS === null || halfLifeS === 0) return none('the half life is missing');
  if (!between(halfLifeS, HALF_LIFE_S)) return none(`a half life of ${halfLifeS} s cannot be meant`);
  let leftBq = doseBq;
  if (first.decayCorrection === 'START') {
    const reference = correctedTo(all, halfLifeS);
    if (typeof reference === 'string') return none(reference);
    const injected = injectedAt(first, reference, halfLifeS);
    if (typeof injected === 'string') return none(injected);
    const decayS = reference - injected;
    if (decayS < 0) return none('the injection is dated after the acquisition');
    if (decayS > MOST_HALF_LIVES * halfLifeS)
      return none('the injection was too long before the acquisition to be meant');
    leftBq = doseBq * 2 ** (-decayS / halfLifeS);
  } else if (first.decayCorrection !== 'ADMIN')
    return none(first.decayCorrection === 'NONE' ? 'not corrected for decay' : 'the decay correction is not told');
  const missing: string[] = [];
  const weight = between(weightKg, WEIGHT_KG) ? weightKg : null;
  if (weight === null) return none(weightKg ? `a weight of ${weightKg} kg cannot be meant` : 'the weight is missing');
  const height = between(heightM, HEIGHT_M) ? heightM : null;
  if (height === null) missing.push(heightM ? `a height of ${heightM} m cannot be meant` : 'the height is missing');
  if (sex !== 'M' && sex !== 'F') missing.push('the sex is missing');
  const lean = height === null ? null : leanMassKg(weight, height, sex);
  return {
    kind: 'known',
    bodyWeight: (weight * 1000) / leftBq,
    leanMass: lean === null ? null : (lean * 1000) / leftBq,
    surfaceArea: height === null ? null : surfaceCm2(weight, height) / leftBq,
    missing,
    source: `${(doseBq / 1e6).toFixed(0)} MBq, ${(leftBq / 1e6).toFixed(0)} MBq left, ${weight} kg`,
  };
};
