import { type Vec3, voxelToPatient } from '../geometry.ts';
import type { Random } from '../random.ts';
import { LUNGS, makeAnatomy } from './anatomy.ts';
import { drawParameters, makeBody } from './body.ts';
import type { PhantomRequest } from './grammar.ts';
import { makeGrid } from './grid.ts';
import { ID } from './labels.ts';
import { arrange, type PlannedLesion, planLesions } from './lesions/index.ts';
import { latticeNoise, noiseTile, tileAt } from './noise.ts';
import { blankCanvas, type Canvas, edgeOf, paint } from './paint.ts';
import { writeReport } from './report.ts';
import { type Part, tubes } from './shapes.ts';
import { boneParts, bones, skeletonSolids } from './skeleton.ts';
import { bronchovascular } from './tree.ts';
import type { CtPhantom, Lesion, LesionRequest, Mark, ParameterRange, PhantomFamilies } from './types.ts';

/** Vessels and airways of both lungs as parts. Airways have a wall; they are painted only over lung. */
const lungVessels = (tree: ReturnType<typeof bronchovascular>, bloodHu: number): Part[] => {
  const out: Part[] = [];
  for (const side of ['left', 'right'] as const) {
    const { arteries, veins, airways } = tree[side];
    out.push(tubes(arteries, bloodHu, -1, LUNGS), tubes(veins, bloodHu - 4, -1, LUNGS));
    const wall = airways.map((v, n) => (n % 4 === 3 ? v * 1.1 + 0.5 : v));
    out.push(tubes(wall, -80, -1, LUNGS), tubes(airways, -985, -1, LUNGS));
  }
  return out;
};

/** Texture of organs and image noise. HU of one voxel depend on place and seed only, not on the rest of the grid's size. */
const addTexture = (canvas: Canvas, random: Random, noiseHu: number): void => {
  const { dims, hu, labels, affine: m } = canvas;
  const [ni, nj, nk] = dims;
  const texture = latticeNoise(random.fork('texture'));
  const tiles = ['a', 'b', 'c'].map((name) => noiseTile(name, 0.75));
  const shift = random.fork('shift');
  const amplitude = new Float32Array(32).fill(5);
  amplitude[0] = 0;
  amplitude[ID['lung-left']] = amplitude[ID['lung-right']] = 16;
  amplitude[ID.liver] = 4;
  amplitude[ID.spine] = 26;
  amplitude[ID.effusion] = 2;
  for (let k = 0; k < nk; k++) {
    const tile = tiles[k % 3] as Float32Array;
    const si = shift.integer(0, 255),
      sj = shift.integer(0, 255);
    for (let j = 0; j < nj; j++) {
      const row = ni * (j + nj * k);
      const ox = m[1] * j + m[2] * k + m[3],
        oy = m[5] * j + m[6] * k + m[7],
        oz = m[9] * j + m[10] * k + m[11];
      for (let i = 0; i < ni; i++) {
        const at = row + i;
        const label = labels[at] as number;
        let v = hu[at] as number;
        const a = amplitude[label] as number;
        if (a > 0) {
          const x = ox + m[0] * i,
            y = oy + m[4] * i,
            z = oz + m[8] * i;
          v += a * texture(x / 5, y / 5, z / 5);
          // the lung is denser where it hangs
          if (a === 16 && v < -600) v += 14 * texture(x / 21, y / 21, z / 21) + 0.28 * y;
        }
        const n = tileAt(tile, i + si, j + sj);
        // noise is greater inside the body; beyond -1024 nothing is stored
        v += n * noiseHu * (label === 0 ? 0.55 : 1);
        hu[at] = v < -1024 ? -1024 : Math.min(v, 3071);
      }
    }
  }
};

/** Marks in the corners and centre of a grid, off its lattice: balls of high density at known places. */
const placeMarks = (canvas: Canvas, random: Random): Mark[] => {
  const { dims, hu, affine } = canvas;
  const r = random.fork('marks');
  const radius = 2.2;
  const out: Mark[] = [];
  for (const [fx, fy, fz] of [
    [0.2, 0.22, 0.25],
    [0.78, 0.2, 0.3],
    [0.25, 0.8, 0.72],
    [0.72, 0.75, 0.78],
    [0.5, 0.48, 0.5],
  ] as const) {
    const at: Vec3 = [
      fx * (dims[0] - 1) + r.between(-0.5, 0.5),
      fy * (dims[1] - 1) + r.between(-0.5, 0.5),
      fz * (dims[2] - 1) + (dims[2] > 8 ? r.between(-0.5, 0.5) : 0),
    ];
    out.push({ positionMm: voxelToPatient(affine, at) });
    for (let k = Math.max(0, Math.floor(at[2] - radius)); k <= Math.min(dims[2] - 1, Math.ceil(at[2] + radius)); k++)
      for (let j = Math.max(0, Math.floor(at[1] - radius)); j <= Math.min(dims[1] - 1, Math.ceil(at[1] + radius)); j++)
        for (
          let i = Math.max(0, Math.floor(at[0] - radius));
          i <= Math.min(dims[0] - 1, Math.ceil(at[0] + radius));
          i++
        ) {
          const d = Math.hypot(i - at[0], j - at[1], k - at[2]);
          const w = Math.max(0, 1 - d / radius);
          const n = i + dims[0] * (j + dims[1] * k);
          // over everything, also over bone: 3000 HU at the centre, falling in a cone
          if (w > 0) hu[n] = Math.max(hu[n] as number, 1400 + 1600 * w);
        }
  }
  return out;
};

/** An enlarged heart is measured: its label's box, and its width against that of both lungs. */
const enlargedHeart = (canvas: Canvas, l: PlannedLesion): Lesion => {
  const [ni, nj, nk] = canvas.dims;
  const box: [number, number, number, number, number, number] = [ni, nj, nk, -1, -1, -1];
  const x = { heart: [Infinity, -Infinity], lungs: [Infinity, -Infinity] };
  const bySlice = new Int32Array(nk);
  const m = canvas.affine;
  for (let n = 0; n < canvas.labels.length; n++) {
    const label = canvas.labels[n] as number;
    if (label !== ID.heart && label !== ID['lung-left'] && label !== ID['lung-right']) continue;
    const i = n % ni,
      j = Math.floor(n / ni) % nj,
      k = Math.floor(n / (ni * nj));
    const at = m[0] * i + m[1] * j + m[2] * k + m[3];
    const span = label === ID.heart ? x.heart : x.lungs;
    span[0] = Math.min(span[0] as number, at);
    span[1] = Math.max(span[1] as number, at);
    if (label !== ID.heart) continue;
    bySlice[k] = (bySlice[k] as number) + 1;
    box[0] = Math.min(box[0], i);
    box[1] = Math.min(box[1], j);
    box[2] = Math.min(box[2], k);
    box[3] = Math.max(box[3], i);
    box[4] = Math.max(box[4], j);
    box[5] = Math.max(box[5], k);
  }
  const ratio = ((x.heart[1] as number) - (x.heart[0] as number)) / ((x.lungs[1] as number) - (x.lungs[0] as number));
  const found = box[3] >= 0;
  return {
    id: l.id,
    kind: l.kind,
    side: null,
    place: l.place,
    character: l.character,
    sizeMm: l.sizeMm,
    severity: l.severity,
    centreMm: l.centreMm,
    voxelBox: found ? box : null,
    sliceIndex: found ? bySlice.indexOf(bySlice.reduce((a, b) => Math.max(a, b), 0)) : null,
    pixelBox: null,
    contrast: Number.isFinite(ratio) ? Math.round(ratio * 1000) / 1000 : 0,
    visible: found && ratio > 0.5,
  };
};

/** Truth of each lesion from what it changed in the grid. */
const measureLesions = (canvas: Canvas, planned: readonly PlannedLesion[]): Lesion[] => {
  const { dims, instances, changes } = canvas;
  const [ni, nj, nk] = dims;
  const boxes = new Map<number, { box: [number, number, number, number, number, number]; bySlice: Int32Array }>();
  for (let n = 0; n < instances.length; n++) {
    const id = instances[n] as number;
    if (id === 0) continue;
    const i = n % ni,
      j = Math.floor(n / ni) % nj,
      k = Math.floor(n / (ni * nj));
    const entry = boxes.get(id) ?? { box: [i, j, k, i, j, k], bySlice: new Int32Array(nk) };
    boxes.set(id, entry);
    const b = entry.box;
    if (i < b[0]) b[0] = i;
    if (j < b[1]) b[1] = j;
    if (k < b[2]) b[2] = k;
    if (i > b[3]) b[3] = i;
    if (j > b[4]) b[4] = j;
    if (k > b[5]) b[5] = k;
    entry.bySlice[k] = (entry.bySlice[k] as number) + 1;
  }
  return planned.map((l) => {
    if (l.kind === 'cardiomegaly') return enlargedHeart(canvas, l);
    const found = boxes.get(l.id);
    const strongest = (changes.get(l.id) ?? []).reduce(
      (most, v, n) => (n % 2 === 1 ? Math.max(most, Math.abs(v)) : most),
      0,
    );
    const sliceIndex = found ? found.bySlice.indexOf(found.bySlice.reduce((a, b) => Math.max(a, b), 0)) : null;
    return {
      id: l.id,
      kind: l.kind,
      side: l.side,
      place: l.place,
      character: l.character,
      sizeMm: l.sizeMm,
      severity: l.severity,
      centreMm: l.centreMm,
      voxelBox: found?.box ?? null,
      sliceIndex,
      pixelBox: null,
      contrast: Math.round(strongest),
      visible: found !== undefined && strongest > 15,
    };
  });
};

export const renderCt = (
  line: string,
  seed: string,
  request: PhantomRequest,
  lesionRequests: readonly LesionRequest[],
  random: Random,
  options: PhantomFamilies & { readonly range: ParameterRange },
): CtPhantom => {
  const big = lesionRequests.find((l) => l.kind === 'cardiomegaly');
  const parameters = drawParameters(random, {
    sex: request.sex,
    ageYears: request.ageYears,
    range: options.range,
    posture: request.prone ? 'prone' : 'supine',
    contrastAgent: request.contrastAgent ?? (request.demo ? true : undefined),
    heart: big ? random.fork('heart').between(1.3, 1.45) : undefined,
    noiseHu: request.noise,
  });
  const body = makeBody(parameters, random);
  const anatomy = makeAnatomy(body, 'whole');
  const across = request.orientation === 'axial' || request.orientation === 'oblique';
  const [ni, nj, nk] = request.dims;
  // by default the grid holds the whole torso
  const spacingMm =
    request.spacingMm ??
    (across
      ? ([Math.ceil((410 / Math.min(ni, nj)) * 20) / 20, Math.ceil((350 / nk) * 20) / 20] as const)
      : ([
          Math.ceil((400 / Math.min(ni, nj)) * 20) / 20,
          Math.ceil(((request.orientation === 'coronal' ? 260 : 400) / nk) * 20) / 20,
        ] as const));
  const grid = makeGrid({
    dims: request.dims,
    spacingMm,
    orientation: request.orientation,
    tiltDeg: request.tiltDeg,
    obliqueDeg: request.obliqueDeg,
    feetFirst: request.feetFirst,
    prone: request.prone,
    centreMm: [0, 2, request.centreZMm ?? -62 * parameters.scale[2]],
  });
  const planned = planLesions(body, anatomy, lesionRequests, 'ct', edgeOf(grid.affine));
  const canvas = blankCanvas(request.dims, grid.affine);
  const finest = Math.min(...spacingMm);
  const density = finest < 1.2 ? 2000 : finest < 2 ? 1300 : finest < 3 ? 500 : 160;
  const tree = bronchovascular(body, density);
  paint(
    canvas,
    arrange(
      anatomy,
      planned,
      lungVessels(tree, parameters.bloodHu),
      [...skeletonSolids(body), ...boneParts(bones(body))],
      { balls: true },
    ),
  );
  addTexture(canvas, random, parameters.noiseHu);
  const marks = request.marks ? placeMarks(canvas, random) : [];
  const lesions = measureLesions(canvas, planned);
  const data = new Int16Array(canvas.hu.length);
  for (let n = 0; n < data.length; n++) data[n] = Math.round(canvas.hu[n] as number);
  const volume = <T extends Int16Array | Uint8Array>(v: T) => ({
    data: v,
    dims: request.dims,
    affineVoxelToPatient: grid.affine,
  });
  const view = { kind: 'ct', patient: parameters.patient, contrastAgent: parameters.contrastAgent } as const;
  return {
    kind: 'ct',
    line,
    seed,
    patient: parameters.patient,
    image: volume(data),
    labels: volume(canvas.labels),
    instances: volume(canvas.instances),
    pixelSpacingMm: [spacingMm[0], spacingMm[0]],
    sliceStepMm: spacingMm[1],
    sliceThicknessMm: request.thicknessMm ?? spacingMm[1],
    gantryTiltDeg: request.tiltDeg,
    patientPosition: grid.patientPosition,
    contrastAgent: parameters.contrastAgent,
    slices: Array.from({ length: nk }, (_, k) => ({
      imagePositionPatient: voxelToPatient(grid.affine, [0, 0, k]),
      imageOrientationPatient: [...grid.row, ...grid.column] as unknown as readonly [
        number,
        number,
        number,
        number,
        number,
        number,
      ],
    })),
    lesions,
    marks,
    report: writeReport(view, lesions, random, options.phrases),
  };
};
