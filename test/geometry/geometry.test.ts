/** Every mark is found at its place in the patient, however it was acquired: in the stack, in planes, in turned planes, in 3D. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { spacingOf, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import { surfaceOf } from '../../renderer/viewer/render/surface.ts';
import { type App, noBrowser, startApp } from '../flows/app.ts';
import { ACQUISITIONS, type Acquisition, errorInVoxels, MARKS, painted } from './acquisitions.ts';
import { ballsSeen, lettersSeen } from './seen.ts';
import { type MarksStudy, marksStudy } from './study.ts';

const HALF_VOXEL = 0.5;

/** What was looked for where, how much of it was found, and how far off at worst. */
const bar = new Map<string, { marks: number; found: number; worst: number }>();
const found = (where: string, acquisition: Acquisition, places: readonly Vec3[]): void => {
  const own = bar.get(where) ?? { marks: 0, found: 0, worst: 0 };
  bar.set(where, own);
  assert.equal(places.length, MARKS.length, `${acquisition.name}, ${where}: ${JSON.stringify(places)}`);
  for (const [n, mark] of MARKS.entries()) {
    const errors = places.map((place) => errorInVoxels(acquisition.affine, place, mark));
    const error = Math.min(...errors);
    own.marks += 1;
    own.found += error <= HALF_VOXEL ? 1 : 0;
    own.worst = Math.max(own.worst, error);
    assert.ok(error <= HALF_VOXEL, `${acquisition.name}, ${where}: mark ${n + 1} is ${error.toFixed(2)} voxels off`);
  }
};

test('the surface of each label lies about its mark', () => {
  for (const one of ACQUISITIONS) {
    const { labels } = painted(one);
    const places = MARKS.map((_, n): Vec3 => {
      const [nx, ny, nz] = one.dims;
      const mesh = surfaceOf(labels, one.dims, n + 1, [0, 0, 0, nx, ny, nz], spacingOf(one.affine));
      assert.ok(mesh !== null && mesh.points.length > 0);
      const sum: [number, number, number] = [0, 0, 0];
      for (let at = 0; at < mesh.points.length; at++) sum[(at % 3) as 0] += mesh.points[at] ?? 0;
      const [i, j, k] = sum.map((part) => part / (mesh.points.length / 3) - 0.5) as [number, number, number];
      return voxelToPatient(one.affine, [i, j, k]);
    });
    found('surfaces of labels', one, places);
  }
});

describe('on the screen', () => {
  let app: App | null = null;
  let study: MarksStudy | null = null;

  before(async () => {
    if (noBrowser() !== null) return;
    study = await marksStudy();
    app = await startApp({ storeFolder: study.storeFolder, size: { width: 1280, height: 700 } });
    await app.page.goto(`${new URL(app.page.url()).origin}/?painter=canvas`);
    await app.page.waitForSelector('[data-testid="study-row"]');
    await app.page.locator('[data-testid="study-row"]').first().dblclick();
    await app.page.waitForSelector('[data-testid="viewport-stack"][data-state="ready"]');
    // Only the images are read: labels lie on a canvas of their own.
  });
  after(async () => {
    await app?.close();
    study?.remove();
    for (const [where, { marks, found, worst }] of bar)
      console.log(`${where}: ${found} of ${marks} marks found, the worst ${worst.toFixed(2)} voxels off`);
  });

  const open = async (page: Page, name: string): Promise<void> => {
    await page.locator(`[data-testid="series-item"][data-series-id="${study?.series.get(name)}"]`).click();
    await page.keyboard.press('Alt+1');
    const stack = `[data-testid="viewport-stack"][data-series-id="${study?.series.get(name)}"]`;
    await page.waitForSelector(`${stack}[data-state="ready"][data-complete="true"]`);
    await page.locator(stack).focus();
  };

  /** One view over the others, which need not be painted meanwhile. */
  const alone = async <T>(page: Page, view: string, look: () => Promise<T>): Promise<T> => {
    await page.locator(`[data-testid="viewport-${view}"]`).focus();
    await page.keyboard.press('x');
    await page.locator('[data-testid="viewport-3d"]').waitFor({ state: 'detached' });
    const seen = await look();
    await page.keyboard.press('x');
    await page.locator('[data-testid="viewport-3d"]').waitFor();
    return seen;
  };

  for (const one of ACQUISITIONS)
    test(`${one.name}: every mark at its place, letters at their edges`, async (t) => {
      const missing = noBrowser();
      if (missing !== null) return t.skip(missing);
      assert.ok(app);
      const { page } = app;
      await open(page, one.name);
      assert.deepEqual(await lettersSeen(page, 'stack'), one.letters.stack);
      found('stack', one, await ballsSeen(page, 'stack'));
      await page.keyboard.press('Alt+2');
      for (const view of ['axial', 'sagittal', 'coronal'] as const) {
        await page.waitForSelector(`[data-testid="viewport-${view}"][data-state="ready"]`);
        assert.deepEqual(await lettersSeen(page, view), one.letters[view], `${one.name}, ${view}`);
        found('planes', one, await alone(page, view, () => ballsSeen(page, view)));
      }
      await page.locator('[data-testid="viewport-axial"]').focus();
      for (let n = 0; n < 4; n++) await page.keyboard.press('Control+Shift+ArrowUp');
      for (let n = 0; n < 3; n++) await page.keyboard.press('Control+Shift+ArrowRight');
      // Turned about a far corner, it may lie beside the canvas.
      await page.keyboard.press('r');
      await page.locator('[data-testid="viewport-axial"]', { hasText: 'Oblique' }).waitFor();
      found('oblique planes', one, await alone(page, 'axial', () => ballsSeen(page, 'axial')));
      await page.keyboard.press('Shift+P');
      assert.deepEqual(await lettersSeen(page, 'axial'), one.letters.axial, 'straightened');
      assert.deepEqual(app.errors, []);
    });
});
