/** The window is closed in the middle of a stroke, over and over: what was finished must be there. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { MEDIA_BASE } from '../../preload/contract/shell.ts';
import { startApp } from './app.ts';
import { phantomStudy, pointOf, ready } from './phantom-study.ts';

const LINE = 'ct 48x48x24';
const testid = (id: string): string => `[data-testid="${id}"]`;

export interface Closings {
  /** Windows closed in the middle of a stroke. */
  readonly closed: number;
  /** Strokes finished before, without waiting for their answer. */
  readonly finished: number;
}

const openStudy = async (page: Page, origin: string): Promise<void> => {
  await page.goto(`${origin}/?painter=canvas`);
  await page.click(testid('study-row'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-testid^="viewport-"][data-state="ready"]');
  await page.keyboard.press('Alt+1');
  await ready(page, 'stack');
};

/** Throws where a finished stroke is missing, or one that was not finished is there. */
export const closeInMidStroke = async (times: number): Promise<Closings> => {
  const study = await phantomStudy(LINE);
  const app = await startApp({ storeFolder: study.storeFolder });
  let finished = 0;
  try {
    const keeper = app.page;
    const origin = new URL(keeper.url()).origin;
    await openStudy(keeper, origin);
    await keeper.click(testid('marks-panel-toggle'));
    if (!(await keeper.isVisible(testid('segmentation-new')))) await keeper.click(testid('marks-panel-toggle'));
    await keeper.click(testid('segmentation-new'));
    await keeper.waitForSelector(testid('segment-bar'));
    const id = (await keeper.locator(`${testid('marks-overlay')}.edited`).getAttribute('data-overlay')) ?? '';
    await keeper.click(testid('segment-done'));
    const stored = (): Promise<number[]> =>
      keeper.evaluate(async (address) => {
        const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
        return [...bytes.keys()].filter((at) => bytes[at] !== 0);
      }, `${MEDIA_BASE}labelmap/${id}`);
    const [nx, ny] = study.made.image.dims;
    const expected = new Set<number>();
    let place = 0;
    for (let round = 0; round < times; round++) {
      const page = await keeper.context().newPage();
      page.setDefaultTimeout(60_000);
      await openStudy(page, origin);
      await page.click(`${testid('marks-overlay')}[data-overlay="${id}"] ${testid('segment-edit')}`);
      await page.waitForSelector(testid('segment-bar'));
      await page.keyboard.press('b');
      for (let n = 0; n < 20; n++) await page.keyboard.press('-');
      // The bar has made the view smaller: the image lies anew once it has heard of that.
      await page.waitForFunction((view) => {
        const section = document.querySelector(view);
        const marks = section?.querySelector<HTMLCanvasElement>('[data-testid="marks"]');
        return marks?.height === Math.round((section?.clientHeight ?? 0) * devicePixelRatio);
      }, testid('viewport-stack'));
      const k = Number(await page.getAttribute(testid('viewport-stack'), 'data-frame-index'));
      // One voxel each, two apart.
      for (let n = 0; n <= round % 3; n++, place++) {
        const [i, j] = [2 * (place % 22) + 1, 2 * (Math.floor(place / 22) % 22) + 1];
        const { x, y } = await pointOf(page, 'stack', nx, ny, [i, j]);
        await page.mouse.click(x, y);
        expected.add(i + nx * (j + ny * k));
        finished += 1;
      }
      const from = await pointOf(page, 'stack', nx, ny, [46, 46]);
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      // Every second time at once: the last stroke may still be on its way.
      if (round % 2 === 0) await page.mouse.move(from.x - 40, from.y - 10, { steps: 2 });
      await page.close();
      for (let tries = 0; ; tries++) {
        const found = await stored();
        const missing = [...expected].filter((at) => !found.includes(at));
        const extra = found.filter((at) => !expected.has(at));
        assert.deepEqual(extra, [], `round ${round}: the stroke that was not finished is not there`);
        if (missing.length === 0) break;
        // A request that outlives its window is given its moment.
        assert.ok(tries < 40, `round ${round}: ${missing.length} of ${expected.size} finished strokes are missing`);
        await keeper.waitForTimeout(50);
      }
    }
    return { closed: times, finished };
  } finally {
    await app.close();
    study.remove();
  }
};
