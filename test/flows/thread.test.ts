/** The whole job once: import, look, segment, draft, correct, sign, rate, export, and read the export back. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test as nodeTest } from 'node:test';
import { SHARED_DATA } from '../conditions.ts';
import { type App, noBrowser, startApp } from './app.ts';

const lacking = noBrowser();
const shared = existsSync(SHARED_DATA);

describe('the whole thread', { skip: lacking ?? false, timeout: 280_000 }, () => {
  let app: App;
  before(async () => {
    app = await startApp({ demonstration: true, roots: shared ? { data: SHARED_DATA } : {} });
  });
  after(async () => app?.close());
  // Each step stands on the one before it: after a failure the rest fail at once, not after their time limits.
  let broken = '';
  const test = (
    name: string,
    ...rest: [() => Promise<void>] | [{ skip: string | false }, () => Promise<void>]
  ): void => {
    const work = rest.length === 1 ? rest[0] : rest[1];
    nodeTest(name, rest.length === 1 ? {} : rest[0], async () => {
      assert.equal(broken, '', 'an earlier step failed');
      try {
        await work();
      } catch (error) {
        broken = name;
        await app.picture('thread-failed').catch(() => {});
        throw error;
      }
    });
  };
  const at = (id: string) => app.page.getByTestId(id);
  const row = (description: string) => at('study-row').filter({ hasText: description });

  test('an import from a root: the LIDC CT and a NIH X-ray', {
    skip: shared ? false : 'the shared data folder is absent',
  }, async () => {
    const importFolder = async (path: readonly string[], file: string | null) => {
      await at('import').click();
      // The only root is open already.
      await at('import-entries').locator('[data-entry="ct"]').waitFor();
      for (const name of path) await at('import-entries').locator(`[data-entry="${name}"]`).click();
      if (file === null) await at('import-folder').click();
      else await at('import-entries').locator('li', { hasText: file }).getByRole('button', { name: 'Import' }).click();
      await app.page.locator('[data-testid="import-state"][data-state="done"]').waitFor({ timeout: 90_000 });
      await app.picture(`thread-1-import-${path.at(-1)}`);
      await at('import-done').click();
    };
    await importFolder(['ct', 'lidc-idri-0314'], null);
    await importFolder(['cxr', 'nih', '512'], '00000003_000.jpg');
    await at('study-row').nth(1).waitFor();
    await app.picture('thread-2-worklist');
  });

  test('the demonstration patient arrives and is opened', async () => {
    await row('CT chest and upper abdomen').waitFor({ timeout: 90_000 });
    await row('CT chest and upper abdomen').dblclick();
    await app.page.locator('[data-testid="viewport-stack"][data-state="ready"]').waitFor();
    assert.match(await at('patient-banner').innerText(), /Demonstration/);
    await app.picture('thread-3-opened');
  });

  test('a draft by real inference: sentences with regions', async () => {
    await at('report-pane').waitFor();
    // Written in the background after the start; begun here where it is not there yet.
    await app.page
      .locator('[data-testid="sentence"], [data-testid="write-draft"], [data-testid="draft-job"]')
      .first()
      .waitFor();
    if ((await at('sentence').count()) === 0 && (await at('draft-job').count()) === 0)
      await at('write-draft').first().click();
    await at('sentence').first().waitFor({ timeout: 180_000 });
    assert.ok((await at('sentence-region').count()) > 0, 'no sentence points at a place');
    await app.picture('thread-4-draft');
  });

  test('a click on a sentence goes to its slice and marks its region', async () => {
    const stack = at('viewport-stack');
    const chips = at('sentence-region');
    await chips.first().click();
    await app.page.locator('[data-testid="region"][data-marked="true"]').first().waitFor();
    const said = await chips.first().innerText();
    const number = await stack.getAttribute('data-image-number');
    const named = /\d+/.exec(said)?.[0];
    assert.equal(named, number);
    await app.picture('thread-5-click');
  });

  test('one sentence deleted, one missing finding added, all kept over a reload', async () => {
    const sentences = at('section-findings').getByTestId('sentence');
    const count = await sentences.count();
    await sentences.last().focus();
    await app.page.keyboard.press('d');
    await app.page.locator('[data-testid="sentence"][data-decision="deleted"]').waitFor();
    await at('add-finding').click();
    await at('finding-input').fill('nodule left lower lobe');
    await app.page.keyboard.press('Enter');
    await app.page.locator('[data-testid="sentence"][data-decision="added"]').waitFor();
    assert.equal(await sentences.count(), count + 1);
    await app.page.locator('[data-testid="saving"][data-saving="saved"]').waitFor();
    await app.picture('thread-6-edited');
    await app.page.reload();
    await row('CT chest and upper abdomen').dblclick();
    await app.page.locator('[data-testid="sentence"][data-decision="added"]').waitFor();
    assert.equal(await app.page.locator('[data-testid="sentence"][data-decision="deleted"]').count(), 1);
  });

  test('the draft is rated, sentence and whole', async () => {
    await at('sentence').first().focus();
    const sentence = at('section-findings').getByTestId('sentence').first();
    await sentence.click();
    await at('grade-right').first().click();
    await at('score-4').click();
    await app.page.locator('[data-testid="score-4"][aria-checked="true"]').waitFor();
    await app.picture('thread-7-rated');
  });

  test('signing is refused while sentences are undecided, then done', async () => {
    await at('sign').click();
    await at('sign-name').fill('Dr. Ada Reader');
    assert.equal(await at('sign-confirm').isDisabled(), true);
    await app.picture('thread-8-sign');
    await at('sign-accept-all').check();
    await at('sign-confirm').click();
    await at('signed').waitFor();
    assert.match(await at('signed').innerText(), /Ada Reader/);
    await app.picture('thread-9-signed');
  });

  test('the preferences leave without identity and read back', async () => {
    await at('screen-exports').click();
    await at('export-preview').click();
    await at('export-lines').waitFor();
    assert.match(await at('export-lines').innerText(), /[1-9]\d* line/);
    await at('export-run').click();
    await at('export-written').first().waitFor();
    await app.picture('thread-10-export');
    const [download] = await Promise.all([app.page.waitForEvent('download'), at('export-file').first().click()]);
    const path = join(app.storeFolder, 'downloaded.jsonl');
    await download.saveAs(path);
    const text = readFileSync(path, 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(lines.length >= 1);
    for (const line of lines) assert.ok('prompt' in line, `a line without a prompt: ${Object.keys(line)}`);
    assert.doesNotMatch(text, /Demonstration|SIGHTLINE-DEMO|1963|Ada Reader|2026-06-01|2\.25\./);
  });

  test('the window reported no error on the way', async () => {
    assert.deepEqual(app.errors, []);
  });
});
