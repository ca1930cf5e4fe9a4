/** Balls in the 3D view: where each colour is on the screen, and which place of the patient the viewer says lies there. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Vec3 } from '../../models/kit/geometry.ts';
import { placeAt } from './canvas.ts';

type Color = readonly [number, number, number];

const SCENE = '[data-testid="viewport-3d"]';

/** Middles of what has each colour, page coordinates. */
const middles = async (page: Page, colors: readonly Color[]): Promise<(readonly [number, number])[]> => {
  const box = await page.locator(SCENE).boundingBox();
  assert.ok(box);
  const png = `data:image/png;base64,${(await page.screenshot({ clip: box })).toString('base64')}`;
  const found = await page.evaluate(
    async ({ png, colors }) => {
      const image = new Image();
      image.src = png;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const data = context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
      const { width, height } = image;
      return colors.map((color) => {
        // Lit or in shade, what has a part in the colour has more of it than what has none.
        const is = (at: number): boolean => {
          const most = Math.max(data[at * 4] ?? 0, data[at * 4 + 1] ?? 0, data[at * 4 + 2] ?? 0);
          return most > 50 && color.every((part, n) => (data[at * 4 + n] ?? 0) > most * 0.6 === part > 0);
        };
        // Letters may have the colour too: the largest patch is the ball.
        const seen = new Uint8Array(width * height);
        let best: readonly [number, number, number] = [0, 0, 0];
        for (let start = 0; start < seen.length; start++) {
          if (seen[start] === 1 || !is(start)) continue;
          let [count, x, y] = [0, 0, 0];
          const open = [start];
          seen[start] = 1;
          for (let at = open.pop(); at !== undefined; at = open.pop()) {
            count++;
            x += at % width;
            y += Math.floor(at / width);
            for (const next of [at - 1, at + 1, at - width, at + width]) {
              if (next < 0 || next >= seen.length || seen[next] === 1 || !is(next)) continue;
              seen[next] = 1;
              open.push(next);
            }
          }
          if (count > best[2]) best = [x / count + 0.5, y / count + 0.5, count];
        }
        return best;
      });
    },
    { png, colors },
  );
  return found.map(([x, y, count]) => {
    assert.ok(count > 40, `${count} pixels of a ball`);
    return [box.x + x, box.y + y] as const;
  });
};

/** Where the crosshair is, as a plane says it. */
const crosshair = async (page: Page): Promise<Vec3> => {
  const axial = '[data-testid="viewport-axial"]';
  const box = await page.locator(axial).boundingBox();
  const center = (await page.locator(`${axial} [data-testid="crosshair"]`).getAttribute('data-center')) ?? '';
  const [x, y] = center.split(',').map(Number);
  assert.ok(box && x !== undefined && y !== undefined);
  return placeAt(page, axial, [box.x + x, box.y + y]);
};

/**
 * The places of the balls: each is clicked from the front and from the left, and the crosshair goes to its surface there,
 * beside its middle only along the line of sight. The planes must be turned, so that it goes between the voxels.
 */
export const ballsInScene = async (page: Page, colors: readonly Color[]): Promise<Vec3[]> => {
  const from = async (key: string, back: string): Promise<Vec3[]> => {
    await page.locator(SCENE).focus();
    await page.keyboard.press(key);
    await page.waitForSelector(`${SCENE}[data-state="ready"][data-fine="true"][data-back="${back}"]`);
    // The camera is painted a turn after the next frame: on a busy machine that may be long.
    await page.evaluate(async () => {
      for (let round = 0; round < 3; round++) {
        await new Promise((done) => requestAnimationFrame(done));
        await new Promise((done) => setTimeout(done, 30));
      }
    });
    const places: Vec3[] = [];
    for (const [x, y] of await middles(page, colors)) {
      await page.mouse.click(x, y);
      places.push(await crosshair(page));
    }
    return places;
  };
  const front = await from('Alt+Shift+A', '0.000 -1.000 0.000');
  const left = await from('Alt+Shift+L', '1.000 0.000 0.000');
  return front.map((place, n) => [place[0], left[n]?.[1] ?? Number.NaN, (place[2] + (left[n]?.[2] ?? Number.NaN)) / 2]);
};
