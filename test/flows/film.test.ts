/**
 * Films: the drafting network chosen for one, from its dialogue to the signature; the models that find, on it and on a
 * picture whose file does not say what it shows.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encode } from 'fast-png';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { plantedIn } from '../../models/kit/score.ts';
import { type App, noBrowser, startApp } from './app.ts';
import { pointOf } from './phantom-study.ts';

const lacking = noBrowser();
const SIZE = 256;
const never = { signal: new AbortController().signal };
const backendOn = (storeFolder: string) =>
  createBackend(
    outsideNode({ shell: 'cli', storeFolder, roots: {}, log: { info: () => {}, warn: () => {}, error: () => {} } }),
  );

describe('films', { skip: lacking ?? false, timeout: 280_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-film-flow-'));
  const storeFolder = join(folder, 'store');
  const made = phantom(`xray ${SIZE}x${SIZE} effusion consolidation`, { seed: 'film-flow' });
  const planted = plantedIn(made);
  let app: App;
  let studyId = '';
  before(async () => {
    await writePhantom(
      made,
      {
        name: 'Flow^Filma',
        id: 'FLOW-FILM',
        birthDate: '1961-02-03',
        studyDate: '2026-06-01',
        studyTime: '09:30:00',
        description: 'Flow film',
        accession: 'F1',
        key: 'film-flow',
      },
      join(folder, 'files'),
    );
    const { data } = made.image;
    let most = 1;
    for (const value of data) most = Math.max(most, value);
    const grey = Uint8Array.from(data, (value) => Math.round((255 * Math.max(0, value)) / most));
    writeFileSync(
      join(folder, 'files', 'picture.png'),
      encode({ width: SIZE, height: SIZE, data: grey, channels: 1, depth: 8 }),
    );
    const backend = backendOn(storeFolder);
    const { studies, jobs } = backend.domains;
    await jobs.ended(studies.importPath(join(folder, 'files'), { copy: true, label: 'flow' }).jobId);
    const { studies: listed } = await backend.handlers.studies.list(
      { text: 'Flow film', modality: null, status: null, from: null, to: null, order: 'newest', limit: 1, offset: 0 },
      never,
    );
    studyId = listed[0]?.id ?? '';
    await backend.close();
    app = await startApp({ storeFolder });
  });
  after(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const at = (id: string) => app.page.getByTestId(id);
  const findings = () => at('section-findings').getByTestId('sentence');
  const about = (word: string) => findings().filter({ hasText: word });

  test('the dialogue offers the network with its figures, what it was trained on and what it is not for', async () => {
    await at('study-row').filter({ hasText: 'Flow film' }).dblclick();
    await app.page.locator('[data-testid="viewport-stack"][data-state="ready"]').waitFor();
    await at('draft-recipe').click();
    await at('recipe-drafter').selectOption('film');
    const words = await at('recipe-dialog').innerText();
    assert.match(words, /clinical F1, micro 0\.\d\d \(0\.\d\d to 0\.\d\d; held-out phantoms/);
    assert.match(words, /Not for clinical use/);
    assert.match(words, /Trained on \d+ procedural chest X-ray phantoms/);
    await app.picture('film-1-dialogue');
    await at('recipe-write').click();
  });

  test('its draft names what was planted, on its side', async () => {
    await findings().first().waitFor({ timeout: 120_000 });
    assert.match(await at('report-status').innerText(), /sightline-film-drafter/);
    for (const { key, side } of planted) {
      const sentence = about(key);
      assert.equal(await sentence.count(), 1, `one sentence on the ${key}`);
      assert.match(await sentence.innerText(), new RegExp(`\\b${side}\\b`));
    }
    await app.picture('film-2-draft');
  });

  test('every sentence on a finding points at a place, and a click shows that place on the film', async () => {
    for (const sentence of await findings().all()) {
      const isFinding = (await sentence.locator('.score').count()) > 0;
      assert.equal(
        await sentence.getByTestId('sentence-region').count(),
        isFinding ? 1 : 0,
        await sentence.innerText(),
      );
    }
    for (const { key, box } of planted) {
      assert.ok(box);
      await about(key).getByTestId('sentence-region').click();
      const marked = app.page.locator('[data-testid="region"][data-marked="true"]');
      await marked.filter({ hasText: key }).waitFor();
      assert.equal(await marked.count(), 1);
      const drawn = await marked.locator('.line').boundingBox();
      assert.ok(drawn);
      // The middle of what was planted lies in what is shown.
      const middle = await pointOf(app.page, 'stack', SIZE, SIZE, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
      const inside = (x: number, from: number, long: number): boolean => x > from && x < from + long;
      assert.ok(
        inside(middle.x, drawn.x, drawn.width) && inside(middle.y, drawn.y, drawn.height),
        `${key}: ${JSON.stringify({ middle, drawn })}`,
      );
    }
    await about('effusion').click();
    assert.match(await about('effusion').innerText(), /cxr-report \d+\.\d+\.\d+, score \d+ %/);
    await app.picture('film-3-click');
  });

  test('a heat map is off until its finding is gone to, and whoever found something is named with figures', async () => {
    await at('tab-findings').click();
    await at('findings-none').filter({ hasText: 'No model has looked at these images yet' }).waitFor();
    await at('run-models').click();
    const found = app.page.locator('[data-testid="finding"][data-key="effusion"]');
    await found.waitFor({ timeout: 120_000 });
    const words = at('model-words').filter({ hasText: 'cxr-findings' });
    await words.waitFor();
    assert.doesNotMatch(await words.innerText(), /heat map/i);
    await found.getByTestId('finding-go').click();
    await words.filter({ hasText: /heat map/i }).waitFor();
    const shown = app.page.getByTestId('marks-overlay').filter({ hasText: 'heat map' });
    const on = shown.filter({ has: app.page.locator('[aria-label^="Hide"]') });
    assert.deepEqual([await on.count(), /effusion/i.test(await on.innerText())], [1, true]);
    assert.match(
      await at('findings-makers').innerText(),
      /Not for clinical use\.\s+Chest X-ray findings .*AUC 0\.\d\d/,
    );
    await app.picture('film-4-heat');
    await at('tab-report').click();
  });

  test('a sentence is corrected, the rest accepted, and the report signed', async () => {
    await about('consolidation').focus();
    await app.page.keyboard.press('Enter');
    await app.page.keyboard.press('ControlOrMeta+a');
    await app.page.keyboard.type('Consolidation of the left upper zone.');
    await app.page.keyboard.press('Escape');
    await app.page
      .locator('[data-testid="sentence"][data-decision="edited"]', { hasText: 'left upper zone' })
      .waitFor();
    await app.page.locator('[data-testid="saving"][data-saving="saved"]').waitFor();
    await at('sign').click();
    await at('sign-name').fill('Dr. Ada Reader');
    await at('sign-accept-all').check();
    await at('sign-confirm').click();
    await at('signed').waitFor();
    await app.picture('film-5-signed');
  });

  test('on a picture no model runs by itself; on the reader’s word one does, and only then something is absent', async () => {
    await at('to-worklist').click();
    await at('study-row').filter({ hasText: 'picture' }).dblclick();
    await app.page.locator('[data-testid="viewport-stack"][data-state="ready"]').waitFor();
    await at('unsaid-sides').waitFor();
    await at('write-draft').first().click();
    await at('section-technique').getByTestId('sentence').first().waitFor({ timeout: 120_000 });
    assert.equal(await findings().count(), 0, 'nothing was looked for');
    await at('tab-findings').click();
    await at('run-models').click();
    await app.page.getByText('No model fits this study by what its files say.').waitFor();
    await app.page.locator('[data-testid="run-on-request"][data-package="cxr-findings"]').click();
    await app.page.locator('[data-testid="finding"][data-key="effusion"]').waitFor({ timeout: 120_000 });
    assert.equal(await at('on-request').count(), 0);
    await app.picture('film-6-picture');
    assert.deepEqual(app.errors, []);
  });

  test('what is stored: the network as drafter, places in the film, the correction as the signed text', async () => {
    await app.close();
    const backend = backendOn(storeFolder);
    try {
      const [draft] = backend.domains.drafting.drafts(studyId);
      assert.equal(draft?.recipe.drafter, 'sightline-film-drafter');
      assert.deepEqual(
        draft.recipe.packages.map(({ name }) => name),
        ['cxr-report'],
      );
      const told = draft.sentences.filter(({ kind, section }) => kind === 'finding' && section === 'findings');
      assert.ok(told.length >= planted.length);
      for (const { text, regions } of told) assert.equal(regions[0]?.kind, 'box', text);
      const { report } = await backend.handlers.reports.get({ studyId }, never);
      assert.ok(report?.signature);
      assert.ok(report.sentences.some(({ text }) => text === 'Consolidation of the left upper zone.'));
    } finally {
      await backend.close();
    }
  });
});
