/**
 * 1,500 slices of 512x512 in two GiB: opened, scrolled to both ends, reformatted. Memory of host, browser, graphics
 * process and workers together (proportional set size), the highest of samples; as root on Linux with cgroups of version
 * 1 all of them also run under that limit, so that none gets more.
 *
 *     node test/bench/scale.ts [slices]
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startApp } from '../flows/app.ts';
import { fillStore, writeDrawnCt } from './drawn-ct.ts';
import { familyBytes } from './memory.ts';

const SIDE = 512;
const SLICES = Number(process.argv[2] ?? 1500);
const LIMIT_BYTES = 2 * 2 ** 30;

/** A value that says its place, so that what is shown can be checked. */
const valueAt = (i: number, j: number, k: number): number => ((i * 3 + j * 5 + k * 7) % 2000) - 1000;

const writeSeries = (folder: string): void =>
  writeDrawnCt(folder, {
    slices: SLICES,
    side: SIDE,
    gapMm: 0.5,
    root: '79',
    name: 'Bench^Scale',
    patientId: 'SCALE',
    window: [0, 2000],
    draw: (pixels, k) => {
      for (let j = 0; j < SIDE; j++) for (let i = 0; i < SIDE; i++) pixels[j * SIDE + i] = valueAt(i, j, k);
    },
  });

/** A limit for what is started from now on; null where this machine gives none. */
const limited = (): { leave(): void; peakBytes(): number; kills(): number; close(): void } | null => {
  const own = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  const root = '/sys/fs/cgroup/memory';
  if (own === undefined || !existsSync(root)) return null;
  const group = join(root, `sightline-bench-${process.pid}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, 'memory.limit_in_bytes'), String(LIMIT_BYTES));
    writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  } catch {
    return null;
  }
  const number = (file: string, word: RegExp): number =>
    Number(word.exec(readFileSync(join(group, file), 'utf8'))?.[1] ?? 0);
  return {
    leave: () => writeFileSync(join(root, own, 'cgroup.procs'), String(process.pid)),
    peakBytes: () => number('memory.max_usage_in_bytes', /(\d+)/),
    kills: () => number('memory.oom_control', /oom_kill (\d+)/),
    close: () => rmdirSync(group),
  };
};

const probe = async (page: Page, view: string): Promise<string> => {
  const box = await page.locator(`[data-testid="viewport-${view}"]`).boundingBox();
  if (!box) throw new Error(`no ${view}`);
  await page.mouse.move(box.x + box.width / 2 + 3, box.y + box.height / 2 + 3);
  return page.locator(`[data-testid="viewport-${view}"] [data-testid="probe"]`).innerText();
};

const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'));
const storeFolder = join(folder, 'store');
try {
  mkdirSync(join(folder, 'in'));
  writeSeries(join(folder, 'in'));
  await fillStore(storeFolder, join(folder, 'in'));
  const limit = limited();
  const app = await startApp({ storeFolder });
  limit?.leave();
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, familyBytes(process.pid));
  }, 500);
  const { page } = app;
  const timed = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const from = performance.now();
    await act();
    console.log(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
  };
  await page.click('[data-testid="study-row"]');
  await timed('first image', async () => {
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid="viewport-stack"][data-state="ready"]', { timeout: 120_000 });
  });
  await timed('all images', () =>
    page.waitForSelector('[data-testid="viewport-stack"][data-complete="true"]', { timeout: 300_000 }),
  );
  for (const key of ['Home', 'End', 'PageUp', 'PageUp'])
    await timed(`scrolled by ${key}`, async () => {
      await page.keyboard.press(key);
      await page.waitForSelector('[data-testid="viewport-stack"][data-state="ready"]');
    });
  await timed('three planes', async () => {
    await page.keyboard.press('Alt+2');
    for (const view of ['axial', 'sagittal', 'coronal'])
      await page.waitForSelector(`[data-testid="viewport-${view}"][data-state="ready"]`, { timeout: 120_000 });
  });
  await timed('the coronal plane by 60', async () => {
    await page.locator('[data-testid="viewport-coronal"]').focus();
    for (let n = 0; n < 6; n++) await page.keyboard.press('PageDown');
    await page.waitForSelector('[data-testid="viewport-coronal"][data-state="ready"]');
  });
  console.log(`probe in the coronal plane: ${await probe(page, 'coronal')}`);
  await page.waitForTimeout(12_000);
  const rest = familyBytes(process.pid);
  clearInterval(sampling);
  if (process.env.SIGHTLINE_PICTURE) await page.screenshot({ path: process.env.SIGHTLINE_PICTURE });
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  console.log(`${SLICES} slices: most ${gib(most)}, at rest ${gib(rest)} (at most ${gib(LIMIT_BYTES)})`);
  if (limit) console.log(`under a limit of ${gib(LIMIT_BYTES)}: ${limit.kills()} processes ended by it`);
  else console.log('no limit of memory can be set on this machine');
  console.log(app.errors.length === 0 ? 'no error in the window' : app.errors.join('\n'));
  if (most > LIMIT_BYTES || app.errors.length > 0 || (limit?.kills() ?? 0) > 0) process.exitCode = 1;
  await app.close();
  limit?.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
