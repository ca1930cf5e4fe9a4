import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type App, noBrowser, startApp } from './app.ts';
import { type PhantomStudy, phantomStudy, ready } from './phantom-study.ts';

/** Graphics that fail, in every way that they do: never a black rectangle without a word. */

/** In the page, before its own scripts: every WebGL context that is made is kept, so that a test can break it. */
const keepContexts = (): void => {
  const made: WebGL2RenderingContext[] = [];
  const original = HTMLCanvasElement.prototype.getContext;
  const kept = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]): unknown {
    const context = Reflect.apply(original, this, [kind, ...rest]) as unknown;
    if (kind === 'webgl2' && context instanceof WebGL2RenderingContext && !made.includes(context)) made.push(context);
    return context;
  };
  HTMLCanvasElement.prototype.getContext = kept as typeof original;
  Object.assign(window, {
    loseContexts: () => {
      for (const context of made.splice(0))
        if (!context.isContextLost()) context.getExtension('WEBGL_lose_context')?.loseContext();
    },
  });
};
const loseContexts = (page: Page): Promise<void> =>
  page.evaluate(() => (window as unknown as { loseContexts(): void }).loseContexts());

/** Mean grey of what the viewport shows, marks and text hidden: black is 0. */
const meanGrey = async (page: Page, view: string): Promise<number> => {
  const clip = await page.locator(`[data-testid="viewport-${view}"]`).boundingBox();
  assert.ok(clip);
  const middle = {
    x: clip.x + clip.width * 0.3,
    y: clip.y + clip.height * 0.3,
    width: clip.width * 0.4,
    height: clip.height * 0.4,
  };
  const png = (await page.screenshot({ clip: middle })).toString('base64');
  return page.evaluate(async (encoded) => {
    const image = new Image();
    image.src = `data:image/png;base64,${encoded}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    const data = context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
    let sum = 0;
    for (let n = 0; n < data.length; n += 4) sum += data[n] ?? 0;
    return (sum * 4) / data.length;
  }, png);
};

describe('graphics that fail', () => {
  let app: App | null = null;
  let study: PhantomStudy | null = null;

  before(async () => {
    if (noBrowser() !== null) return;
    study = await phantomStudy('ct 96x96x60 nodule 24mm left upper');
    app = await startApp({ storeFolder: study.storeFolder });
  });
  after(async () => {
    await app?.close();
    study?.remove();
  });

  /** A window of its own for each way to fail; opens the study. */
  const flow = (
    name: string,
    ways: { painter?: string; prepare?: (page: Page) => Promise<unknown>; expected?: RegExp },
    run: (page: Page, picture: (name: string) => Promise<void>) => Promise<void>,
  ): void => {
    test(name, async (t) => {
      const missing = noBrowser();
      if (missing !== null) return t.skip(missing);
      assert.ok(app);
      const page = await app.page.context().newPage();
      page.setDefaultTimeout(20_000);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      try {
        await page.addInitScript(keepContexts);
        await ways.prepare?.(page);
        await page.goto(`${new URL(app.page.url()).origin}/?painter=${ways.painter ?? 'webgl'}`);
        await page.locator('[data-testid="study-row"]').first().dblclick();
        // It opens as the flow before has left it.
        await page.waitForSelector('[data-testid^="viewport-"][data-state="ready"]');
        await page.keyboard.press('Alt+1');
        await ready(page, 'stack');
        await run(page, async (file) => {
          await page.screenshot({ path: new URL(`../output/pictures/${file}.png`, import.meta.url).pathname });
        });
        assert.deepEqual(
          errors.filter((error) => ways.expected?.test(error) !== true),
          [],
        );
      } finally {
        await page.close();
      }
    });
  };
  const drawnBy = (page: Page, view: string, painter: 'canvas' | 'webgl') =>
    page.waitForSelector(`[data-testid="viewport-${view}"][data-painter="${painter}"]`);
  const remark = '[data-testid="graphics-remark"]';

  flow(
    'a lost context: slices go on by the processor, in words; it comes back by itself once, then by hand',
    {},
    async (page, picture) => {
      await drawnBy(page, 'stack', 'webgl');
      await page.keyboard.press('2');
      await page.waitForTimeout(500);
      const before = await meanGrey(page, 'stack');
      assert.ok(before > 20, `${before}`);
      await loseContexts(page);
      await drawnBy(page, 'stack', 'canvas');
      assert.match(await page.locator(remark).innerText(), /context was lost/);
      assert.match(await page.locator('[data-testid="viewport-stack"]').innerText(), /Drawn by the processor/);
      const during = await meanGrey(page, 'stack');
      assert.ok(Math.abs(during - before) < 3, `${before} before, ${during} after`);
      // By itself, once.
      await drawnBy(page, 'stack', 'webgl');
      await page.waitForSelector(remark, { state: 'detached' });
      await page.waitForTimeout(500);
      const restored = await meanGrey(page, 'stack');
      assert.ok(Math.abs(restored - before) < 3, `${before} before, ${restored} restored`);
      // Again within a minute: the reader decides.
      await loseContexts(page);
      await drawnBy(page, 'stack', 'canvas');
      await page.waitForTimeout(3000);
      await drawnBy(page, 'stack', 'canvas');
      await picture('graphics-lost');
      await page.locator(`${remark} button`).click();
      await drawnBy(page, 'stack', 'webgl');
      await page.keyboard.press('PageDown');
      await page.waitForTimeout(500);
      assert.ok((await meanGrey(page, 'stack')) > 20);
    },
  );

  flow(
    'a lost context in planes and 3D: planes go on, the 3D view says so and comes back',
    {},
    async (page, picture) => {
      await page.keyboard.press('Alt+2');
      for (const view of ['axial', 'sagittal', 'coronal']) await drawnBy(page, view, 'webgl');
      const scene = page.locator('[data-testid="viewport-3d"]');
      await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"]');
      const surfaces = await scene.getAttribute('data-surfaces');
      assert.ok(Number(surfaces) > 0);
      // The volume too: it is made again with the rest.
      await page.keyboard.press('Alt+g');
      await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"][data-volume="bone"]');
      await page.waitForTimeout(1000);
      const before = await meanGrey(page, '3d');
      assert.ok(before > 10, `${before}`);
      await loseContexts(page);
      for (const view of ['axial', 'sagittal', 'coronal']) await drawnBy(page, view, 'canvas');
      assert.match(await page.locator('[data-testid="scene-words"]').innerText(), /graphics context was lost/);
      await picture('graphics-lost-planes');
      for (const view of ['axial', 'sagittal', 'coronal']) assert.ok((await meanGrey(page, view)) > 5, view);
      for (const view of ['axial', 'sagittal', 'coronal']) await drawnBy(page, view, 'webgl');
      await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"][data-volume="bone"]');
      await page.waitForTimeout(1000);
      assert.equal(await scene.getAttribute('data-surfaces'), surfaces);
      const restored = await meanGrey(page, '3d');
      assert.ok(Math.abs(restored - before) < 3, `${before} before, ${restored} restored`);
    },
  );

  flow(
    'slices by the processor are not concerned by a context that the 3D view loses',
    { painter: 'canvas' },
    async (page) => {
      await page.keyboard.press('Alt+2');
      await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"]');
      await loseContexts(page);
      assert.match(await page.locator('[data-testid="scene-words"]').innerText(), /graphics context was lost/);
      await page.waitForSelector('[data-testid="viewport-3d"][data-state="ready"]');
      assert.doesNotMatch(await page.locator('[data-testid="viewport-axial"]').innerText(), /processor/);
    },
  );

  const CHUNK = /\/assets\/cornerstone-[\w-]+\.js$/;
  let refused = 0;
  flow(
    'the part that draws is asked for again where it does not come',
    {
      prepare: (page) => {
        refused = 0;
        return page.route(CHUNK, (route) => (refused++ < 2 ? route.abort() : route.continue()));
      },
      expected: /ERR_FAILED|Failed to load resource/,
    },
    async (page) => {
      await drawnBy(page, 'stack', 'webgl');
      assert.equal(refused, 3);
    },
  );

  let replaced = true;
  flow(
    'where it never comes, the processor draws, the reader is told, and can try again',
    {
      prepare: (page) => {
        replaced = true;
        return page.route(CHUNK, (route) => (replaced ? route.fulfill({ status: 404 }) : route.continue()));
      },
      expected: /404/,
    },
    async (page) => {
      assert.match(await page.locator(remark).innerText(), /could not be loaded/);
      await drawnBy(page, 'stack', 'canvas');
      replaced = false;
      await page.locator(`${remark} button`).click();
      await drawnBy(page, 'stack', 'webgl');
      await page.waitForSelector(remark, { state: 'detached' });
    },
  );

  flow(
    'an image larger than the hardware takes is drawn by the processor, and says so',
    {
      prepare: (page) =>
        page.addInitScript(() => {
          const original = WebGL2RenderingContext.prototype.getParameter;
          WebGL2RenderingContext.prototype.getParameter = function (name: number): unknown {
            return name === this.MAX_TEXTURE_SIZE ? 64 : original.call(this, name);
          };
        }),
    },
    async (page) => {
      await page.waitForFunction(() =>
        document.querySelector('[data-testid="viewport-stack"]')?.textContent?.includes('takes 64 pixels a side'),
      );
      await drawnBy(page, 'stack', 'canvas');
      await page.keyboard.press('2');
      assert.ok((await meanGrey(page, 'stack')) > 20);
    },
  );

  flow(
    'too little memory of the graphics hardware is said, and the processor draws',
    {
      prepare: (page) =>
        page.addInitScript(() => {
          let full = false;
          const prototype = WebGL2RenderingContext.prototype;
          for (const name of ['texStorage2D', 'texImage2D'] as const) {
            const make = prototype[name] as (...given: unknown[]) => void;
            prototype[name] = function (this: WebGL2RenderingContext, ...given: unknown[]): void {
              // The phantom's slices; the buffers of the screen are larger.
              if (given[3] === 96 && given[4] === 96) full = true;
              make.apply(this, given);
            };
          }
          prototype.getError = function (): number {
            const answer = full ? this.OUT_OF_MEMORY : this.NO_ERROR;
            full = false;
            return answer;
          };
        }),
    },
    async (page) => {
      assert.match(await page.locator(remark).innerText(), /too little memory/);
      await drawnBy(page, 'stack', 'canvas');
      await page.keyboard.press('2');
      assert.ok((await meanGrey(page, 'stack')) > 20);
    },
  );

  flow(
    'too little memory for a series: it becomes a stack loaded around the image shown, and says so',
    {
      prepare: (page) =>
        page.addInitScript(() => {
          const bytesOfFrame = 96 * 96 * 2;
          let given = 0;
          window.ArrayBuffer = new Proxy(window.ArrayBuffer, {
            construct: (target, values, made) => {
              if (values[0] === bytesOfFrame && ++given === 20) throw new RangeError('Array buffer allocation failed');
              return Reflect.construct(target, values, made) as object;
            },
          });
        }),
    },
    async (page) => {
      const words = page.locator('[role="toolbar"] .why');
      assert.match(await words.innerText(), /memory does not hold the series/);
      assert.equal(await page.locator('[data-testid="layout-planes"]').isDisabled(), true);
      for (const key of ['Home', 'End']) {
        await page.keyboard.press(key);
        await ready(page, 'stack');
      }
      assert.equal(await page.locator('[data-testid="viewer-trouble"]').count(), 0);
    },
  );

  flow(
    'without WebGL slices and planes are drawn, and the 3D view says why it is off',
    { painter: 'none' },
    async (page, picture) => {
      await page.keyboard.press('Alt+2');
      for (const view of ['axial', 'sagittal', 'coronal']) await drawnBy(page, view, 'canvas');
      assert.match(await page.locator('[data-testid="scene-words"]').innerText(), /no WebGL/);
      await picture('graphics-none');
      for (const view of ['axial', 'sagittal', 'coronal']) assert.ok((await meanGrey(page, view)) > 5, view);
    },
  );
});
