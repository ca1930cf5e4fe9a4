/** The workstation as a person meets it: the real host in its own process, the real window in Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium, HOW_TO_GET, launchFlags, type SoftwareRenderer } from '../chromium.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
/** Screenshots of a run, looked at by a person; git ignores the folder. */
export const PICTURES = join(REPOSITORY, 'test/output/pictures');

export interface App {
  readonly page: Page;
  readonly browser: Browser;
  readonly storeFolder: string;
  /** Errors of the page: none is expected. */
  readonly errors: string[];
  /** Saves the window as test/output/pictures/<name>.png. */
  picture(name: string): Promise<void>;
  /** Another one-time address needs another start; a reload keeps the session. */
  close(): Promise<void>;
}

export interface AppOptions {
  readonly roots?: Readonly<Record<string, string>>;
  readonly demonstration?: boolean;
  readonly size?: { width: number; height: number };
  /** Kept after the run; made fresh and removed where not given. */
  readonly storeFolder?: string;
  /** The quickest software that there is, where not given. */
  readonly renderer?: SoftwareRenderer;
  /** More of Chromium's. */
  readonly flags?: readonly string[];
}

/** Why a browser flow cannot run here; null where it can. With CI=true a Chromium is required. */
export const noBrowser = (): string | null => {
  if (findChromium()) return null;
  if (process.env.CI === 'true') throw new Error(HOW_TO_GET);
  return HOW_TO_GET;
};

const startHost = (
  storeFolder: string,
  options: AppOptions,
): Promise<{ child: ChildProcess; address: string; complaints: () => string }> =>
  new Promise((done, fail) => {
    const roots = Object.entries(options.roots ?? {}).flatMap(([name, path]) => ['--root', `${name}=${path}`]);
    const child = spawn(
      process.execPath,
      [
        'main/run.cjs',
        'main/cli/index.ts',
        'serve',
        '--store',
        storeFolder,
        ...roots,
        ...(options.demonstration ? ['--demo'] : []),
      ],
      { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    let complaints = '';
    const limit = setTimeout(() => fail(new Error(`the host did not start:\n${said}${complaints}`)), 120_000);
    child.stderr?.on('data', (chunk) => {
      complaints += String(chunk);
    });
    child.stdout?.on('data', (chunk) => {
      said += String(chunk);
      const address = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said)?.[0];
      if (!address || !said.includes('ready')) return;
      clearTimeout(limit);
      done({ child, address, complaints: () => complaints });
    });
    child.on('exit', (code) => fail(new Error(`the host ended with ${code}:\n${said}${complaints}`)));
  });

export const startApp = async (options: AppOptions = {}): Promise<App> => {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(HOW_TO_GET);
  const storeFolder = options.storeFolder ?? mkdtempSync(join(tmpdir(), 'sightline-flow-'));
  let closing = false;
  const { child, address, complaints } = await startHost(storeFolder, options);
  const browser = await chromium.launch({
    executablePath,
    args: [...launchFlags(options.renderer), ...(options.flags ?? [])],
    headless: true,
  });
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1440, height: 900 },
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  child.on('exit', (code, signal) => {
    if (!closing) errors.push(`the host ended by itself, ${code ?? signal}: ${complaints()}`);
  });
  page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(address);
  // The page exchanges its token and loads anew without it: whoever goes elsewhere before that is overtaken.
  await page.waitForURL((url) => url.hash === '' && !url.href.includes('token'));
  await page.locator('#app > *').first().waitFor({ state: 'attached' });
  mkdirSync(PICTURES, { recursive: true });
  return {
    page,
    browser,
    storeFolder,
    errors,
    picture: async (name) => {
      await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    },
    close: async () => {
      await browser.close();
      const ended = new Promise((done) => child.on('exit', done));
      closing = true;
      child.kill('SIGTERM');
      await Promise.race([ended, new Promise((done) => setTimeout(done, 10_000).unref())]);
      child.kill('SIGKILL');
      if (!options.storeFolder) rmSync(storeFolder, { recursive: true, force: true });
    },
  };
};
