import type { Affine, Vec3 } from '../geometry.ts';
import type { Random } from '../random.ts';
import { makeAnatomy } from './anatomy.ts';
import { drawBall } from './ball.ts';
import { drawParameters, makeBody } from './body.ts';
import { drawMarker, expose } from './exposure.ts';
import type { PhantomRequest } from './grammar.ts';
import { ID } from './labels.ts';
import { arrange, planLesions } from './lesions/index.ts';
import { noiseTile, tileAt } from './noise.ts';
import { blankCanvas, paint } from './paint.ts';
import { blurred, type Plane, project, splatTube, upsample } from './project.ts';
import { writeReport } from './report.ts';
import { bones, skeletonSolids } from './skeleton.ts';
import { bronchovascular } from './tree.ts';
import type { Lesion, LesionRequest, ParameterRange, PhantomFamilies, XrayPhantom } from './types.ts';

/** Attenuation of water at the beam's mean energy, 1/mm. */
const WATER = 0.0185;
/** Bone attenuates more at a radiograph's energies than its HU, taken at a CT's, would say. */
const BONE = 0.75;
const perMm = (hu: number): number => {
  const water = 1 + hu / 1000;
  if (hu < 130) return water > 0 ? WATER * water : 0;
  return WATER * (water + (BONE * (hu - 130)) / 1000);
};

export const renderXray = (
  line: string,
  seed: string,
  request: PhantomRequest,
  lesionRequests: readonly LesionRequest[],
  random: Random,
  options: PhantomFamilies & { readonly range: ParameterRange },
): XrayPhantom => {
  const setup = random.fork('xray');
  const view = request.view ?? (options.range === 'out' && setup.next() < 0.5 ? 'AP' : 'PA');
  const big = lesionRequests.find((l) => l.kind === 'cardiomegaly');
  const enlarged = big
    ? ({ small: 1.27, moderate: 1.37, large: 1.5 } as const)[big.severity ?? 'moderate'] * setup.between(0.985, 1.015)
    : undefined;
  const parameters = drawParameters(random, {
    sex: request.sex,
    ageYears: request.ageYears,
    range: options.range,
    posture: 'upright',
    contrastAgent: false,
    heart: enlarged,
    noiseHu: undefined,
  });
  const body = makeBody(parameters, random);
  const anatomy = makeAnatomy(body, 'projection');
  const [width, height] = request.dims;
  const across = Math.max(width, height);
  const pixelMm = request.spacingMm?.[0] ?? Math.round((398 / across) * 1e4) / 1e4;

  // geometry: point source on one side of the patient, detector close to the other
  const distanceSourceToDetectorMm = view === 'PA' ? 1800 : 1100;
  const gap = 40;
  const halfDepth = 130 * parameters.scale[1] + parameters.fatMm;
  const towards = view === 'PA' ? -1 : 1; // the detector's side along y: anterior for PA
  const detectorY = towards * (halfDepth + gap);
  const sourceY = detectorY - towards * distanceSourceToDetectorMm;
  const centre: [number, number] = [setup.normal(0, 5), -46 * parameters.scale[2] + setup.normal(0, 6)];
  const plane: Plane = { width, height, pixelMm, centreX: centre[0], centreZ: centre[1], detectorY, sourceY };

  // the body, coarse, without what is finer than its voxels
  const [finest, yMm] = across >= 1024 ? [1.5, 6] : across >= 400 ? [2, 6] : across >= 200 ? [3.4, 7.5] : [5, 9];
  const xzMm = Math.max(finest, (pixelMm * across) / 280);
  const edgeMm = xzMm + 1.2;
  const half = [(pixelMm * width) / 2 + 6, (pixelMm * height) / 2 + 6];
  const dims: Vec3 = [
    Math.ceil((2 * (half[0] as number)) / xzMm),
    Math.ceil((2 * (half[1] as number)) / xzMm),
    Math.ceil((2 * halfDepth + 16) / yMm),
  ];
  const affine: Affine = [
    xzMm,
    0,
    0,
    centre[0] - (xzMm * (dims[0] - 1)) / 2,
    0,
    0,
    yMm,
    (-yMm * (dims[2] - 1)) / 2,
    0,
    -xzMm,
    0,
    centre[1] + (xzMm * (dims[1] - 1)) / 2,
  ];
  const planned = planLesions(body, anatomy, lesionRequests, 'xray', edgeMm);
  const canvas = blankCanvas(dims, affine);
  paint(canvas, arrange(anatomy, planned, [], skeletonSolids(body), { balls: false }), edgeMm);

  const projected = project(canvas, plane, perMm);
  const n = width * height;
  const thickness = upsample(projected.thickness, projected.size, plane, xzMm);
  const lungLeft = upsample(projected.lungLeft, projected.size, plane, xzMm);
  const lungRight = upsample(projected.lungRight, projected.size, plane, xzMm);
  const heart = upsample(projected.heart, projected.size, plane, xzMm);
  const abdomen = upsample(projected.abdomen, projected.size, plane, xzMm);

  // fine structure at the detector's own resolution: bones and lung vessels as tubes, lung texture
  for (const bone of bones(body)) {
    const outer = perMm(bone.cortexHu) - perMm(20),
      inner = perMm(bone.cortexHu) - perMm(bone.marrowHu);
    splatTube(thickness, plane, bone.path, (r) => r, outer);
    if (bone.cortexMm > 0) splatTube(thickness, plane, bone.path, (r) => Math.max(0.5, r - bone.cortexMm), -inner);
  }
  const tree = bronchovascular(body, across >= 400 ? 1100 : across >= 200 ? 420 : 200);
  const excludes = planned.map((l) => l.excludes).filter((d) => d !== null);
  const vessel = perMm(parameters.bloodHu) - perMm(parameters.lungHu);
  for (const side of ['left', 'right'] as const) {
    const lung = body.lung[side];
    const keep = (x: number, y: number, z: number): boolean =>
      lung(x, y, z) < 0 && excludes.every((d) => d(x, y, z) > 0);
    for (const list of [tree[side].arteries, tree[side].veins])
      for (let s = 0; s < list.length; s += 8) {
        const a = [list[s] as number, list[s + 1] as number, list[s + 2] as number, list[s + 3] as number] as const;
        const b = [list[s + 4] as number, list[s + 5] as number, list[s + 6] as number, list[s + 7] as number] as const;
        if (
          !keep((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) ||
          anatomy.heart((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) < 0
        )
          continue;
        splatTube(thickness, plane, [a, b], (r) => r, vessel);
      }
  }
  const balls = new Map<number, Float32Array>();
  for (const l of planned) {
    if (l.ball === null) continue;
    const map = new Float32Array(n);
    drawBall(map, plane, l, perMm(l.ball.hu) - perMm(parameters.lungHu), random.fork(`ball ${l.id}`));
    balls.set(l.id, map);
    for (let p = 0; p < n; p++) thickness[p] = (thickness[p] as number) + (map[p] as number);
  }

  // from attenuation to the logarithmic signal of a detector behind a grid
  const primary = new Float32Array(n);
  for (let p = 0; p < n; p++) primary[p] = Math.exp(-(thickness[p] as number));
  const scatter = blurred(primary, width, height, 28 / pixelMm);
  const share = setup.between(0.14, 0.22);
  const floor = 0.02;
  const signal = new Float32Array(n);
  const tile = noiseTile('quanta', 0.7);
  const fine = noiseTile('grain', Math.max(0.8, Math.round(11 / pixelMm) / 10));
  const si = setup.integer(0, 255),
    sj = setup.integer(0, 255);
  const quanta =
    ((request.noise ?? (options.range === 'out' ? setup.between(14, 26) : setup.between(5, 12))) / 1000) *
    Math.min(1.4, Math.sqrt(0.84 / pixelMm));
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const p = i + width * j;
      const lungs = (lungLeft[p] as number) + (lungRight[p] as number);
      const t = (primary[p] as number) + share * (scatter[p] as number) + floor;
      signal[p] =
        -Math.log(t) +
        (tileAt(tile, i + si, j + sj) * quanta) / Math.sqrt(t) +
        tileAt(fine, i + sj, j + si) * Math.min(1, lungs / 120) * 0.012;
    }
  }

  // masks: heart over lungs, lungs where neither heart nor dome covers them
  const labels = new Uint8Array(n);
  const extent = { heart: [width, -1], chest: [width, -1] };
  for (let p = 0; p < n; p++) {
    const l = lungLeft[p] as number,
      r = lungRight[p] as number;
    if ((heart[p] as number) > 14 && (abdomen[p] as number) < 60) labels[p] = ID.heart;
    else if (Math.max(l, r) > 14 && (abdomen[p] as number) < 30) labels[p] = l > r ? ID['lung-left'] : ID['lung-right'];
    const i = p % width;
    if (labels[p] === ID.heart) {
      extent.heart[0] = Math.min(extent.heart[0] as number, i);
      extent.heart[1] = Math.max(extent.heart[1] as number, i);
    } else if (Math.max(l, r) > 6) {
      extent.chest[0] = Math.min(extent.chest[0] as number, i);
      extent.chest[1] = Math.max(extent.chest[1] as number, i);
    }
  }
  const heartWidth = (extent.heart[1] as number) - (extent.heart[0] as number) + 1,
    chestWidth = (extent.chest[1] as number) - (extent.chest[0] as number) + 1;
  const cardiothoracicRatio =
    heartWidth > 0 && chestWidth > 0 ? Math.round((heartWidth / chestWidth) * 1000) / 1000 : 0;

  const lesions = planned.map((l): Lesion => {
    const common = {
      id: l.id,
      kind: l.kind,
      side: l.side,
      place: l.place,
      character: l.character,
      sizeMm: l.sizeMm,
      severity: l.severity,
      centreMm: l.centreMm,
      voxelBox: null,
      sliceIndex: null,
    };
    if (l.kind === 'cardiomegaly') {
      const box = boxOf(labels, width, (v) => v === ID.heart);
      return {
        ...common,
        pixelBox: box,
        contrast: cardiothoracicRatio,
        visible: cardiothoracicRatio > 0.5 && box !== null,
      };
    }
    const map = balls.get(l.id) ?? upsample(projected.lesion(l.id), projected.size, plane, xzMm);
    let most = 0;
    const change = new Float32Array(n);
    for (let p = 0; p < n; p++) {
      const d = Math.abs(map[p] as number);
      if (d === 0) continue;
      // the part of the change that survives scatter
      const seen = d * ((primary[p] as number) / ((primary[p] as number) + share * (scatter[p] as number) + floor));
      change[p] = seen;
      if (seen > most) most = seen;
    }
    const box = boxOf(change, width, (v) => v > Math.max(0.012, most * (l.ball ? 0.1 : 0.22)));
    return { ...common, pixelBox: box, contrast: Math.round(most * 1000) / 1000, visible: box !== null && most > 0.06 };
  });

  const data = expose(signal, labels, width, height, setup);
  if (request.marker) drawMarker(data, width, height, setup);
  const affineDetector: Affine = [
    pixelMm,
    0,
    0,
    centre[0] - (pixelMm * (width - 1)) / 2,
    0,
    0,
    1,
    detectorY,
    0,
    -pixelMm,
    0,
    centre[1] + (pixelMm * (height - 1)) / 2,
  ];
  const subject = { kind: 'xray', patient: parameters.patient, view, cardiothoracicRatio } as const;
  return {
    kind: 'xray',
    line,
    seed,
    patient: parameters.patient,
    image: { data, dims: [width, height, 1], affineVoxelToPatient: affineDetector },
    labels: { data: labels, dims: [width, height, 1], affineVoxelToPatient: affineDetector },
    view,
    detectorSpacingMm: [pixelMm, pixelMm],
    distanceSourceToDetectorMm,
    distanceSourceToPatientMm: Math.abs(sourceY),
    magnification: distanceSourceToDetectorMm / Math.abs(sourceY),
    cardiothoracicRatio,
    lesions,
    marks: [],
    report: writeReport(subject, lesions, random, options.phrases),
  };
};

const boxOf = (
  values: Float32Array | Uint8Array,
  width: number,
  take: (v: number) => boolean,
): readonly [number, number, number, number] | null => {
  let x0 = Infinity,
    y0 = Infinity,
    x1 = -1,
    y1 = -1;
  for (let p = 0; p < values.length; p++) {
    if (!take(values[p] as number)) continue;
    const i = p % width,
      j = (p - i) / width;
    x0 = Math.min(x0, i);
    x1 = Math.max(x1, i);
    y0 = Math.min(y0, j);
    y1 = Math.max(y1, j);
  }
  return x1 < 0 ? null : [x0, y0, x1, y1];
};
