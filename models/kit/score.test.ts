import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, Region } from '../../preload/contract/terms/index.ts';
import { phantom } from './phantom/index.ts';
import { lesionF1, type Planted, plantedIn, samePlace, scored, sensitivityMinusFalseRate } from './score.ts';

const finding = (key: string, side: Finding['side'], ...places: readonly (readonly number[])[]): Finding => ({
  id: `${key} ${side} ${places}`,
  studyId: 's',
  seriesId: 's',
  key,
  name: key,
  code: null,
  side,
  place: '',
  severity: '',
  measurements: [],
  score: 1,
  regions: places.map(
    (place): Region =>
      place.length === 4
        ? {
            kind: 'box',
            seriesId: 's',
            instanceUid: '1',
            frameIndex: 0,
            box: place as [number, number, number, number],
          }
        : {
            kind: 'label',
            seriesId: 's',
            overlayId: 'o',
            value: 1,
            bounds: place as [number, number, number, number, number, number],
            frameIndex: Math.floor(((place[2] ?? 0) + (place[5] ?? 0)) / 2),
            instanceUid: '1',
          },
  ),
  maker: { kind: 'reader' },
});
const lesion = (key: string, side: Planted['side'], place: readonly number[], visible = true): Planted => ({
  id: 1,
  key,
  side,
  sizeMm: 20,
  box: place.length === 4 ? (place as unknown as Planted['box']) : null,
  bounds: place.length === 6 ? (place as unknown as Planted['bounds']) : null,
  sliceIndex: place.length === 6 ? 10 : null,
  visible,
});

test('the same place', () => {
  assert.ok(samePlace([0, 0, 10, 10], [2, 2, 12, 12]));
  assert.ok(samePlace([0, 0, 100, 100], [40, 40, 50, 50]), 'inside the other');
  assert.ok(!samePlace([0, 0, 10, 10], [8, 8, 18, 18]));
  assert.ok(!samePlace([0, 0, 10, 10], [20, 0, 30, 10]));
  assert.ok(samePlace([0, 0, 0, 10, 10, 10], [1, 1, 1, 11, 11, 11]));
});

test('found, missed, wrong side, false, and what cannot be seen', () => {
  const planted = [
    lesion('lung-nodule', 'left', [0, 0, 10, 10]),
    lesion('lung-nodule', 'right', [50, 50, 60, 60]),
    lesion('effusion', 'right', [20, 80, 40, 100]),
    lesion('lung-nodule', 'left', [80, 0, 84, 4], false),
  ];
  const findings = [
    finding('lung-nodule', 'left', [1, 1, 11, 11]),
    finding('effusion', 'left', [20, 80, 40, 99]),
    finding('lung-nodule', 'left', [80, 0, 84, 4]),
    finding('pneumothorax', 'left', [0, 0, 10, 10]),
    finding('lung-nodule', 'left', [2, 2, 12, 12]),
  ];
  const own = scored(findings, planted);
  assert.deepEqual(
    own.matches.map(({ found, sideRight }) => [found !== null, sideRight]),
    [
      [true, true],
      [false, null],
      [true, false],
    ],
  );
  assert.deepEqual(
    own.falseFindings.map(({ key }) => key),
    ['pneumothorax', 'lung-nodule'],
  );
  // one found; two missed (one with the wrong side); three wrong
  assert.equal(lesionF1([own]), 2 / (2 + 2 + 3));
  assert.equal(sensitivityMinusFalseRate([own]), 2 / 3 - 2);
  assert.equal(lesionF1([scored([], [])]), 1);
  assert.equal(lesionF1([scored([], planted)]), 0);
});

test('slices of a volume, and fluid told once for two pockets', () => {
  const planted = [
    lesion('effusion', 'left', [0, 0, 0, 9, 9, 9]),
    lesion('effusion', 'left', [20, 20, 20, 29, 29, 29]),
  ];
  const { matches, falseFindings } = scored(
    [finding('effusion', 'left', [0, 0, 0, 9, 9, 9], [20, 20, 20, 29, 29, 29])],
    planted,
  );
  assert.ok(matches.every((match) => match.found));
  assert.deepEqual(falseFindings, []);
  assert.equal(matches[0]?.slicesOff, 6);
});

test("the generator's truth in our words", () => {
  const own = phantom('xray 96x96 nodule', { seed: 5 });
  const [planted] = plantedIn(own);
  assert.equal(planted?.key, 'lung-nodule');
  const told = own.lesions[0]?.pixelBox;
  assert.ok(told && planted?.box);
  assert.deepEqual(planted.box, [told[0], told[1], told[2] + 1, told[3] + 1]);
});
