/** The report editor by keyboard: typed text is safe, a box becomes a sentence, a click finds it, two windows never type over each other. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page, WebSocketRoute } from 'playwright-core';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { type App, noBrowser, startApp } from './app.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** One small phantom CT in a store, as another session would have left it. */
const storeWithPhantom = async (folder: string): Promise<void> => {
  const made = phantom('ct 64x64x24 spacing 6 8', { seed: 'report-flow' });
  const identity = {
    name: 'Flow^Anna',
    id: 'FLOW-1',
    birthDate: '1961-02-03',
    studyDate: '2026-06-01',
    studyTime: '09:30:00',
    description: 'Flow CT',
    accession: 'F1',
    key: 'report-flow',
  };
  await writePhantom(made, identity, join(folder, 'files'));
  const backend = createBackend(
    outsideNode({ shell: 'cli', storeFolder: join(folder, 'store'), roots: {}, log: quiet }),
  );
  const { jobId } = backend.domains.studies.importPath(join(folder, 'files'), { copy: true, label: 'phantom' });
  await backend.domains.jobs.ended(jobId);
  await backend.close();
};

const lacking = noBrowser();

describe('the report editor', { skip: lacking ?? false, timeout: 280_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-report-flow-'));
  let app: App;
  before(async () => {
    await storeWithPhantom(folder);
    app = await startApp({ storeFolder: join(folder, 'store') });
  });
  before(async () => {
    await app.page.routeWebSocket(/\/line$/, (route) => {
      if (line.down) void route.close();
      else {
        line.open.push(route);
        route.connectToServer();
      }
    });
    await app.page.reload();
  });
  after(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const at = (id: string, page: Page = app.page) => page.getByTestId(id);
  const sentence = (text: string, page: Page = app.page) => at('sentence', page).filter({ hasText: text });
  const saved = (page: Page = app.page) => page.locator('[data-testid="saving"][data-saving="saved"]').waitFor();
  /** Waits until the findings begin with this. */
  const first = (text: string) =>
    at('section-findings').getByTestId('sentence').nth(0).filter({ hasText: text }).waitFor();
  /** The window's line to the backend, ended at will. */
  const line = { down: false, open: [] as WebSocketRoute[] };
  const cut = async (): Promise<void> => {
    line.down = true;
    for (const route of line.open.splice(0)) await route.close();
  };
  const mend = (): void => {
    line.down = false;
  };
  const selected = () => app.page.locator('[data-testid="sentence"][aria-current="true"]');
  const openStudy = async (page: Page): Promise<void> => {
    await at('study-row', page).filter({ hasText: 'Flow CT' }).dblclick();
    await at('report-pane', page).waitFor();
    await page.locator('[data-testid="viewport-stack"][data-state="ready"]').waitFor();
  };

  test('a report begun empty: sentences are written by keys alone and stored', async () => {
    await openStudy(app.page);
    await at('begin-empty').click();
    await at('insert-findings').click();
    await app.page.keyboard.type('The heart is normal in size.');
    await app.page.keyboard.press('Enter');
    await app.page.keyboard.type('No pleural effusion.');
    await app.page.keyboard.press('Escape');
    await saved();
    assert.deepEqual(await at('section-findings').getByTestId('sentence-text').allInnerTexts(), [
      'The heart is normal in size.',
      'No pleural effusion.',
    ]);
    await app.page.keyboard.press('k');
    assert.match(await selected().innerText(), /heart/);
    await app.page.keyboard.press('Alt+Shift+ArrowDown');
    await first('effusion');
    await saved();
    await app.page.keyboard.press('u');
    await first('heart');
    await app.picture('report-1-typed');
  });

  test('deleting is one key and can be taken back', async () => {
    await sentence('effusion').focus();
    await app.page.keyboard.press('d');
    await app.page.locator('[data-testid="sentence"][data-decision="deleted"]', { hasText: 'effusion' }).waitFor();
    await app.page.keyboard.press('d');
    await app.page.locator('[data-testid="sentence"][data-decision="added"]', { hasText: 'effusion' }).waitFor();
    await saved();
  });

  test('a box on the image becomes a sentence, and a click on the box finds it', async () => {
    await sentence('heart').focus();
    await app.page.keyboard.press('b');
    const stack = await at('viewport-stack').boundingBox();
    assert.ok(stack);
    const x = stack.x + stack.width / 2;
    const y = stack.y + stack.height / 2;
    await app.page.mouse.move(x + 30, y - 90);
    await app.page.mouse.down();
    await app.page.mouse.move(x + 100, y - 30, { steps: 4 });
    await app.page.mouse.up();
    await app.page.keyboard.type('nodule left upper lobe');
    await app.page.keyboard.press('Enter');
    await sentence('left upper lobe').waitFor();
    await saved();
    const number = await at('viewport-stack').getAttribute('data-image-number');
    assert.equal(
      (await sentence('left upper lobe').getByTestId('sentence-region').innerText()).trim(),
      `Image ${number}`,
    );
    await sentence('effusion').focus();
    assert.match(await selected().innerText(), /effusion/);
    // The edge of a box is what takes a click: what lies inside stays the image's.
    const box = await at('region').first().locator('.line').boundingBox();
    assert.ok(box);
    await app.page.mouse.click(box.x + 1, box.y + box.height / 2);
    await app.page.locator('[data-testid="sentence"][aria-current="true"]', { hasText: 'left upper lobe' }).waitFor();
    await app.picture('report-2-box');
  });

  test('typed text survives the line going down', async () => {
    const { page } = app;
    await sentence('effusion').focus();
    await page.keyboard.press('e');
    await cut();
    await page.keyboard.type(' Typed while away.');
    await page.locator('[data-testid="saving"][data-saving="unsaved"]').waitFor();
    mend();
    await page.keyboard.type(' Typed after.');
    await saved();
    await page.keyboard.press('Escape');
    await page.reload();
    if ((await at('report-pane').count()) === 0) await openStudy(page);
    await sentence('No pleural effusion. Typed while away. Typed after.').waitFor();
  });

  test('two windows on one sentence: the reader chooses, neither text is lost', async () => {
    const other = await app.page.context().newPage();
    await other.goto(new URL('/', app.page.url()).href);
    await openStudy(other);
    const { page } = app;
    await cut();
    await sentence('heart').getByTestId('sentence-text').dblclick();
    await page.keyboard.type(' Mine.');
    await page.keyboard.press('Escape');
    await sentence('heart', other).getByTestId('sentence-text').dblclick();
    await other.keyboard.type(' Theirs.');
    await saved(other);
    mend();
    await at('clash').waitFor();
    assert.match(await at('clash').innerText(), /in size\. Theirs\.[\s\S]*in size\. Mine\./);
    await app.picture('report-3-clash');
    await at('clash-mine').click();
    await saved();
    await sentence('The heart is normal in size. Mine.').waitFor();
    await other.keyboard.press('Escape');
    await sentence('The heart is normal in size. Mine.', other).waitFor();
    await other.close();
  });

  test('signed: read-only, an addendum, a PDF', async () => {
    await at('sign').click();
    await at('sign-name').fill('Dr. Ada Reader');
    await at('sign-confirm').click();
    await at('signed').waitFor();
    assert.equal(await at('sentence-delete').count(), 0);
    await at('addendum-text').fill('Compared with the outside study: no change.');
    await at('addendum-sign').click();
    await at('addendum').waitFor();
    const [download] = await Promise.all([app.page.waitForEvent('download'), at('report-pdf').click()]);
    assert.match(download.suggestedFilename(), /\.pdf$/);
    assert.equal(await download.failure(), null);
    await app.picture('report-4-signed');
  });

  test('the window reported no error on the way', () => {
    assert.deepEqual(
      app.errors.filter((error) => !/WebSocket/.test(error)),
      [],
    );
  });
});
