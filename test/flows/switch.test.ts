import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { noBrowser, startApp } from './app.ts';

/** Two patients with one radiograph each. */
const write = async (root: string): Promise<void> => {
  for (const [index, family] of ['Alder', 'Birch'].entries())
    await writePhantom(
      phantom('xray 96x96', { seed: 20 + index }),
      {
        name: `${family}^Test`,
        id: `SWITCH-${family}`,
        birthDate: `195${index}-01-01`,
        studyDate: '2026-06-01',
        studyTime: '09:30:00',
        description: 'Chest',
        accession: '',
        key: family,
      },
      join(root, family),
    );
};

test('another study is never shown beside the last one’s report', async (t) => {
  const missing = noBrowser();
  if (missing !== null) return t.skip(missing);
  const root = mkdtempSync(join(tmpdir(), 'sightline-switch-'));
  await write(root);
  const app = await startApp({ roots: { here: root } });
  try {
    const { page } = app;
    await page.waitForSelector('[data-testid="worklist"][data-state="ready"]');
    await page.locator('[data-testid="import"]').click();
    await page.locator('[data-testid="import-folder"]:not([disabled])').click();
    await page.waitForSelector('[data-testid="import-state"][data-state="done"]');
    await page.locator('[data-testid="import-done"]').click();
    const open = async (family: string): Promise<void> => {
      await page.keyboard.press('Control+l');
      await page.locator('[data-testid="study-row"]', { hasText: family }).dblclick();
      await page.locator('[data-testid="patient-banner"]', { hasText: family }).waitFor();
      await page.waitForSelector('[data-testid="viewport-stack"][data-state="ready"]');
    };
    const pane = page.locator('#tab-report').locator('xpath=ancestor::aside');
    await open('Alder');
    await pane.getByText('Write without a draft').click();
    await pane.getByLabel('New sentence in findings').click();
    await page.keyboard.type('Only of Alder.');
    await page.keyboard.press('Enter');
    await pane.getByText('Only of Alder.').first().waitFor();

    await open('Birch');
    await pane.getByText('Write without a draft').waitFor();
    assert.ok(!(await pane.innerText()).includes('Alder'));
    await pane.getByText('Write without a draft').click();
    await pane.getByLabel('New sentence in findings').waitFor();
    assert.ok(!(await pane.innerText()).includes('Alder'));

    await open('Alder');
    await pane.getByText('Only of Alder.').first().waitFor();
    assert.deepEqual(app.errors, []);
  } finally {
    await app.close();
    rmSync(root, { recursive: true, force: true });
  }
});
