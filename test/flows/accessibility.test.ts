/** axe-core over every screen: nothing serious. The page's policy forbids foreign scripts, so axe runs outside of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser, startApp } from './app.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** Serious and critical findings, in words. */
const scan = async (page: Page, screen: string): Promise<string[]> => {
  const { violations, passes } = (await page.evaluate(
    // An expression, not an element: what the page itself may load is not asked.
    `(() => { ${AXE}; return axe.run(document, { resultTypes: ['violations', 'passes'] }); })()`,
  )) as { violations: Violation[]; passes: unknown[] };
  // A scan that looked at nothing finds nothing.
  assert.ok(passes.length >= 12, `${screen}: ${passes.length} rules were tried`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${screen}: ${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`,
      ),
    );
};

test('no screen has a serious finding of axe-core', async (t) => {
  const missing = noBrowser();
  if (missing !== null) return t.skip(missing);
  const app = await startApp({ demonstration: true });
  try {
    const { page } = app;
    const found: string[] = [];
    const look = async (screen: string): Promise<void> => {
      found.push(...(await scan(page, screen)));
    };
    await page.locator('[data-testid="study-row"]').first().waitFor({ timeout: 120_000 });
    await look('worklist');
    await page.getByTestId('import').click();
    await page.locator('dialog').waitFor();
    await look('import');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.locator('[data-testid="study-row"]').first().dblclick();
    await page.locator('[data-testid^="viewport-"][data-state="ready"]').first().waitFor();
    await look('study');
    await page.getByTestId('viewport-stack').focus();
    await page.keyboard.press('Shift+I');
    await page.getByTestId('color-bar').waitFor();
    await page.keyboard.press('g');
    await page.getByTestId('lens').waitFor();
    await look('colours and lens');
    await page.keyboard.press('g');
    for (const menu of ['presets', 'colors', 'turns', 'speeds']) {
      await page.getByTestId(menu).click();
      await page.locator('[role="menu"]').waitFor();
      await look(`menu ${menu}`);
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('viewport-stack').focus();
    await page.keyboard.press('Alt+w');
    await page.getByTestId('type-window').waitFor();
    await look('width and level');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Alt+k');
    await page.getByTestId('keep-window-name').fill('Mine');
    await look('keeping a window');
    await page.keyboard.press('Enter');
    await page.getByTestId('keep-window').waitFor({ state: 'detached' });
    await page.getByTestId('presets').click();
    await page.getByText('Your windows …').click();
    await page.getByTestId('own-windows').waitFor();
    await look('own windows');
    await page.keyboard.press('Escape');
    await page.getByTestId('viewport-stack').focus();
    await page.keyboard.press('r');
    await page.keyboard.press('Alt+2');
    await page.locator('[data-testid="viewport-coronal"][data-state="ready"]').waitFor();
    await look('planes');
    await page.keyboard.press('Alt+1');
    await page.getByTestId('viewport-stack').focus();
    for (const key of ['Shift+E', 'd']) {
      await page.keyboard.press(key);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('measure-row').nth(1).waitFor();
    await look('measurements');
    await page.keyboard.press('Escape');
    if (!(await page.getByTestId('segmentation-new').isVisible())) await page.getByTestId('marks-panel-toggle').click();
    await page.getByTestId('segmentation-new').click();
    await page.getByTestId('segment-bar').waitFor();
    await page.keyboard.press('Shift+O');
    await page.getByTestId('segment-pointer').waitFor();
    await page.locator('[data-testid="label-row"].active [aria-label^="More of"]').click();
    await page.getByTestId('label-details').waitFor();
    await look('labels edited');
    await page.getByTestId('segment-done').click();
    await page.getByTestId('viewport-stack').focus();
    await page.keyboard.press('Alt+2');
    await page.getByTestId('scene-panel-toggle').click();
    await page.keyboard.press('Alt+g');
    await page.locator('[data-testid="viewport-3d"][data-volume="bone"]').waitFor();
    await look('volume rendering');
    await page.getByTestId('scene-panel-toggle').click();
    await page.keyboard.press('Alt+1');
    await page.keyboard.press('Alt+4');
    await page.getByTestId('cell-1').waitFor();
    await look('cells');
    await page.getByTestId('grids').click();
    await page.getByText('Keep this as a protocol').click();
    await page.getByTestId('hanging').waitFor();
    await look('hanging protocols');
    await page.keyboard.press('Escape');
    for (const tab of ['Findings', 'Rating', 'Report']) {
      await page.getByRole('tab', { name: tab }).click();
      await look(tab);
    }
    await page.keyboard.press('F1');
    await page.getByTestId('help').waitFor();
    await page.getByTestId('change-keys').click();
    await look('keys');
    await page.keyboard.press('Escape');
    for (const screen of ['knowledge', 'models', 'exports', 'settings']) {
      await page.getByTestId(`screen-${screen}`).click();
      await page.waitForTimeout(600);
      await look(screen);
    }
    assert.deepEqual(found, []);
  } finally {
    await app.close();
  }
});
