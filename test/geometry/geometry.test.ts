/** Every mark is found at its place in the patient, however it was acquired: in the stack, in planes, in turned planes, in 3D. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { invert, spacingOf, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import { surfaceOf } from '../../renderer/viewer/render/surface.ts';
import { type App, noBrowser, startApp } from '../flows/app.ts';
import { pointOf } from '../flows/phantom-study.ts';
import { ACQUISITIONS, type Acquisition, errorInVoxels, MARKS, painted } from './acquisitions.ts';
import { apart, dragged, placeAt, pointIn } from './canvas.ts';
import { ballsInScene } from './scene.ts';
import { ballsSeen, lettersSeen } from './seen.ts';
import { COLORS, type MarksStudy, marksStudy, STRANGER } from './study.ts';

const HALF_VOXEL = 0.5;
/** On the screen, each takes a quarter of a minute: test/long/geometry.test.ts looks at all. */
const DAILY = ['axial', 'oblique', 'gantry tilted'];
const all = process.env.SIGHTLINE_ALL_ACQUISITIONS === '1';

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
    app = await startApp({ storeFolder: study.storeFolder, size: { width: 1100, height: 640 } });
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

  for (const one of ACQUISITIONS.filter(({ name }) => all || DAILY.includes(name)))
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
      found('3D view', one, await ballsInScene(page, COLORS));
      await page.keyboard.press('Shift+P');
      assert.deepEqual(await lettersSeen(page, 'axial'), one.letters.axial, 'straightened');
      assert.deepEqual(app.errors, []);
    });

  const flow = (name: string, run: (page: Page) => Promise<void>): void => {
    test(name, async (t) => {
      const missing = noBrowser();
      if (missing !== null) return t.skip(missing);
      assert.ok(app);
      await run(app.page);
      assert.deepEqual(app.errors, []);
    });
  };
  const lines = (page: Page): Promise<string | null> =>
    page.locator('[data-testid="measurement"]').last().getAttribute('data-lines');

  flow('a length drawn on a turned plane is that in the patient; beside the volume it is refused', async (page) => {
    await open(page, 'axial');
    await page.keyboard.press('Alt+2');
    const axial = '[data-testid="viewport-axial"]';
    await page.waitForSelector(`${axial}[data-state="ready"]`);
    await page.locator(axial).focus();
    await page.keyboard.press('x');
    // About the middle of the volume.
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    await page.mouse.click(...(await pointIn(page, axial, 0.5, 0.5)));
    for (let n = 0; n < 6; n++) await page.keyboard.press('Control+Shift+ArrowUp');
    await page.keyboard.press('r');
    await page.locator(axial, { hasText: 'to coronal 30.0°' }).waitFor();
    const [from, to] = [await pointIn(page, axial, 0.42, 0.45), await pointIn(page, axial, 0.56, 0.6)];
    const length = apart(await placeAt(page, axial, from), await placeAt(page, axial, to));
    await page.keyboard.press('d');
    await dragged(page, from, to);
    await page.waitForSelector('[data-testid="measurement"]');
    const told = Number(/([\d.]+) mm/.exec((await lines(page)) ?? '')?.[1]);
    assert.ok(Math.abs(told - length) < 0.06, `${told} for ${length}`);
    assert.match((await page.locator('[data-testid="measurement"] title').first().textContent()) ?? '', /resampled/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+E');
    await dragged(page, await pointIn(page, axial, 0.45, 0.48), await pointIn(page, axial, 0.52, 0.52));
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="measurement"]').length === 2);
    assert.match((await lines(page)) ?? '', /mm²/);
    assert.doesNotMatch((await lines(page)) ?? '', /HU/, 'no statistics of what is no voxel');
    // Far from the crosshair the plane has left the volume.
    await page.keyboard.press('Escape');
    await page.keyboard.press('d');
    await dragged(page, await pointIn(page, axial, 0.5, 0.5), await pointIn(page, axial, 0.5, 0.04));
    await page.locator('[data-testid="notices"]', { hasText: 'outside the volume' }).waitFor();
    assert.equal(await page.locator('[data-testid="measurement"]').count(), 2);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+P');
    // Straight again, the plane is no longer the one that they lie in.
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="measurement"]').length === 0);
    await page.keyboard.press('x');
  });

  flow('a slab shows the brightest of its planes and says so; no statistics are given of it', async (page) => {
    await open(page, 'axial');
    const [one] = ACQUISITIONS;
    assert.ok(one);
    const { hu } = painted(one);
    const [columns, rows, slices] = one.dims;
    const stack = '[data-testid="viewport-stack"]';
    await page.keyboard.press('u');
    await page.locator(stack, { hasText: 'MIP 10.0 mm (3 planes)' }).waitFor();
    const [mark] = MARKS;
    assert.ok(mark);
    const [i, j, k] = voxelToPatient(invert(one.affine), mark).map(Math.round) as [number, number, number];
    // At the ball's edge the slab has voxels that its middle plane has not.
    const index = k - 2;
    await page.keyboard.press('Home');
    const first = Number(await page.locator(stack).getAttribute('data-frame-index'));
    for (let n = 0; n < Math.abs(first - index); n++) await page.keyboard.press('ArrowDown');
    await page.waitForSelector(`${stack}[data-frame-index="${index}"]`);
    let brighter = 0;
    for (const [di, dj] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [-1, -1],
    ] as const) {
      const at = await pointOf(page, 'stack', columns, rows * (one.spacingMm[0] / one.spacingMm[1]), [
        i + di,
        (j + dj + 0.5) * (one.spacingMm[0] / one.spacingMm[1]) - 0.5,
      ]);
      await page.mouse.move(at.x, at.y);
      const behind = [index - 1, index, index + 1].map(
        (plane) => hu[i + di + columns * (j + dj + rows * plane)] ?? Number.NaN,
      );
      assert.ok(index > 0 && index < slices - 1);
      assert.equal(await page.locator(`${stack} [data-testid="probe"]`).innerText(), `MIP ${Math.max(...behind)} HU`);
      if (Math.max(...behind) > (behind[1] ?? 0)) brighter++;
    }
    assert.ok(brighter > 0, 'the slab shows what its middle plane does not');
    await page.keyboard.press('Shift+E');
    await dragged(page, await pointIn(page, stack, 0.45, 0.45), await pointIn(page, stack, 0.55, 0.55));
    await page.waitForSelector('[data-testid="measurement"]');
    assert.match((await lines(page)) ?? '', /mm²/);
    assert.doesNotMatch((await lines(page)) ?? '', /HU/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    for (const words of ['MinIP 10.0 mm', 'Mean 10.0 mm']) {
      await page.keyboard.press('u');
      await page.locator(stack, { hasText: words }).waitFor();
    }
    await page.keyboard.press('u');
    await page.locator(stack, { hasText: 'Mean 10.0 mm' }).waitFor({ state: 'detached' });
  });

  flow('the 3D cursor is at the same place in all cells, and says where there is no such place', async (page) => {
    await page.keyboard.press('Alt+4');
    const cell = (n: number) => page.locator(`[data-testid="cell-${n}"]`);
    const put = async (n: number, name: string): Promise<void> => {
      await cell(n).click({ position: { x: 60, y: 60 } });
      await page.locator(`[data-testid="series-item"][data-series-id="${study?.series.get(name)}"]`).click();
      await cell(n)
        .locator(`[data-series-id="${study?.series.get(name)}"][data-complete="true"]`)
        .waitFor();
    };
    await put(1, 'oblique');
    await put(0, 'sagittal');
    const views = [0, 1].map((n) => `[data-testid="cell-${n}"] [data-testid="viewport-stack"]`) as [string, string];
    await page.keyboard.press('Shift+G');
    const at = await pointIn(page, views[0], 0.44, 0.57);
    const wanted = await placeAt(page, views[0], at);
    await page.mouse.down();
    await page.mouse.up();
    const mark = cell(1).locator('[data-testid="point-mark"]');
    await mark.waitFor();
    const [x, y] = ((await mark.getAttribute('data-at')) ?? '').split(',').map(Number) as [number, number];
    const box = await page.locator(views[1]).boundingBox();
    assert.ok(box && Number.isFinite(x) && Number.isFinite(y));
    const seen = await placeAt(page, views[1], [box.x + x, box.y + y]);
    // The nearest image of the other series: its place differs by half a slice at most, all of it across.
    assert.ok(apart(seen, wanted) <= 1.5 + 0.05, `${apart(seen, wanted)} mm`);
    await page.keyboard.press('Shift+G');
    await put(1, STRANGER);
    await cell(0).click({ position: { x: 60, y: 60 } });
    await page.keyboard.press('Shift+G');
    await page.mouse.move(...at);
    await page.mouse.down();
    await page.mouse.up();
    await cell(1).locator('[data-testid="point-mark"][data-words="No common frame of reference"]').waitFor();
    await page.keyboard.press('Shift+G');
    await page.keyboard.press('Alt+3');
  });
});
