import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DataSet, parse } from '../../main/dicom/index.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import type { Measurements } from '../../main/domains.ts';
import { createMeasurements } from '../../main/measurements/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { voxelToPatient } from '../../models/kit/geometry.ts';
import { type Phantom, phantom } from '../../models/kit/phantom/index.ts';
import type { MeasurementDraft, MeasurementKind, MeasurementPlace } from '../../preload/contract/index.ts';
import { dciodvfyErrors, pythonWithHighdicom } from '../dicom-tools.ts';

const context = { signal: new AbortController().signal };
const ENHANCED = '1.2.840.10008.5.1.4.1.1.88.22';
const COMPREHENSIVE_3D = '1.2.840.10008.5.1.4.1.1.88.34';
const WHO = {
  name: 'Müller^Änne',
  id: 'SR-1',
  birthDate: '1970-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom',
  accession: 'A1',
};

/** A content item as it stands in the file. */
interface Item {
  readonly relation: string;
  readonly type: string;
  readonly name: string;
  readonly text: string;
  readonly value: number | undefined;
  readonly unit: string;
  readonly code: string;
  readonly graphic: string;
  readonly points: number[];
  readonly instance: string;
  readonly frameOfReference: string;
  readonly template: string;
  readonly children: Item[];
}
const itemOf = (set: DataSet): Item => {
  const measured = set.item(0x0040a300);
  const referenced = set.item(0x00081199);
  return {
    relation: set.code(0x0040a010),
    type: set.code(0x0040a040),
    name: set.item(0x0040a043)?.text(0x00080100) ?? '',
    text: set.text(0x0040a160) || set.text(0x0040a123) || set.code(0x0040a124),
    value: measured?.number(0x0040a161, 'FD'),
    unit: measured?.item(0x004008ea)?.text(0x00080100) ?? '',
    code: set.item(0x0040a168)?.text(0x00080100) ?? '',
    graphic: set.code(0x00700023),
    points: set.numbers(0x00700022, 'FL'),
    instance: referenced?.code(0x00081155) ?? '',
    frameOfReference: set.code(0x30060024),
    template: set.item(0x0040a504)?.code(0x0040db00) ?? '',
    children: set.items(0x0040a730).map(itemOf),
  };
};
const named = (item: Item, name: string): Item[] => item.children.filter((child) => child.name === name);
const near = (actual: number | undefined, expected: number, what: string, tolerance = 1e-4): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= tolerance, `${what}: ${actual} for ${expected}`);

describe('measurements as a DICOM SR', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-sr-'));
  const s = temporaryStudies();
  const settings = createSettings(s.base);
  const measurements: Measurements = createMeasurements(s.base, s.studies, settings);
  const { put } = measurements.handlers.measurements;
  let ct: Extract<Phantom, { kind: 'ct' }>;
  let xray: Extract<Phantom, { kind: 'xray' }>;
  let drawn = 0;

  before(async () => {
    ct = phantom('ct 64x64x24', { seed: 5 }) as typeof ct;
    xray = phantom('xray 128x128', { seed: 5 }) as typeof xray;
    await writePhantom(ct, { ...WHO, key: 'sr-ct' }, join(folder, 'ct'));
    await writePhantom(xray, { ...WHO, key: 'sr-xray' }, join(folder, 'xray'));
    await s.import(folder);
  });
  after(async () => {
    await s.close();
    s.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const seriesOf = (modality: string) => {
    const found = s.list().find((one) => one.series.some((series) => series.modality === modality));
    const series = found?.series[0];
    assert.ok(found && series);
    return { studyId: found.study.id, series };
  };
  const draw = async (
    modality: string,
    kind: MeasurementKind,
    place: MeasurementPlace,
    more: Partial<MeasurementDraft> = {},
  ): Promise<string> => {
    const id = `m${++drawn}`;
    const { series } = seriesOf(modality);
    const measurement = { id, seriesId: series.id, kind, place, name: `${kind} ${drawn}`, text: '', visible: true };
    const kept = await put({ opId: id, revision: 0, measurement: { ...measurement, ...more } }, context);
    return kept.trackingUid;
  };
  const onImage = async (modality: string, points: [number, number][], frame = 0): Promise<MeasurementPlace> => {
    const { frames } = await s.studies.images(seriesOf(modality).series.id);
    const one = frames[frame];
    assert.ok(one);
    const { instanceUid, frameNumber } = one;
    return { kind: 'image', instanceUid, frameNumber, points, labelAt: null };
  };
  const file = async (studyId: string): Promise<Buffer> => {
    const answer = await measurements.media(new Request(`http://media/measurements/${studyId}.dcm`), [
      'measurements',
      `${studyId}.dcm`,
    ]);
    assert.ok(answer?.ok);
    return Buffer.from(await answer.arrayBuffer());
  };
  const root = (bytes: Buffer): Item => itemOf(parse(bytes).dataSet);
  const groups = (bytes: Buffer): Item[] => {
    const [container] = named(root(bytes), '126010');
    assert.ok(container);
    return container.children;
  };
  const groupOf = (bytes: Buffer, uid: string): Item => {
    const found = groups(bytes).find((group) => named(group, '112040')[0]?.text === uid);
    assert.ok(found, uid);
    return found;
  };
  /** What others say of the file, where they are installed. */
  const others = (bytes: Buffer, name: string): { highdicom: HighdicomReport | null; dciodvfy: string[] | null } => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const python = pythonWithHighdicom();
    let highdicom: HighdicomReport | null = null;
    if (python) {
      const read = fileURLToPath(new URL('./read.py', import.meta.url));
      const { stdout, stderr, status } = spawnSync(python, ['-W', 'ignore', read, path], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      highdicom = JSON.parse(stdout);
    }
    return { highdicom, dciodvfy: dciodvfyErrors(path) };
  };
  interface HighdicomValue {
    readonly concept: string;
    readonly value: number;
    readonly unit: string;
    readonly derivation: string | null;
  }
  interface HighdicomReport {
    readonly class: string;
    readonly title: string;
    readonly ellipses: number;
    readonly observers: string[];
    readonly planar: readonly {
      readonly uid: string;
      readonly graphic: string;
      readonly points: number[][];
      readonly values: readonly HighdicomValue[];
    }[];
    readonly others: readonly { readonly uid: string; readonly values: readonly HighdicomValue[] }[];
  }

  test('on images: an Enhanced SR with tracking UIDs, coordinates, units and codes', async () => {
    await settings.handlers.settings.setReader({ name: 'Ada Reader' }, context);
    const { studyId } = seriesOf('CT');
    const [rowMm, columnMm] = ct.pixelSpacingMm;
    const length = await draw(
      'CT',
      'length',
      await onImage('CT', [
        [10, 10],
        [40, 50],
      ]),
    );
    const two = await draw(
      'CT',
      'bidirectional',
      await onImage('CT', [
        [10, 20],
        [14, 20],
        [12, 10],
        [12, 30],
      ]),
    );
    const angle = await draw(
      'CT',
      'angle',
      await onImage('CT', [
        [20, 10],
        [10, 10],
        [10, 20],
      ]),
    );
    const cobb = await draw(
      'CT',
      'cobb',
      await onImage('CT', [
        [10, 10],
        [30, 10],
        [10, 30],
        [30, 40],
      ]),
    );
    const ellipse = await draw(
      'CT',
      'ellipse',
      await onImage(
        'CT',
        [
          [30, 22],
          [30, 42],
          [28, 32],
          [32, 32],
        ],
        7,
      ),
    );
    const rectangle = await draw(
      'CT',
      'rectangle',
      await onImage(
        'CT',
        [
          [5, 6],
          [15, 6],
          [15, 12],
          [5, 12],
        ],
        7,
      ),
    );
    const freehand = await draw(
      'CT',
      'freehand',
      await onImage(
        'CT',
        [
          [5, 20],
          [15, 21],
          [9, 33],
        ],
        7,
      ),
    );
    const probe = await draw('CT', 'probe', await onImage('CT', [[32.5, 30.2]], 7));
    await draw(
      'CT',
      'arrow',
      await onImage('CT', [
        [5, 6],
        [15, 6],
      ]),
      { text: 'here' },
    );

    const bytes = await file(studyId);
    const parsed = parse(bytes).dataSet;
    assert.equal(parsed.code(0x00080016), ENHANCED);
    assert.equal(parsed.code(0x0020000d), seriesOf('CT').series && s.studies.study(studyId).study.uid);
    assert.equal(parsed.text(0x00100010), WHO.name);
    const top = root(bytes);
    assert.equal(top.name, '126000');
    assert.equal(top.template, '1500');
    assert.equal(named(top, '121008')[0]?.text, 'Reader^Ada');
    assert.equal(named(top, '121058')[0]?.code, '25045-6');
    assert.equal(groups(bytes).length, 8);

    const number = (uid: string, concept: string, derivation = ''): Item => {
      const found = named(groupOf(bytes, uid), concept).find(
        (item) => (item.children.find((child) => child.name === '121401')?.code ?? '') === derivation,
      );
      assert.ok(found, `${concept} ${derivation}`);
      return found;
    };
    const long = number(length, '410668003');
    near(long.value, Math.hypot(30 * columnMm, 40 * rowMm), 'length');
    assert.equal(long.unit, 'mm');
    const [scoord] = long.children;
    assert.deepEqual([scoord?.relation, scoord?.type, scoord?.graphic], ['INFERRED FROM', 'SCOORD', 'POLYLINE']);
    assert.deepEqual(scoord?.points, [10, 10, 40, 50]);
    assert.deepEqual([scoord?.children[0]?.relation, scoord?.children[0]?.type], ['SELECTED FROM', 'IMAGE']);
    const { frames } = await s.studies.images(seriesOf('CT').series.id);
    assert.equal(scoord?.children[0]?.instance, frames[0]?.instanceUid);
    assert.equal(groupOf(bytes, length).template, '1501');

    near(number(two, '103339001').value, 20 * rowMm, 'long axis');
    assert.deepEqual(number(two, '103339001').children[0]?.points, [12, 10, 12, 30], 'the longer line');
    near(number(two, '103340004').value, 4 * columnMm, 'short axis');
    near(number(angle, '1483009').value, 90, 'angle');
    assert.equal(number(angle, '1483009').unit, 'deg');
    near(number(cobb, '285285000').value, (Math.atan((10 * rowMm) / (20 * columnMm)) * 180) / Math.PI, 'Cobb angle');
    assert.equal(number(cobb, '285285000').children.length, 2);

    const region = groupOf(bytes, ellipse);
    assert.equal(region.template, '1410');
    const [image] = named(region, '111030');
    assert.deepEqual([image?.relation, image?.graphic], ['CONTAINS', 'ELLIPSE']);
    assert.deepEqual(image?.points, [30, 22, 30, 42, 28, 32, 32, 32], 'the long axis first');
    near(number(ellipse, '42798000').value, Math.PI * 10 * rowMm * 2 * columnMm, 'area', 1e-3);
    const [nx, ny] = ct.image.dims;
    const inside: number[] = [];
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++)
        if (((i + 0.5 - 30) / 2) ** 2 + ((j + 0.5 - 32) / 10) ** 2 <= 1)
          inside.push(ct.image.data[i + nx * (j + ny * 7)] ?? Number.NaN);
    const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
    near(number(ellipse, '112031', '373098007').value, mean, 'mean');
    near(
      number(ellipse, '112031', '386136009').value,
      Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length),
      'standard deviation',
    );
    near(number(ellipse, '112031', '255605001').value, Math.min(...inside), 'minimum');
    near(number(ellipse, '112031', '56851009').value, Math.max(...inside), 'maximum');
    assert.equal(number(ellipse, '112031', '373098007').unit, "[hnsf'U]");
    assert.deepEqual(named(groupOf(bytes, rectangle), '111030')[0]?.points, [5, 6, 15, 6, 15, 12, 5, 12, 5, 6]);
    assert.equal(named(groupOf(bytes, freehand), '111030')[0]?.points.length, 8, 'closed');
    near(number(probe, '112031').value, ct.image.data[32 + nx * (30 + ny * 7)] ?? Number.NaN, 'probe');
    assert.equal(number(probe, '112031').children[0]?.graphic, 'POINT');

    const { count, leftOut } = await measurements.handlers.measurements.report({ studyId }, context);
    assert.equal(count, 8);
    assert.match(leftOut[0]?.reason ?? '', /no measurements/);
    assert.deepEqual(await file(studyId), bytes, 'the same measurements, the same file');

    const { highdicom, dciodvfy } = others(bytes, 'ct.dcm');
    if (dciodvfy) assert.deepEqual(dciodvfy, []);
    if (!highdicom) return;
    assert.equal(highdicom.class, 'EnhancedSR');
    assert.equal(highdicom.title, '126000');
    assert.deepEqual(highdicom.observers, ['121006', '121007']);
    assert.equal(highdicom.ellipses, 1);
    assert.equal(highdicom.planar.length, 3);
    assert.equal(highdicom.others.length, 5);
    const planar = highdicom.planar.find((group) => group.uid === ellipse);
    assert.deepEqual(planar?.points, [
      [30, 22],
      [30, 42],
      [28, 32],
      [32, 32],
    ]);
    near(planar?.values.find((value) => value.derivation === '373098007')?.value, mean, 'mean, read by highdicom');
    const read = highdicom.others.find((group) => group.uid === length)?.values[0];
    assert.deepEqual([read?.concept, read?.unit], ['410668003', 'mm']);
    near(read?.value, Math.hypot(30 * columnMm, 40 * rowMm), 'length, read by highdicom');
  });

  test('in planes: a Comprehensive 3D SR with places in the patient', async () => {
    const { studyId } = seriesOf('CT');
    const m = ct.image.affineVoxelToPatient;
    const at = (i: number, j: number, k: number) => voxelToPatient(m, [i - 0.5, j - 0.5, k - 0.5]);
    const normal = [0, 1, 0] as const;
    const inPlane = (...points: [number, number][]): MeasurementPlace => ({
      kind: 'patient',
      points: points.map(([i, k]) => at(i, 20.5, k)),
      normal,
      labelAt: null,
      resampled: '',
    });
    const line = await draw('CT', 'length', inPlane([10, 5], [40, 15]));
    const box = await draw('CT', 'rectangle', inPlane([10, 5], [30, 5], [30, 15], [10, 15]));
    const bytes = await file(studyId);
    assert.equal(parse(bytes).dataSet.code(0x00080016), COMPREHENSIVE_3D);
    const [scoord] = named(groupOf(bytes, line), '410668003')[0]?.children ?? [];
    const { frameOfReferenceUid } = await s.studies.images(seriesOf('CT').series.id);
    assert.deepEqual([scoord?.type, scoord?.frameOfReference], ['SCOORD3D', frameOfReferenceUid]);
    for (const [n, expected] of [...at(10, 20.5, 5), ...at(40, 20.5, 15)].entries())
      near(scoord?.points[n], expected, `coordinate ${n}`, 1e-3);
    near(
      named(groupOf(bytes, line), '410668003')[0]?.value,
      Math.hypot(30 * Math.hypot(m[0], m[4], m[8]), 10 * Math.hypot(m[2], m[6], m[10])),
      'length across slices',
      1e-6,
    );
    assert.equal(named(groupOf(bytes, box), '111030')[0]?.graphic, 'POLYGON');
    const { highdicom, dciodvfy } = others(bytes, 'planes.dcm');
    if (dciodvfy) assert.deepEqual(dciodvfy, []);
    if (!highdicom) return;
    assert.equal(highdicom.class, 'Comprehensive3DSR');
    assert.equal(highdicom.planar.find((group) => group.uid === box)?.graphic, 'POLYGON');
  });

  test('a radiograph: the ratio of heart to thorax, and lengths as far as they are certain', async () => {
    const { studyId } = seriesOf('CR');
    const ratio = await draw(
      'CR',
      'cardiothoracic',
      await onImage('CR', [
        [40, 60],
        [80, 60],
        [20, 70],
        [100, 70],
      ]),
    );
    const bytes = await file(studyId);
    const [value] = named(groupOf(bytes, ratio), 'ctr');
    near(value?.value, 0.5, 'ratio');
    const widths = named(groupOf(bytes, ratio), '103355008');
    const mm = xray.detectorSpacingMm[1] / xray.magnification;
    assert.deepEqual(
      widths.map((width) => width.children.find((child) => child.name === '363698007')?.code),
      ['80891009', '816094009'],
    );
    near(widths[0]?.value, 40 * mm, 'heart');
    assert.equal(named(root(bytes), '121058')[0]?.code, '43468-8');
    const { highdicom, dciodvfy } = others(bytes, 'xray.dcm');
    if (dciodvfy) assert.deepEqual(dciodvfy, []);
    if (highdicom) assert.equal(highdicom.others.length, 1);
    console.log(
      `measurement reports: dciodvfy ${dciodvfy ? 'passed 3' : 'not installed'}; highdicom ${highdicom ? 'read 3' : 'not installed'}`,
    );
  });

  test('studies with measurements are listed; nothing to write is said', async () => {
    const { studies } = await measurements.handlers.measurements.studies({}, context);
    assert.deepEqual(
      new Set(studies.map((one) => one.studyId)),
      new Set([seriesOf('CT').studyId, seriesOf('CR').studyId]),
    );
    assert.equal(studies.find((one) => one.studyId === seriesOf('CR').studyId)?.count, 1);
    const list = measurements.ofStudy(seriesOf('CR').studyId);
    await measurements.handlers.measurements.remove(
      { opId: 'gone', measurementId: list[0]?.id ?? '', revision: 1 },
      context,
    );
    await assert.rejects(file(seriesOf('CR').studyId), /no measurement to write/);
    assert.equal((await measurements.handlers.measurements.studies({}, context)).studies.length, 1);
  });
});
