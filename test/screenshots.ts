/** npm run screenshots: the README's pictures, taken of the demonstration patient in the real window. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp } from './flows/app.ts';

const PICTURES = resolve(fileURLToPath(new URL('.', import.meta.url)), 'pictures');
const DRAFT_MS = 240_000;

mkdirSync(PICTURES, { recursive: true });
const app = await startApp({ demonstration: true, size: { width: 1440, height: 900 } });
const { page } = app;
const take = async (name: string): Promise<void> => {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  console.log(`test/pictures/${name}.png`);
};
try {
  const row = (description: string) => page.getByTestId('study-row').filter({ hasText: description });
  await row('CT chest and upper abdomen').waitFor({ timeout: DRAFT_MS });
  await row('Chest radiograph').waitFor({ timeout: DRAFT_MS });
  // Both drafts are written in the background.
  await page.waitForFunction(
    () => document.querySelectorAll('[data-testid="study-row"] .mark.draft').length >= 2,
    undefined,
    { timeout: DRAFT_MS },
  );
  await take('worklist');
  await row('CT chest and upper abdomen').dblclick();
  await page.locator('[data-testid="viewport-stack"][data-state="ready"]').waitFor();
  await page.getByTestId('sentence-region').first().waitFor({ timeout: DRAFT_MS });
  await page.getByTestId('sentence-region').first().click();
  await take('report');
  await page.getByTestId('layout-planes').click();
  await page.locator('[data-testid="viewport-axial"][data-state="ready"]').waitFor();
  await page.waitForTimeout(2_000);
  await page.getByText('Making surfaces').waitFor({ state: 'detached', timeout: DRAFT_MS });
  await page.waitForTimeout(2_000);
  await take('planes');
  await page.getByTestId('to-worklist').click();
  await row('Chest radiograph').dblclick();
  await page.locator('[data-testid="viewport-stack"][data-state="ready"]').waitFor();
  await page.getByTestId('tab-findings').click();
  await page.getByTestId('finding-go').first().click();
  await page.getByTestId('model-words').filter({ hasText: 'Heat map' }).waitFor();
  await take('film');
} finally {
  await app.close();
}
