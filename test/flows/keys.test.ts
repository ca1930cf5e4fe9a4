import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noBrowser, startApp } from './app.ts';

const skip = noBrowser() ?? false;

test('the reader’s own keys: found, changed, taken over in words, remembered, given back', { skip }, async (t) => {
  const app = await startApp();
  t.after(() => app.close());
  const { page } = app;
  const row = (id: string) => page.locator(`[data-testid="help"] [data-command="${id}"]`);
  const open = async (): Promise<void> => {
    await page.keyboard.press('F1');
    await page.getByTestId('help').waitFor();
  };
  await page.getByTestId('worklist').waitFor();
  await open();
  await app.picture('keys');
  await page.getByLabel('Search', { exact: true }).last().fill('study below');
  assert.equal(await page.locator('[data-testid="help"] [data-command]').count(), 1);
  await page.getByLabel('Search', { exact: true }).last().fill('');
  await page.getByTestId('change-keys').click();

  await page.getByLabel('Study below: change J').click();
  await page.keyboard.press('q');
  await page.getByLabel('Study below: change Q').waitFor();

  // What Tab does is not to be had, and another command's key only when it is pressed twice.
  await page.getByLabel('Study above: change K').click();
  await page.keyboard.press('Tab');
  assert.match((await page.getByTestId('key-said').textContent()) ?? '', /Tab moves/);
  await page.keyboard.press('n');
  assert.match((await page.getByTestId('key-said').textContent()) ?? '', /Next unread study/);
  await app.picture('keys-taken');
  await page.keyboard.press('n');
  await page.getByLabel('Study above: change N').waitFor();
  assert.match((await row('window.next-unread').textContent()) ?? '', /Next unread study/);
  assert.equal(await row('window.next-unread').locator('kbd').count(), 0);

  // Escape leaves the waiting, not the sheet.
  await page.getByLabel('Study above: change N').click();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByTestId('help').isVisible(), true);

  await page.reload();
  await page.getByTestId('worklist').waitFor();
  await open();
  assert.match((await row('worklist.down').textContent()) ?? '', /Q/);
  assert.match((await row('window.next-unread').textContent()) ?? '', /no key/);
  await page.getByTestId('change-keys').click();
  await page.getByTestId('keys-reset').click();
  await row('window.next-unread').locator('kbd').waitFor();
  await page.getByTestId('change-keys').click();
  await page.keyboard.press('Escape');
  await page.getByTestId('help').waitFor({ state: 'detached' });
  assert.deepEqual(app.errors, []);
});
