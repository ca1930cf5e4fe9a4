import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invert, type Vec3, voxelToPatient } from '../geometry.ts';
import type { Volume } from '../volume.ts';
import { LABELS, type LabelName, PhantomLineError, phantom, trainingExample } from './index.ts';
import { NORMAL, PHRASES } from './phrases.ts';
import type { CtPhantom, XrayPhantom } from './types.ts';

const ct = (line: string, seed: number | string = 1): CtPhantom => {
  const p = phantom(line, { seed });
  assert.equal(p.kind, 'ct');
  return p as CtPhantom;
};
const xray = (line: string, seed: number | string = 1): XrayPhantom => {
  const p = phantom(line, { seed });
  assert.equal(p.kind, 'xray');
  return p as XrayPhantom;
};

/** FNV-1a over the numbers of an array. */
const hash = (values: ArrayLike<number>): number => {
  let h = 2166136261;
  for (let n = 0; n < values.length; n++) h = Math.imul(h ^ ((values[n] ?? 0) & 0xffff), 16777619);
  return h >>> 0;
};

const idOf = (name: LabelName): number => LABELS.find((l) => l.name === name)?.id ?? -1;

/** Mean HU, count and mean position of a label. */
const about = (p: CtPhantom, name: LabelName): { hu: number; count: number; centre: Vec3 } => {
  const id = idOf(name);
  const [ni, nj] = p.image.dims;
  let count = 0,
    hu = 0,
    i = 0,
    j = 0,
    k = 0;
  for (let n = 0; n < p.labels.data.length; n++) {
    if (p.labels.data[n] !== id) continue;
    count++;
    hu += p.image.data[n] ?? 0;
    i += n % ni;
    j += Math.floor(n / ni) % nj;
    k += Math.floor(n / (ni * nj));
  }
  return {
    hu: hu / count,
    count,
    centre: voxelToPatient(p.image.affineVoxelToPatient, [i / count, j / count, k / count]),
  };
};

test('the same line and seed make the same phantom, another seed another one', () => {
  for (const line of ['ct 40x40x24 random', 'xray 96x96 random']) {
    const a = phantom(line, { seed: 5 }),
      b = phantom(line, { seed: 5 }),
      c = phantom(line, { seed: 6 });
    assert.equal(hash(a.image.data), hash(b.image.data));
    assert.equal(hash(a.labels.data), hash(b.labels.data));
    assert.deepEqual(a.lesions, b.lesions);
    assert.deepEqual(a.report, b.report);
    assert.notEqual(hash(a.image.data), hash(c.image.data));
  }
});

/** Centre of the bright voxels near where a mark must be, in voxels. */
const markFound = (image: Volume<Int16Array>, at: Vec3): Vec3 => {
  const [ni, nj, nk] = image.dims;
  const sum = [0, 0, 0, 0];
  for (let k = Math.max(0, Math.round(at[2]) - 5); k <= Math.min(nk - 1, Math.round(at[2]) + 5); k++)
    for (let j = Math.max(0, Math.round(at[1]) - 5); j <= Math.min(nj - 1, Math.round(at[1]) + 5); j++)
      for (let i = Math.max(0, Math.round(at[0]) - 5); i <= Math.min(ni - 1, Math.round(at[0]) + 5); i++) {
        const w = Math.max(0, (image.data[i + ni * (j + nj * k)] ?? 0) - 1500);
        sum[0] = (sum[0] ?? 0) + w * i;
        sum[1] = (sum[1] ?? 0) + w * j;
        sum[2] = (sum[2] ?? 0) + w * k;
        sum[3] = (sum[3] ?? 0) + w;
      }
  const total = sum[3] ?? 0;
  assert.ok(total > 0, 'a mark shows');
  return [(sum[0] ?? 0) / total, (sum[1] ?? 0) / total, (sum[2] ?? 0) / total];
};

for (const [line, position] of [
  ['ct 48x40x24 marks', 'HFS'],
  ['ct 64x64x20 tilt 12 marks', 'HFS'],
  ['ct 40x48x24 tilt -20 marks feet first', 'FFS'],
  ['ct 48x48x20 prone marks', 'HFP'],
  ['ct 40x40x24 sagittal marks', 'HFS'],
  ['ct 40x40x24 coronal marks', 'HFS'],
  ['ct 40x40x24 oblique 25 marks', 'HFS'],
] as const)
  test(`marks stand where they should: ${line}`, () => {
    const p = ct(line);
    assert.equal(p.patientPosition, position);
    assert.equal(p.marks.length, 5);
    // the affine made again from what a DICOM file would say
    const [first, second] = p.slices;
    assert.ok(first && second);
    const o = first.imageOrientationPatient,
      s = p.pixelSpacingMm;
    const step = second.imagePositionPatient.map((v, d) => v - (first.imagePositionPatient[d] ?? 0));
    const fromDicom = (v: Vec3): Vec3 =>
      [0, 1, 2].map(
        (d) =>
          (first.imagePositionPatient[d] ?? 0) +
          (o[d as 0] ?? 0) * s[1] * v[0] +
          (o[(d + 3) as 3] ?? 0) * s[0] * v[1] +
          (step[d] ?? 0) * v[2],
      ) as unknown as Vec3;
    const inverse = invert(p.image.affineVoxelToPatient);
    for (const mark of p.marks) {
      const expected = voxelToPatient(inverse, mark.positionMm);
      const found = markFound(p.image, expected);
      for (let d = 0; d < 3; d++)
        assert.ok(Math.abs((found[d] ?? 9) - (expected[d] ?? 0)) < 0.5, `${found} against ${expected}`);
      const mm = fromDicom(found);
      for (let d = 0; d < 3; d++)
        assert.ok(
          Math.abs((mm[d] ?? 999) - (mark.positionMm[d] ?? 0)) < 0.6 * p.sliceStepMm + 0.6 * s[0],
          `${mm} against ${mark.positionMm}`,
        );
    }
  });

test('a gantry tilt leans the slices, not the table', () => {
  const p = ct('ct 16x16x6 tilt 12');
  const [a, b] = p.slices;
  assert.ok(a && b);
  assert.deepEqual(
    [b.imagePositionPatient[0], b.imagePositionPatient[1]],
    [a.imagePositionPatient[0], a.imagePositionPatient[1]],
  );
  const lean = (Math.asin(a.imageOrientationPatient[5]) * 180) / Math.PI;
  assert.ok(Math.abs(lean - 12) < 1e-9);
});

test('organs lie on their side of the body and have their HU', () => {
  const p = ct('ct 96x96x88 spacing 4 plain noise 4 centre -90', 3);
  const expected: readonly (readonly [LabelName, number, number, 'left' | 'right' | null, number])[] = [
    ['lung-left', -900, -700, 'left', 900],
    ['lung-right', -900, -700, 'right', 900],
    ['trachea', -1010, -650, null, 2],
    ['heart', 25, 60, 'left', 220],
    ['aorta', 20, 130, null, 50],
    ['liver', 40, 75, 'right', 900],
    ['spleen', 25, 60, 'left', 80],
    ['kidney-left', -30, 60, 'left', 60],
    ['kidney-right', -30, 60, 'right', 60],
    ['spine', 60, 500, null, 300],
    ['ribs', 150, 900, null, 200],
  ];
  for (const [name, low, high, side, cubicCm] of expected) {
    const { hu, count, centre } = about(p, name);
    assert.ok(hu > low && hu < high, `${name}: ${hu} HU`);
    assert.ok((count * 64) / 1000 > cubicCm, `${name}: ${(count * 64) / 1000} ml`);
    if (side !== null) assert.equal(centre[0] > 0 ? 'left' : 'right', side, name);
  }
  assert.ok(about(p, 'lung-left').count < about(p, 'lung-right').count, 'the left lung is the smaller');
  assert.ok(about(p, 'liver').centre[2] < about(p, 'heart').centre[2], 'the liver is below the heart');
});

test('CT lesions: side, place, box, slice and contrast are those of their voxels', () => {
  const p = ct(
    'ct 128x128x88 spacing 3 4 nodule 18mm left upper nodule 14mm right lower part-solid liver 30mm effusion right moderate contrast',
    4,
  );
  assert.deepEqual(
    p.lesions.map((l) => [l.kind, l.side]),
    [
      ['lung-nodule', 'left'],
      ['lung-nodule', 'right'],
      ['liver-lesion', null],
      ['effusion', 'right'],
    ],
  );
  assert.equal(p.lesions[0]?.place, 'left upper lobe');
  assert.equal(p.lesions[1]?.place, 'right lower lobe');
  const [ni, nj] = p.image.dims;
  for (const l of p.lesions) {
    assert.ok(l.visible && l.voxelBox && l.sliceIndex !== null, l.kind);
    const [i0, j0, k0, i1, j1, k1] = l.voxelBox;
    const label = idOf(l.kind === 'effusion' ? 'effusion' : l.kind === 'liver-lesion' ? 'liver-lesion' : 'lung-nodule');
    let inside = 0,
      labelled = 0,
      onSide = 0;
    const touched = [false, false, false, false, false, false];
    for (let n = 0; n < p.instances.data.length; n++) {
      if (p.instances.data[n] !== l.id) continue;
      const i = n % ni,
        j = Math.floor(n / ni) % nj,
        k = Math.floor(n / (ni * nj));
      assert.ok(i >= i0 && i <= i1 && j >= j0 && j <= j1 && k >= k0 && k <= k1, 'outside its box');
      [i === i0, j === j0, k === k0, i === i1, j === j1, k === k1].forEach((t, d) => {
        if (t) touched[d] = true;
      });
      inside++;
      if (p.labels.data[n] === label) labelled++;
      const x = voxelToPatient(p.image.affineVoxelToPatient, [i, j, k])[0];
      if (l.side === null || x > 0 === (l.side === 'left')) onSide++;
    }
    assert.ok(touched.every(Boolean), 'the box is tight');
    assert.ok(labelled / inside > 0.9, `${l.kind}: ${labelled} of ${inside}`);
    assert.equal(onSide, inside);
    if (l.kind !== 'effusion') {
      const volume = inside * 36,
        ball = (4 / 3) * Math.PI * (l.sizeMm / 2) ** 3;
      assert.ok(volume > 0.35 * ball && volume < 1.5 * ball, `${l.kind}: ${volume} mm³ against ${ball}`);
    }
  }
});

test('X-ray: lesions and lungs lie on the image side that a reader expects', () => {
  for (const side of ['left', 'right'] as const) {
    const p = xray(`xray 192x192 nodule 26mm ${side} upper effusion ${side} moderate`, 7);
    for (const l of p.lesions) {
      assert.equal(l.side, side);
      assert.ok(l.visible && l.pixelBox);
      const middle = (l.pixelBox[0] + l.pixelBox[2]) / 2;
      // patient left is on image right
      assert.equal(middle > 96 ? 'left' : 'right', side, l.kind);
      if (l.kind === 'lung-nodule') assert.equal(l.centreMm[0] > 0 ? 'left' : 'right', side);
    }
  }
  const p = xray('xray 192x192 normal', 8);
  const mean = (name: LabelName): { x: number; y: number; n: number } => {
    let x = 0,
      y = 0,
      n = 0;
    p.labels.data.forEach((v, at) => {
      if (v !== idOf(name)) return;
      x += at % 192;
      y += Math.floor(at / 192);
      n++;
    });
    return { x: x / n, y: y / n, n };
  };
  assert.ok(mean('lung-left').x > mean('heart').x && mean('heart').x > mean('lung-right').x);
  assert.ok(mean('lung-left').n > 1500 && mean('lung-right').n > mean('lung-left').n && mean('heart').n > 1000);
  assert.ok(mean('heart').y > mean('lung-left').y, 'the heart lies low');
  assert.ok(p.cardiothoracicRatio > 0.36 && p.cardiothoracicRatio < 0.5, String(p.cardiothoracicRatio));
});

test('X-ray: a nodule is where its box says, at the size that the magnification gives', () => {
  const a = xray('xray 256x256 unmarked nodule solid 30mm at -75,-20,45 noise 0', 9);
  const b = xray('xray 256x256 unmarked normal noise 0', 9);
  const box = a.lesions[0]?.pixelBox;
  assert.ok(box);
  // same body, with and without: what differs by more than the exposure lies in the box
  const change = Float64Array.from(a.image.data, (v, n) => v - (b.image.data[n] ?? 0));
  const inBox = (n: number, grow: number): boolean =>
    n % 256 >= box[0] - grow &&
    n % 256 <= box[2] + grow &&
    Math.floor(n / 256) >= box[1] - grow &&
    Math.floor(n / 256) <= box[3] + grow;
  let most = 0,
    at = 0;
  change.forEach((v, n) => {
    if (v > most) {
      most = v;
      at = n;
    }
  });
  assert.ok(most > 150 && inBox(at, 0), `${most} at ${at % 256}, ${Math.floor(at / 256)}`);
  const wide = box[2] - box[0] + 1,
    expected = (30 * a.magnification) / a.detectorSpacingMm[0];
  assert.ok(Math.abs(wide - expected) < 0.15 * expected + 1, `${wide} pixels against ${expected}`);
  assert.ok(a.magnification > 1.05 && a.magnification < 1.2);
});

test('cardiomegaly is what is measured, and normal hearts stay below one half', () => {
  for (const seed of [1, 2, 3]) {
    const big = xray('xray 128x128 cardiomegaly small', seed),
      normal = xray('xray 96x96 normal', seed);
    assert.ok(big.cardiothoracicRatio > 0.52 && big.lesions[0]?.visible);
    assert.ok(normal.cardiothoracicRatio < 0.5);
  }
  const p = ct('ct 64x64x60 cardiomegaly', 2);
  assert.ok(p.lesions[0]?.visible && p.lesions[0].contrast > 0.5);
});

test('the report states each visible lesion with its side and nothing that contradicts it', () => {
  for (let seed = 0; seed < 6; seed++) {
    for (const phrases of ['a', 'b'] as const) {
      const p = phantom('xray 64x64 random', { seed, phrases });
      const seen = p.lesions.filter((l) => l.visible);
      for (const l of seen)
        for (const part of [p.report.findings, p.report.impression]) {
          const own = part.filter((s) => s.lesionIds.includes(l.id));
          assert.equal(own.length, 1);
          if (l.side !== null) assert.match(own[0]?.text ?? '', new RegExp(l.side, 'i'));
        }
      for (const s of [...p.report.findings, ...p.report.impression]) {
        assert.doesNotMatch(s.text, /[{}[\]]|undefined| {2}/);
        if (s.kind === 'normal') assert.equal(s.lesionIds.length, 0);
        for (const id of s.lesionIds) assert.ok(seen.some((l) => l.id === id));
      }
      if (seen.some((l) => l.kind === 'effusion'))
        assert.ok(!p.report.findings.some((s) => /no pleural effusion|free of fluid|angles are sharp/i.test(s.text)));
    }
  }
});

test('the phrase families share no sentence', () => {
  const all = (family: 'a' | 'b'): string[] =>
    (['ct', 'xray'] as const).flatMap((kind) => [
      ...Object.values(PHRASES[family][kind]).flatMap((p) => [...p.findings, ...p.impression]),
      ...NORMAL[family][kind].flatMap((n) => n.texts),
    ]);
  const a = new Set(all('a'));
  assert.deepEqual(
    all('b').filter((text) => a.has(text)),
    [],
  );
});

test('a bad line is refused with the reason', () => {
  for (const [line, reason] of [
    ['', /first word/],
    ['mri 64x64', /first word/],
    ['ct 64x64', /columns x rows x slices/],
    ['xray 64x64x2', /columns x rows/],
    ['ct 9999x64x20', /rows and columns/],
    ['ct 512x512x600', /too many voxels/],
    ['ct 64x64x20 tilt', /tilt must be/],
    ['ct 64x64x20 tilt 80', /tilt must be/],
    ['ct 64x64x20 blue', /not understood/],
    ['xray 64x64 liver 20mm', /liver lesion/],
    ['ct 64x64x20 normal nodule', /excludes/],
    ['ct 64x64x20 nodule 500mm', /3 to 120 mm/],
    ['ct 64x64x20 sagittal tilt 5', /only axial/],
    ['ct 64x64x20 lesion', /followed by its kind/],
  ] as const)
    assert.throws(
      () => phantom(line),
      (e: unknown) => e instanceof PhantomLineError && reason.test(e.message),
      line,
    );
});

test('parameters beyond the training range are beyond it', () => {
  const noiseOf = (range: 'in' | 'out'): number[] =>
    [1, 2, 3, 4, 5, 6].map((seed) => {
      const p = phantom('ct 32x32x3 spacing 12 1 normal plain centre 0', { seed, range });
      // the corner is air: only noise
      const corner: number[] = [];
      for (let j = 0; j < 6; j++) for (let i = 0; i < 32; i++) corner.push((p.image.data[i + 32 * j] ?? 0) + 1000);
      return Math.sqrt(corner.reduce((s, v) => s + v * v, 0) / corner.length);
    });
  const inside = noiseOf('in'),
    outside = noiseOf('out');
  const low = Math.min(...inside),
    high = Math.max(...inside);
  assert.ok(
    outside.every((v) => v < low || v > high * 0.98),
    `${outside} against ${low} to ${high}`,
  );
});

test('training examples: arrays and truth agree', () => {
  const e = trainingExample('ct 32x32x20 random', 'set', 4);
  assert.deepEqual(e.truth.shape, [20, 32, 32]);
  assert.equal(e.image.length, 32 * 32 * 20);
  assert.equal(e.instances?.length, e.image.length);
  const again = trainingExample('ct 32x32x20 random', 'set', 4);
  assert.equal(JSON.stringify(e.truth), JSON.stringify(again.truth));
  assert.notEqual(JSON.stringify(trainingExample('ct 32x32x20 random', 'set', 5).truth), JSON.stringify(e.truth));
});

test('throughput', (t) => {
  // processor time: the clock would measure who else uses the machine
  const time = (line: string, n: number): number => {
    phantom(line, { seed: 'warm' });
    const start = process.cpuUsage();
    for (let seed = 0; seed < n; seed++) phantom(line, { seed });
    const { user, system } = process.cpuUsage(start);
    return (user + system) / n / 1e6;
  };
  const small = time('xray 256x256 random', 3),
    volume = time('ct 96x96x96 spacing 4 random', 2);
  t.diagnostic(`xray 256x256: ${small.toFixed(2)} s; ct 96x96x96: ${volume.toFixed(2)} s of processor time each`);
  // a guard against a lost order of magnitude, not a benchmark
  assert.ok(small < 3 && volume < 5);
});
