import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { buildElectronApart } from '../../main/build.ts';
import { thisMachine } from '../../main/choose-shell.ts';
import { APP_ORIGIN } from '../../preload/contract/shell.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');

it('opens the window in Electron, sandboxed, with a line to the backend and nothing else', async (t) => {
  const executablePath = thisMachine(true).binary();
  if (!executablePath) return t.skip('no Electron binary on this machine');
  await buildElectronApart();
  const store = mkdtempSync(join(tmpdir(), 'sightline-electron-'));
  const app = await _electron.launch({ executablePath, args: [REPOSITORY, `--store=${store}`, '--no-demo'] });
  try {
    const page = await app.firstWindow();
    await page.getByText('No studies yet').waitFor({ timeout: 30_000 });
    assert.equal(page.url(), `${APP_ORIGIN}/`);
    const inside = await page.evaluate(async () => ({
      node: typeof (globalThis as { process?: unknown }).process + typeof (globalThis as { require?: unknown }).require,
      media: (await fetch('/media/thumbnail/nothing')).status,
      elsewhere: await fetch('https://example.org/').then(
        () => 'reached',
        () => 'refused',
      ),
      opened: window.open('about:blank') === null,
    }));
    assert.deepEqual(inside, { node: 'undefinedundefined', media: 404, elsewhere: 'refused', opened: true });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const contents = window?.webContents as unknown as
        | { getLastWebPreferences(): { sandbox?: boolean; contextIsolation?: boolean; nodeIntegration?: boolean } }
        | undefined;
      const { sandbox, contextIsolation, nodeIntegration } = contents?.getLastWebPreferences() ?? {};
      return { sandbox, contextIsolation, nodeIntegration };
    });
    assert.deepEqual(preferences, { sandbox: true, contextIsolation: true, nodeIntegration: false });
    // The backend ends: the window says so and comes back by itself.
    await app.evaluate(({ app: application }) => {
      const backend = application.getAppMetrics().find(({ serviceName }) => serviceName === 'Sightline backend');
      if (backend) process.kill(backend.pid, 'SIGKILL');
    });
    await page.reload();
    await page.getByText('No studies yet').waitFor({ timeout: 30_000 });
  } finally {
    await app.close();
    rmSync(store, { recursive: true, force: true });
  }
});
