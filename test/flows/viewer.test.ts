import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type App, noBrowser, startApp } from './app.ts';
import { type CtPhantom, type PhantomStudy, phantomStudy, pointOf, ready, truthOverlay } from './phantom-study.ts';

const LINE = 'ct 96x96x60 nodule 24mm left upper';

for (const painter of ['canvas', 'webgl']) {
  describe(`the viewer, drawn by ${painter}`, () => {
    let app: App | null = null;
    let study: PhantomStudy | null = null;
    let made: CtPhantom;
    let seriesId = '';

    before(async () => {
      if (noBrowser() !== null) return;
      study = await phantomStudy(LINE);
      ({ made, seriesId } = study);
      app = await startApp({ storeFolder: study.storeFolder });
      await app.page.goto(`${new URL(app.page.url()).origin}/?painter=${painter}`);
      await app.page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    });
    after(async () => {
      await app?.close();
      study?.remove();
    });

    const flow = (name: string, run: (app: App, page: Page) => Promise<void>): void => {
      test(name, async (t) => {
        const missing = noBrowser();
        if (missing !== null) return t.skip(missing);
        assert.ok(app);
        await run(app, app.page);
        assert.deepEqual(app.errors, []);
      });
    };
    const huAt = (i: number, j: number, k: number): number => {
      const [nx, ny] = made.image.dims;
      return made.image.data[i + nx * (j + ny * k)] ?? Number.NaN;
    };

    /** Images are counted from the head, slices along the volume's own axis. */
    const sliceOf = (imageNumber: number): number =>
      made.image.affineVoxelToPatient[10] > 0 ? made.image.dims[2] - imageNumber : imageNumber - 1;

    flow('the worklist finds, and Enter opens with the patient in sight', async (_, page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('nobody');
      await page.waitForSelector('[data-testid="worklist-empty"]');
      await page.fill('[data-testid="worklist-search"]', 'frieda flow-1');
      await page.waitForSelector('[data-testid="study-row"]');
      await page.keyboard.press('Enter');
      await ready(page, 'stack');
      const banner = await page.locator('[data-testid="patient-banner"]').innerText();
      for (const word of ['Flow, Frieda', '1960-02-03', 'FLOW-1', '2026-06-01']) assert.ok(banner.includes(word), word);
    });

    flow('keys scroll, presets change the window, and the probe reads the file’s HU', async (_, page) => {
      await page.waitForSelector(`[data-testid="viewport-stack"][data-painter="${painter}"]`);
      const [nx, ny] = made.image.dims;
      await page.keyboard.press('Home');
      await ready(page, 'stack', sliceOf(1));
      await page.keyboard.press('PageDown');
      await ready(page, 'stack', sliceOf(11));
      await page.keyboard.press('ArrowUp');
      await ready(page, 'stack', sliceOf(10));
      await page.keyboard.press('2');
      await page.waitForSelector('[data-testid="viewport-stack"][data-window="1500/-600"]');
      for (const [i, j] of [
        [48, 40],
        [30, 50],
        [70, 60],
      ] as const) {
        const at = await pointOf(page, 'stack', nx, ny, [i, j]);
        await page.mouse.move(at.x, at.y);
        assert.equal(await page.locator('[data-testid="probe"]').innerText(), `${huAt(i, j, sliceOf(10))} HU`);
      }
    });

    flow('the grey on the screen is the HU through the window', async (_, page) => {
      const [nx, ny] = made.image.dims;
      await page.keyboard.press('2');
      const shot = await page.locator('[data-testid="viewport-stack"]').boundingBox();
      assert.ok(shot);
      await page.keyboard.press('o');
      await page.mouse.move(5, 5);
      let compared = 0;
      const png = `data:image/png;base64,${(await page.screenshot({ clip: shot })).toString('base64')}`;
      const greyAt = await page.evaluate(
        async ({ png, points }) => {
          const image = new Image();
          image.src = png;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext('2d');
          context?.drawImage(image, 0, 0);
          return points.map(([x, y]) => context?.getImageData(Math.floor(x), Math.floor(y), 1, 1).data[0] ?? -1);
        },
        {
          png,
          points: await Promise.all(
            Array.from({ length: 40 }, async (_, n) => {
              const at = await pointOf(page, 'stack', nx, ny, [28 + (n % 8) * 5, 36 + Math.floor(n / 8) * 6]);
              return [at.x - shot.x, at.y - shot.y] as [number, number];
            }),
          ),
        },
      );
      for (const [n, grey] of greyAt.entries()) {
        const [i, j] = [28 + (n % 8) * 5, 36 + Math.floor(n / 8) * 6];
        // Smoothing between voxels: compare where the neighbours are nearly alike.
        const around = [
          huAt(i - 1, j, sliceOf(10)),
          huAt(i + 1, j, sliceOf(10)),
          huAt(i, j - 1, sliceOf(10)),
          huAt(i, j + 1, sliceOf(10)),
          huAt(i, j, sliceOf(10)),
        ];
        if (Math.max(...around) - Math.min(...around) > 120) continue;
        const expected = Math.min(255, Math.max(0, ((huAt(i, j, sliceOf(10)) + 1350) / 1500) * 255));
        assert.ok(Math.abs(grey - expected) <= 12, `${i},${j}: ${grey} for ${expected.toFixed(0)}`);
        compared++;
      }
      assert.ok(compared >= 10, `${compared} points compared`);
      await page.keyboard.press('o');
    });

    flow('a click in one plane moves the others, and labels lie on their voxels in all', async (current, page) => {
      await page.keyboard.press('Alt+2');
      for (const view of ['axial', 'sagittal', 'coronal']) await ready(page, view);
      const [nx, ny, nz] = made.image.dims;
      const nodule = made.lesions[0];
      assert.ok(nodule);
      const { overlay, bytes } = truthOverlay(made, seriesId);
      const label = overlay.kind === 'labelmap' ? overlay.labels.find((one) => one.name === 'lung-nodule') : undefined;
      assert.ok(label?.bounds);
      const [i0, j0, k0, i1, j1, k1] = label.bounds;
      const middle = [Math.floor((i0 + i1) / 2), Math.floor((j0 + j1) / 2), Math.floor((k0 + k1) / 2)] as const;
      // The list goes to the slice that holds most of the label.
      const held = (k: number): number =>
        bytes.subarray(k * nx * ny, (k + 1) * nx * ny).reduce((sum, value) => sum + (value === label.value ? 1 : 0), 0);
      const slices = Array.from({ length: k1 - k0 }, (_, n) => k0 + n);
      const largest = slices.reduce((best, k) => (held(k) > held(best) ? k : best));
      const row = page.locator(`[data-testid="label-row"][data-label="${label.value}"] button`).nth(1);
      await row.click();
      await ready(page, 'axial', largest);
      const axial = await pointOf(page, 'axial', nx, ny, [middle[0], middle[1]]);
      await page.mouse.click(axial.x, axial.y);
      await ready(page, 'sagittal', middle[0]);
      await ready(page, 'coronal', middle[1]);
      // The plane that was clicked stays where it is.
      await ready(page, 'axial', largest);
      const spacing = made.image.affineVoxelToPatient;
      assert.ok(spacing[0] > 0 && nz > 0);
      // The marks' own canvas at the nodule: its colour at the fill's opacity, a quarter.
      for (const view of ['axial', 'sagittal', 'coronal']) {
        await page.waitForSelector(`[data-testid="viewport-${view}"] [data-testid="marks"][data-layers="1"]`);
        const filled = await page.waitForFunction(
          ({ view, color }) => {
            const canvas = document.querySelector<HTMLCanvasElement>(
              `[data-testid="viewport-${view}"] [data-testid="marks"]`,
            );
            const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
            let filled = 0;
            for (let n = 0; n < data.length; n += 4)
              if (data[n + 3] === 64 && color.every((part, c) => Math.abs((data[n + c] ?? 0) - part) <= 4)) filled++;
            return filled > 30 ? filled : null;
          },
          { view, color: [...label.color] },
        );
        await filled.dispose();
      }
      await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"]');
      const surfaces = Number(await page.getAttribute('[data-testid="viewport-3d"]', 'data-surfaces'));
      assert.equal(surfaces, overlay.kind === 'labelmap' ? overlay.labels.length : -1);
      await current.picture(`viewer-planes-${painter}`);
    });

    flow('one label or all can be hidden', async (_, page) => {
      await page.waitForSelector('[data-testid="viewport-axial"] [data-testid="marks"][data-layers="1"]');
      await page.keyboard.press('o');
      await page.waitForSelector('[data-testid="viewport-axial"] [data-testid="marks"][data-layers="0"]');
      await page.keyboard.press('o');
      await page.waitForSelector('[data-testid="viewport-axial"] [data-testid="marks"][data-layers="1"]');
    });

    flow('a study opens where it was left', async (current, page) => {
      await page.keyboard.press('Alt+1');
      await page.keyboard.press('Home');
      await page.keyboard.press('PageDown');
      await ready(page, 'stack', sliceOf(11));
      await page.waitForTimeout(1500);
      await page.keyboard.press('Control+l');
      await page.waitForSelector('[data-testid="study-row"]');
      await page.reload();
      await page.waitForSelector('[data-testid="study-row"]');
      await page.locator('[data-testid="study-row"]').first().dblclick();
      await ready(page, 'stack', sliceOf(11));
      await current.picture(`viewer-stack-${painter}`);
    });

    flow('a deleted study leaves the worklist', async (_, page) => {
      await page.keyboard.press('Control+l');
      await page.waitForSelector('[data-testid="study-row"]');
      await page.keyboard.press('Delete');
      await page.locator('[data-testid="delete-confirm"]').click();
      await page.waitForSelector('[data-testid="worklist-empty"]');
    });
  });
}
