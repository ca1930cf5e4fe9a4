import type { Random } from '../random.ts';
import type { LesionKind, LesionRequest, Modality, ParameterRange, Severity, Side } from './types.ts';

/** A line of text, understood. See README.md for the grammar. */
export interface PhantomRequest {
  readonly modality: Modality;
  /** [columns, rows, slices]; slices is 1 for an X-ray. */
  readonly dims: readonly [number, number, number];
  readonly spacingMm: readonly [number, number] | null;
  readonly thicknessMm: number | null;
  readonly tiltDeg: number;
  readonly orientation: 'axial' | 'sagittal' | 'coronal' | 'oblique';
  readonly obliqueDeg: number;
  readonly feetFirst: boolean;
  readonly prone: boolean;
  readonly sex: 'F' | 'M' | undefined;
  readonly ageYears: number | undefined;
  readonly contrastAgent: boolean | undefined;
  readonly noise: number | undefined;
  readonly seed: string | undefined;
  readonly centreZMm: number | undefined;
  readonly view: 'PA' | 'AP' | undefined;
  readonly marker: boolean;
  readonly marks: boolean;
  readonly random: boolean;
  readonly demo: boolean;
  readonly lesions: readonly LesionRequest[];
}

export class PhantomLineError extends Error {
  readonly line: string;
  constructor(line: string, reason: string) {
    super(`phantom line "${line}": ${reason}`);
    this.name = 'PhantomLineError';
    this.line = line;
  }
}

const KINDS: Readonly<Record<string, LesionKind>> = {
  nodule: 'lung-nodule',
  'lung-nodule': 'lung-nodule',
  mass: 'lung-nodule',
  'liver-lesion': 'liver-lesion',
  liver: 'liver-lesion',
  effusion: 'effusion',
  consolidation: 'consolidation',
  pneumonia: 'consolidation',
  pneumothorax: 'pneumothorax',
  cardiomegaly: 'cardiomegaly',
  atelectasis: 'atelectasis',
};
const PLACES = ['apex', 'upper', 'middle', 'lower', 'base'];
const SEVERITIES: readonly Severity[] = ['small', 'moderate', 'large'];
const CHARACTERS = ['solid', 'part-solid', 'spiculated', 'hypodense', 'rim', 'cyst', 'lobar', 'patchy'];
const SIDES: readonly Side[] = ['left', 'right'];
const MOST_VOXELS = 512 * 512 * 400;

export const parseLine = (line: string): PhantomRequest => {
  const fail = (reason: string): never => {
    throw new PhantomLineError(line.slice(0, 200), reason);
  };
  if (line.length > 500) fail('longer than 500 characters');
  const words = line.trim().toLowerCase().split(/\s+/);
  let at = 0;
  const number = (what: string, low: number, high: number): number => {
    const word = words[at++];
    const value = word === undefined || word === '' ? Number.NaN : Number(word.replace(/(mm|deg|°)$/, ''));
    if (!Number.isFinite(value) || value < low || value > high) fail(`${what} must be a number from ${low} to ${high}`);
    return value;
  };
  const isNumber = (word: string | undefined): boolean => word !== undefined && /^-?[0-9.]+(mm|deg)?$/.test(word);
  const first = words[at++];
  const demo = first === 'demo';
  if (!demo && first !== 'ct' && first !== 'xray') fail('the first word is the kind: ct, xray or demo');
  const modality: Modality = first === 'xray' ? 'xray' : 'ct';
  let dims: [number, number, number] = modality === 'ct' ? [128, 128, 64] : [512, 512, 1];
  let spacingMm: [number, number] | null = null;
  if (demo) {
    dims = [256, 256, 140];
    spacingMm = [1.45, 2.5];
  }
  if (words[at] !== undefined && /^[0-9]+(x[0-9]+)+$/.test(words[at] ?? '')) {
    const size = (words[at++] ?? '').split('x').map(Number);
    if (size.length !== (modality === 'ct' ? 3 : 2))
      fail(
        modality === 'ct'
          ? 'a ct size is columns x rows x slices, such as 64x64x20'
          : 'an xray size is columns x rows, such as 512x512',
      );
    dims = [size[0] ?? 0, size[1] ?? 0, size[2] ?? 1];
    const least = modality === 'ct' ? 4 : 32,
      most = modality === 'ct' ? 512 : 2048;
    if (dims[0] < least || dims[1] < least || dims[0] > most || dims[1] > most || dims[2] < 1 || dims[2] > 600)
      fail(`rows and columns from ${least} to ${most}, slices from 1 to 600`);
    if (dims[0] * dims[1] * dims[2] > MOST_VOXELS) fail('too many voxels');
  }
  const r = {
    thicknessMm: null as number | null,
    tiltDeg: 0,
    orientation: 'axial' as PhantomRequest['orientation'],
    obliqueDeg: 20,
    feetFirst: false,
    prone: false,
    sex: undefined as 'F' | 'M' | undefined,
    ageYears: undefined as number | undefined,
    contrastAgent: undefined as boolean | undefined,
    noise: undefined as number | undefined,
    seed: undefined as string | undefined,
    centreZMm: undefined as number | undefined,
    view: undefined as 'PA' | 'AP' | undefined,
    marker: true,
    marks: false,
    random: false,
    normal: false,
  };
  const lesions: LesionRequest[] = [];
  while (at < words.length) {
    const word = words[at++] ?? '';
    const kind = KINDS[word];
    if (word === 'lesion') {
      if (KINDS[words[at] ?? ''] === undefined) fail('"lesion" is followed by its kind');
    } else if (kind !== undefined) {
      const lesion: { -readonly [K in keyof LesionRequest]: LesionRequest[K] } = { kind };
      if (word === 'mass') lesion.sizeMm = 38;
      for (; at < words.length; at++) {
        const w = words[at] ?? '';
        if (/^[0-9.]+mm$/.test(w)) {
          const size = Number(w.slice(0, -2));
          if (!(size >= 3 && size <= 120)) fail('a lesion measures 3 to 120 mm');
          lesion.sizeMm = size;
        } else if (SIDES.includes(w as Side)) lesion.side = w as Side;
        else if (PLACES.includes(w)) lesion.place = w;
        else if (SEVERITIES.includes(w as Severity)) lesion.severity = w as Severity;
        else if (CHARACTERS.includes(w)) lesion.character = w;
        else if (w === 'at') {
          const centre = (words[at + 1] ?? '').split(',').map(Number);
          if (centre.length !== 3 || centre.some((v) => !Number.isFinite(v) || Math.abs(v) > 400))
            fail('"at" is followed by x,y,z in patient mm');
          lesion.centreMm = [centre[0] ?? 0, centre[1] ?? 0, centre[2] ?? 0];
          at++;
        } else if (w !== 'lobe' && w !== 'zone') break;
      }
      if (kind === 'liver-lesion' && modality === 'xray') fail('a liver lesion does not show in an xray');
      lesions.push(lesion);
    } else if (word === 'spacing') {
      const a = number('spacing', 0.2, 20);
      spacingMm = [a, isNumber(words[at]) ? number('slice spacing', 0.2, 60) : a];
    } else if (word === 'thickness') r.thicknessMm = number('thickness', 0.2, 60);
    else if (word === 'tilt') r.tiltDeg = number('tilt', -30, 30);
    else if (word === 'axial' || word === 'sagittal' || word === 'coronal') r.orientation = word;
    else if (word === 'oblique') {
      r.orientation = 'oblique';
      if (isNumber(words[at])) r.obliqueDeg = number('oblique', -60, 60);
    } else if (word === 'feet') {
      if (words[at++] !== 'first') fail('"feet" is followed by "first"');
      r.feetFirst = true;
    } else if (word === 'prone') r.prone = true;
    else if (word === 'supine') r.prone = false;
    else if (word === 'male' || word === 'female') r.sex = word === 'male' ? 'M' : 'F';
    else if (word === 'age') r.ageYears = number('age', 18, 100);
    else if (word === 'contrast') r.contrastAgent = true;
    else if (word === 'plain') r.contrastAgent = false;
    else if (word === 'noise') r.noise = number('noise', 0, 200);
    else if (word === 'centre') r.centreZMm = number('centre', -300, 200);
    else if (word === 'seed') r.seed = words[at++] ?? fail('"seed" is followed by a value');
    else if (word === 'pa' || word === 'ap') r.view = word === 'pa' ? 'PA' : 'AP';
    else if (word === 'unmarked') r.marker = false;
    else if (word === 'marks') r.marks = true;
    else if (word === 'random') r.random = true;
    else if (word === 'normal') r.normal = true;
    else fail(`"${word}" is not understood`);
  }
  if (r.normal && (r.random || lesions.length > 0)) fail('"normal" excludes lesions');
  if (r.tiltDeg !== 0 && r.orientation !== 'axial') fail('only axial slices can tilt');
  if (modality === 'xray' && (r.tiltDeg !== 0 || r.orientation !== 'axial' || r.marks))
    fail('tilt, orientation and marks are for ct');
  if (lesions.length > 20) fail('more than 20 lesions');
  if (demo && lesions.length === 0) {
    lesions.push(
      { kind: 'lung-nodule', side: 'right', place: 'upper', sizeMm: 16, character: 'spiculated' },
      { kind: 'liver-lesion', side: 'right', sizeMm: 25, character: 'hypodense' },
      { kind: 'effusion', side: 'left', severity: 'small' },
    );
  }
  return { modality, dims, spacingMm, demo, lesions, ...r };
};

const optional = (lesions: readonly LesionRequest[]): LesionRequest[] => lesions.map((l) => ({ ...l, optional: true }));

/** Lesions of a 'random' line. Beyond-range phantoms draw sizes at both ends, which 'in' leaves out. */
export const drawLesions = (random: Random, modality: Modality, range: ParameterRange): LesionRequest[] => {
  const r = random.fork('lesions');
  const out: LesionRequest[] = [];
  const side = (): Side => r.pick(SIDES);
  const severity = (): Severity => r.pick(SEVERITIES);
  const size = (low: number, high: number): number =>
    Math.round(
      (range === 'in'
        ? r.between(low, high)
        : r.next() < 0.5
          ? r.between(low * 0.8, low * 1.1)
          : r.between(high, high * 1.35)) * 10,
    ) / 10;
  if (r.next() < 0.22) return [];
  if (modality === 'ct') {
    const nodules = r.pick([0, 1, 1, 1, 2, 3]);
    for (let n = 0; n < nodules; n++)
      out.push({
        kind: 'lung-nodule',
        side: side(),
        sizeMm: size(7, 32),
        character: r.pick(['solid', 'solid', 'part-solid', 'spiculated']),
      });
    const liver = r.pick([0, 0, 1, 1, 2]);
    for (let n = 0; n < liver; n++)
      out.push({
        kind: 'liver-lesion',
        sizeMm: size(10, 42),
        character: r.pick(['hypodense', 'hypodense', 'rim', 'cyst']),
      });
    if (r.next() < 0.35) {
      const s = side();
      out.push({ kind: 'effusion', side: s, severity: severity() });
      if (r.next() < 0.25) out.push({ kind: 'effusion', side: s === 'left' ? 'right' : 'left', severity: severity() });
    }
    return optional(out);
  }
  if (r.next() < 0.34) {
    out.push({ kind: 'lung-nodule', side: side(), sizeMm: size(12, 42), character: r.pick(['solid', 'spiculated']) });
    if (r.next() < 0.2) out.push({ kind: 'lung-nodule', side: side(), sizeMm: size(12, 30), character: 'solid' });
  }
  if (r.next() < 0.32) {
    const s = side();
    out.push({ kind: 'effusion', side: s, severity: severity() });
    if (r.next() < 0.3) out.push({ kind: 'effusion', side: s === 'left' ? 'right' : 'left', severity: severity() });
  }
  if (r.next() < 0.3)
    out.push({
      kind: 'consolidation',
      side: side(),
      place: r.pick(['upper', 'middle', 'lower', 'lower']),
      severity: severity(),
      character: r.pick(['lobar', 'patchy']),
    });
  if (r.next() < 0.2) {
    const taken = new Set(out.filter((l) => l.kind === 'effusion').map((l) => l.side));
    const free = SIDES.filter((s) => !taken.has(s));
    if (free.length > 0) out.push({ kind: 'pneumothorax', side: r.pick(free), severity: severity() });
  }
  if (r.next() < 0.26) out.push({ kind: 'cardiomegaly', severity: severity() });
  if (r.next() < 0.14) out.push({ kind: 'atelectasis', side: side(), severity: r.pick(['small', 'moderate']) });
  return optional(out);
};
