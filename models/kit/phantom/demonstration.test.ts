import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demonstration } from './index.ts';

test('the demonstration patient: one body, what the CT shows of it the X-ray shows in the same place', (t) => {
  const start = performance.now();
  const { ct, xray, priorReports } = demonstration();
  t.diagnostic(`rendered in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  assert.deepEqual(ct.patient, xray.patient);
  assert.deepEqual(
    ct.lesions.map((l) => [l.kind, l.side, l.visible]),
    [
      ['lung-nodule', 'right', true],
      ['liver-lesion', null, true],
      ['effusion', 'left', true],
    ],
  );
  assert.deepEqual(
    xray.lesions.map((l) => [l.kind, l.side, l.visible]),
    [
      ['lung-nodule', 'right', true],
      ['effusion', 'left', true],
    ],
  );
  const [inCt, onFilm] = [ct.lesions[0], xray.lesions[0]];
  assert.ok(inCt && onFilm?.pixelBox);
  assert.equal(inCt.place, 'right upper lobe');
  for (let d = 0; d < 3; d++) assert.ok(Math.abs((inCt.centreMm[d] ?? 0) - (onFilm.centreMm[d] ?? 9)) < 0.01);
  // the nodule's centre, by the ray through it, lies in the box on the film
  const [m, [mm]] = [xray.image.affineVoxelToPatient, xray.detectorSpacingMm];
  const detectorY = m[7],
    sourceY = detectorY + xray.distanceSourceToDetectorMm;
  const grow = (detectorY - sourceY) / (inCt.centreMm[1] - sourceY);
  const axisX = m[3] + (mm * (xray.image.dims[0] - 1)) / 2,
    axisZ = m[11] - (mm * (xray.image.dims[1] - 1)) / 2;
  const u = (xray.image.dims[0] - 1) / 2 + ((inCt.centreMm[0] - axisX) * grow) / mm;
  const v = (xray.image.dims[1] - 1) / 2 - ((inCt.centreMm[2] - axisZ) * grow) / mm;
  const [x0, y0, x1, y1] = onFilm.pixelBox;
  assert.ok(u > x0 && u < x1 && v > y0 && v < y1, `${u}, ${v} in ${onFilm.pixelBox}`);
  // earlier reports: no date, the nodule smaller, no effusion
  assert.equal(priorReports.length, 2);
  assert.ok(priorReports.every((r) => r.daysBefore > 0 && !/\d{4}-\d\d-\d\d/.test(r.text)));
});
