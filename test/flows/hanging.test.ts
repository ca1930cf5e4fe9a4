/** A hanging protocol made of the screen hangs the next study of its kind. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { noBrowser, startApp } from './app.ts';

const write = async (folder: string): Promise<void> => {
  for (const [index, family] of ['Alder', 'Birch'].entries()) {
    const who = {
      name: `${family}^Hanna`,
      id: `HANG-${family}`,
      birthDate: `195${index}-01-01`,
      studyDate: '2026-06-01',
      studyTime: '09:30:00',
      description: 'CT chest',
      accession: '',
      key: `hang ${family}`,
    };
    await writePhantom(phantom('ct 64x64x32', { seed: 5 + index }), who, join(folder, family, 'axial'), 1);
    await writePhantom(phantom('ct 64x64x28 coronal', { seed: 5 + index }), who, join(folder, family, 'coronal'), 2);
  }
};

test('a protocol made of the screen is named, kept, and hangs the next study of its kind', async (t) => {
  const missing = noBrowser();
  if (missing !== null) return t.skip(missing);
  const folder = mkdtempSync(join(tmpdir(), 'sightline-hanging-'));
  await write(folder);
  const app = await startApp({ roots: { here: folder } });
  try {
    const { page } = app;
    const shown = (n: number) =>
      page.getByTestId(`cell-${n}`).locator('[data-testid^="viewport-"][data-state="ready"]').first();
    const titles = async (): Promise<string[]> =>
      Promise.all(
        [0, 1].map(async (n) => {
          const id = await shown(n).getAttribute('data-series-id');
          return (await page.locator(`[data-testid="series-item"][data-series-id="${id}"]`).innerText()).replace(
            /\s+/g,
            ' ',
          );
        }),
      );
    await page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await page.locator('[data-testid="import"]').click();
    await page.locator('[data-testid="import-folder"]:not([disabled])').click();
    await page.waitForSelector('[data-testid="import-state"][data-state="done"]');
    await page.locator('[data-testid="import-done"]').click();
    await page.locator('[data-testid="study-row"]', { hasText: 'Alder' }).dblclick();
    await shown(0).waitFor();
    // The coronal series first, with a window of its own, the axial one second.
    await page.keyboard.press(']');
    const coronal = await page.locator('[data-testid="series-item"]').nth(1).getAttribute('data-series-id');
    await page.locator(`[data-testid="cell-0"] [data-series-id="${coronal}"][data-state="ready"]`).waitFor();
    await page.keyboard.press('2');
    const window = await shown(0).getAttribute('data-window');
    await page.keyboard.press('Alt+4');
    await shown(1).waitFor();
    const [first = '', second = ''] = await titles();
    assert.match(first, /2 · CT/);
    assert.match(second, /1 · CT/);

    await page.getByTestId('grids').click();
    await page.getByText('Keep this as a protocol').click();
    assert.equal(await page.getByTestId('hanging-keep').isDisabled(), true, 'a protocol needs a name');
    await page.getByTestId('hanging-name').fill('Coronal first');
    await app.picture('hanging');
    await page.getByTestId('hanging-keep').click();
    await page.getByTestId('hanging').waitFor({ state: 'detached' });

    // Left as one cell: what hangs the next study is the protocol, not how this one was left.
    await page.keyboard.press('Alt+3');
    await page.waitForTimeout(1500);
    await page.keyboard.press('Control+l');
    await page.locator('[data-testid="study-row"]', { hasText: 'Birch' }).dblclick();
    await page.locator('[data-testid="patient-banner"]', { hasText: 'Birch' }).waitFor();
    await page.locator('[data-testid="viewer"][data-grid="1x2"]').waitFor();
    await shown(0).waitFor();
    await shown(1).waitFor();
    const hung = await titles();
    assert.match(hung[0] ?? '', /2 · CT/);
    assert.match(hung[1] ?? '', /1 · CT/);
    assert.equal(await shown(0).getAttribute('data-window'), window);

    // One that is deleted hangs nothing more.
    await page.getByTestId('grids').click();
    await page.getByText('Hanging protocols', { exact: false }).last().click();
    await page.getByTestId('hanging-drop').click();
    await page.getByTestId('hanging-keep').click();
    await page.getByTestId('hanging').waitFor({ state: 'detached' });
    await page.getByTestId('grids').click();
    assert.equal(await page.getByText('Hang: Coronal first').count(), 0);
    assert.deepEqual(app.errors, []);
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
