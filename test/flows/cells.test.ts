/** Several series at once: laid out, filled, linked, compared with an earlier study, kept. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { noBrowser, startApp } from './app.ts';

const who = (studyDate: string, key: string, description: string) => ({
  name: 'Cells^Cora',
  id: 'CELLS-1',
  birthDate: '1961-03-04',
  studyDate,
  studyTime: '10:00:00',
  description,
  accession: '',
  key,
});

/** Two series of one frame of reference, axial and coronal, and a study of two years before. */
const write = async (folder: string): Promise<void> => {
  const now = who('2026-06-01', 'cells now', 'CT now');
  await writePhantom(phantom('ct 72x72x40', { seed: 3 }), now, join(folder, 'a'), 1);
  await writePhantom(phantom('ct 72x72x36 coronal', { seed: 3 }), now, join(folder, 'b'), 2);
  await writePhantom(
    phantom('ct 64x64x30', { seed: 3 }),
    who('2024-05-01', 'cells then', 'CT then'),
    join(folder, 'c'),
  );
};

const cell = (page: Page, n: number) => page.getByTestId(`cell-${n}`);
const shown = (page: Page, n: number) =>
  cell(page, n).locator('[data-testid^="viewport-"][data-state="ready"][data-complete="true"]').first();
const frameOf = async (page: Page, n: number): Promise<number> =>
  Number(await shown(page, n).getAttribute('data-frame-index'));

test('several series side by side: filled, linked by place, with lines, compared, kept', async (t) => {
  const missing = noBrowser();
  if (missing !== null) return t.skip(missing);
  const folder = mkdtempSync(join(tmpdir(), 'sightline-cells-'));
  await write(folder);
  const app = await startApp({ roots: { here: folder } });
  try {
    const { page } = app;
    await page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await page.locator('[data-testid="import"]').click();
    await page.locator('[data-testid="import-folder"]:not([disabled])').click();
    await page.waitForSelector('[data-testid="import-state"][data-state="done"]');
    await page.locator('[data-testid="import-done"]').click();
    await page.locator('[data-testid="study-row"]', { hasText: 'CT now' }).dblclick();
    await shown(page, 0).waitFor();

    // Two cells: the second takes the series that is not shown yet.
    await page.keyboard.press('Alt+4');
    await shown(page, 1).waitFor();
    const [axial, coronal] = await Promise.all([0, 1].map((n) => shown(page, n).getAttribute('data-series-id')));
    assert.notEqual(axial, coronal);
    assert.equal(await cell(page, 0).getAttribute('data-active'), 'true');

    // The line of the cell with the hand runs across the other, and moves with it.
    const line = cell(page, 1).locator('[data-testid="reference-line"] path');
    await line.waitFor({ state: 'attached' });
    const before = await line.getAttribute('d');
    await shown(page, 0).focus();
    await page.keyboard.press('PageDown');
    await page.waitForFunction(
      ([was]) =>
        document.querySelector('[data-testid="cell-1"] [data-testid="reference-line"] path')?.getAttribute('d') !== was,
      [before],
    );
    await app.picture('cells-two');
    await page.keyboard.press('v');
    await line.waitFor({ state: 'detached' });
    await page.keyboard.press('v');

    // The same series in both cells: by place they are always on the same slice; not linked, they are not.
    await page.locator(`[data-testid="series-item"][data-series-id="${axial}"]`).dragTo(cell(page, 1));
    await page.waitForFunction(
      ([id]) =>
        document.querySelector('[data-testid="cell-1"] [data-state="ready"]')?.getAttribute('data-series-id') === id,
      [axial],
    );
    assert.equal(await cell(page, 1).getAttribute('data-active'), 'true');
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    assert.equal(await frameOf(page, 0), await frameOf(page, 1));
    await page.keyboard.press('l');
    await page.keyboard.press('PageDown');
    const apart = (await frameOf(page, 1)) - (await frameOf(page, 0));
    assert.equal(Math.abs(apart), 10);
    // Linked by hand they keep the ten images between them.
    await page.keyboard.press('Shift+L');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal((await frameOf(page, 1)) - (await frameOf(page, 0)), apart);

    // An earlier study of the same patient beside this one says whose and when.
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    await page.getByTestId('other-study').click();
    await page.locator('[data-testid="other-study"] + ul [data-testid="series-item"]').first().click();
    await cell(page, 1).getByText('Another study, 2024-05-01').waitFor();
    await app.picture('cells-compared');

    // Large by double click, and back.
    await shown(page, 0).dblclick();
    await cell(page, 1).waitFor({ state: 'detached' });
    await shown(page, 0).dblclick();
    await cell(page, 1).waitFor();

    await page.keyboard.press('Alt+5');
    await cell(page, 3).waitFor();
    await app.picture('cells-four');
    await page.waitForTimeout(1500);
    await page.reload();
    await page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await page.locator('[data-testid="study-row"]', { hasText: 'CT now' }).dblclick();
    await shown(page, 0).waitFor();
    assert.equal(await page.getByTestId('viewer').getAttribute('data-grid'), '2x2');
    assert.equal(await shown(page, 0).getAttribute('data-series-id'), axial);
    assert.deepEqual(app.errors, []);
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
