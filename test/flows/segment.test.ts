/** Labels are edited in the window: what is drawn is where it was drawn, kept, taken back and done again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { MEDIA_BASE } from '../../preload/contract/shell.ts';
import { type App, noBrowser, startApp } from './app.ts';
import { type CtPhantom, type PhantomStudy, phantomStudy, pointOf, ready } from './phantom-study.ts';

const LINE = 'ct 96x96x40 nodule 24mm left upper';
const testid = (id: string): string => `[data-testid="${id}"]`;

describe('labels are edited', () => {
  let app: App | null = null;
  let study: PhantomStudy | null = null;
  let made: CtPhantom;
  /** The reader's copy of the phantom's labels. */
  let copy = '';

  before(async () => {
    if (noBrowser() !== null) return;
    study = await phantomStudy(LINE);
    made = study.made;
    app = await startApp({ storeFolder: study.storeFolder });
    await app.page.goto(`${new URL(app.page.url()).origin}/?painter=canvas`);
    await open(app.page);
  });
  after(async () => {
    await app?.close();
    study?.remove();
  });

  const open = async (page: Page): Promise<void> => {
    await page.click(testid('study-row'));
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid^="viewport-"][data-state="ready"]');
    // The layout that it was left in is remembered.
    await page.keyboard.press('Alt+1');
    await ready(page, 'stack');
    await page.waitForSelector(`${testid('viewport-stack')}[data-complete="true"]`);
  };
  const flow = (name: string, run: (app: App, page: Page) => Promise<void>): void => {
    test(name, async (t) => {
      const missing = noBrowser();
      if (missing !== null) return t.skip(missing);
      assert.ok(app);
      await run(app, app.page);
      assert.deepEqual(app.errors, []);
    });
  };
  const saved = (page: Page) => page.waitForSelector(`${testid('segment-bar')}[data-saving="saved"]`);
  /** As it is stored, not as it is drawn. */
  const stored = async (page: Page, id: string): Promise<Uint8Array> => {
    const text = await page.evaluate(async (address) => {
      const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
      let all = '';
      for (let at = 0; at < bytes.length; at += 32_768) all += String.fromCharCode(...bytes.subarray(at, at + 32_768));
      return btoa(all);
    }, `${MEDIA_BASE}labelmap/${id}`);
    return Buffer.from(text, 'base64');
  };
  const frameIndex = async (page: Page, view = 'stack'): Promise<number> =>
    Number(await page.getAttribute(testid(`viewport-${view}`), 'data-frame-index'));
  /** Voxels [i, j, k] whose label is this. */
  const voxelsOf = (bytes: Uint8Array, value: number): string[] => {
    const [nx, ny] = made.image.dims;
    const found: string[] = [];
    for (const [at, label] of bytes.entries())
      if (label === value) found.push(`${at % nx} ${Math.floor(at / nx) % ny} ${Math.floor(at / (nx * ny))}`);
    return found;
  };
  const spacing = (): [number, number, number] => {
    const m = made.image.affineVoxelToPatient;
    return [Math.hypot(m[0], m[4], m[8]), Math.hypot(m[1], m[5], m[9]), Math.hypot(m[2], m[6], m[10])];
  };
  /** Voxels whose middle is within so many millimetres of a voxel's middle. */
  const ballAround = (at: readonly number[], radius: number, flat: 0 | 1 | 2 | null): string[] => {
    const mm = spacing();
    const found: string[] = [];
    for (let k = 0; k < made.image.dims[2]; k++)
      for (let j = 0; j < made.image.dims[1]; j++)
        for (let i = 0; i < made.image.dims[0]; i++) {
          const off = [i, j, k].map((v, n) => (v - (at[n] ?? 0)) * (mm[n] ?? 1));
          if (flat !== null && off[flat] !== 0) continue;
          if (Math.hypot(...off) <= radius) found.push(`${i} ${j} ${k}`);
        }
    return found;
  };
  const radius = async (page: Page): Promise<number> =>
    Number(/radius ([\d.]+)/.exec((await page.getAttribute(testid('segment-pointer'), 'aria-label')) ?? '')?.[1]);

  flow('a copy is edited; the marks that it was made from stay as they are', async (current, page) => {
    const before = await stored(page, 'truth');
    await page.click(`${testid('marks-overlay')}[data-overlay="truth"] ${testid('segment-edit')}`);
    await page.waitForSelector(testid('segment-bar'));
    copy = (await page.locator(`${testid('marks-overlay')}.edited`).getAttribute('data-overlay')) ?? '';
    assert.ok(copy !== '' && copy !== 'truth');
    assert.deepEqual(await stored(page, copy), before);
    await page.keyboard.press('Shift+N');
    const name = await page.locator(testid('segment-active')).innerText();
    const value = Number(/\d+/.exec(name)?.[0]);
    assert.ok(value > 0, name);
    const [nx, ny] = made.image.dims;
    const k = await frameIndex(page);
    const at = await pointOf(page, 'stack', nx, ny, [30, 40]);
    await page.mouse.click(at.x, at.y);
    await saved(page);
    const disc = voxelsOf(await stored(page, copy), value);
    assert.deepEqual(disc.sort(), ballAround([30, 40, k], await radius(page), 2).sort());
    assert.deepEqual(await stored(page, 'truth'), before);
    await current.picture('segment-brush');
  });

  flow('a stroke is taken back and done again, by keys, to the first edit', async (_, page) => {
    const [nx, ny] = made.image.dims;
    const first = await stored(page, copy);
    const from = await pointOf(page, 'stack', nx, ny, [20, 60]);
    const to = await pointOf(page, 'stack', nx, ny, [70, 62]);
    await page.keyboard.press('-');
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move((from.x + to.x) / 2, from.y + 30, { steps: 5 });
    await page.mouse.move(to.x, to.y, { steps: 5 });
    await page.mouse.up();
    await saved(page);
    const second = await stored(page, copy);
    assert.notDeepEqual(second, first);
    await page.keyboard.press('Control+z');
    await saved(page);
    assert.deepEqual(await stored(page, copy), first);
    await page.keyboard.press('Control+Shift+Z');
    await saved(page);
    assert.deepEqual(await stored(page, copy), second);
    for (let n = 0; n < 3; n++) await page.keyboard.press('Control+z');
    await saved(page);
    assert.equal(await page.isDisabled(testid('segment-undo')), true);
    assert.deepEqual(await stored(page, copy), await stored(page, 'truth'));
    for (let n = 0; n < 3; n++) await page.keyboard.press('Control+y');
    await saved(page);
    assert.deepEqual(await stored(page, copy), second);
  });

  flow('the eraser takes its own segment only; a locked one is not drawn over', async (_, page) => {
    const [nx, ny] = made.image.dims;
    const before = await stored(page, copy);
    const mine = 1;
    await page.click(`${testid('label-row')}[data-overlay="${copy}"][data-label="${mine}"] .name`);
    await page.keyboard.press('e');
    await page.waitForSelector(`${testid('segment-pointer')}[data-tool="eraser"]`);
    const at = await pointOf(page, 'stack', nx, ny, [30, 40]);
    await page.mouse.click(at.x, at.y);
    await saved(page);
    const erased = await stored(page, copy);
    const changed = [...erased.keys()].filter((n) => erased[n] !== before[n]);
    assert.ok(changed.length > 0 && changed.every((n) => before[n] === mine && erased[n] === 0));
    // Lock it, and draw another over it.
    await page.click(testid('segment-lock'));
    await page.keyboard.press('b');
    await page.mouse.click(at.x, at.y);
    await page.waitForSelector(`${testid('notices')}:has-text("is locked")`);
    await page.keyboard.press('Alt+PageUp');
    const path = await pointOf(page, 'stack', nx, ny, [45, 61]);
    await page.mouse.move(path.x - 60, path.y - 40);
    await page.mouse.down();
    await page.mouse.move(path.x + 60, path.y + 60, { steps: 8 });
    await page.mouse.up();
    await saved(page);
    const over = await stored(page, copy);
    assert.deepEqual(voxelsOf(over, mine), voxelsOf(erased, mine), 'the locked segment is as it was');
    assert.notDeepEqual(over, erased);
  });

  flow('by keys alone: the brush is moved, drawn with, and its place is said', async (_, page) => {
    const before = await stored(page, copy);
    const value = Number(
      await page
        .locator(`${testid('label-row')}.active`)
        .first()
        .getAttribute('data-label'),
    );
    await page.mouse.move(2, 2);
    await page.locator(testid('viewport-stack')).focus();
    for (let n = 0; n < 8; n++) await page.keyboard.press('+');
    for (let n = 0; n < 3; n++) await page.keyboard.press('Control+Shift+ArrowUp');
    for (let n = 0; n < 3; n++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await saved(page);
    const after = await stored(page, copy);
    const had = new Set(voxelsOf(before, value));
    const mine = voxelsOf(after, value).filter((voxel) => !had.has(voxel));
    const k = await frameIndex(page);
    const [nx, ny] = made.image.dims;
    // The brush begins in the middle of the image, between voxels: its disc is around that point.
    const middle = [nx / 2 + 3 - 0.5, ny / 2 - 30 - 0.5, k];
    const locked = new Set(voxelsOf(before, 1));
    const disc = ballAround(middle, await radius(page), 2).filter((voxel) => !had.has(voxel) && !locked.has(voxel));
    assert.ok(disc.length > 3);
    assert.deepEqual(mine.sort(), disc.sort());
  });

  flow(
    'in planes, a disc lies in its plane and a ball across all; edits are seen in every view',
    async (current, page) => {
      await page.keyboard.press('Alt+2');
      for (const view of ['axial', 'sagittal', 'coronal']) await ready(page, view);
      await page.keyboard.press('Shift+N');
      const name = await page.locator(testid('segment-active')).innerText();
      const value = Number(/\d+/.exec(name)?.[0]);
      const box = await page.locator(testid('viewport-sagittal')).boundingBox();
      assert.ok(box);
      await page.keyboard.press('b');
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await saved(page);
      const i = await frameIndex(page, 'sagittal');
      const flat = voxelsOf(await stored(page, copy), value);
      assert.ok(
        flat.length > 3 && flat.every((voxel) => voxel.startsWith(`${i} `)),
        `one voxel thick, across plane ${i}: ${flat.slice(0, 20)}`,
      );
      const slices = new Set(flat.map((voxel) => voxel.split(' ')[2]));
      assert.ok(slices.size > 1, 'over several slices');
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Shift+B');
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await saved(page);
      const ball = voxelsOf(await stored(page, copy), value);
      const mm = spacing();
      const r = await radius(page);
      const volume = ball.length * mm[0] * mm[1] * mm[2];
      assert.ok(Math.abs(volume / ((4 / 3) * Math.PI * r ** 3) - 1) < 0.35, `${volume} mm³ of a ball of ${r} mm`);
      await current.picture('segment-planes');
      await page.setViewportSize({ width: 1920, height: 1080 });
      await current.picture('segment-planes-1920');
      await page.setViewportSize({ width: 1440, height: 900 });
    },
  );

  flow('every label lies on its voxels, in its colour, as opaque in stack and planes', async (_, page) => {
    await page.keyboard.press('Alt+1');
    await ready(page, 'stack');
    await page.mouse.move(2, 2);
    // Lines lie over the outermost voxels: without them each voxel is its fill.
    await page.getByRole('switch', { name: 'Outline' }).click({ force: true });
    const labels = await stored(page, copy);
    const colors = new Map<number, string>();
    for (const row of await page.locator(`${testid('label-row')}[data-overlay="${copy}"]`).all()) {
      const swatch = await row
        .locator('.row > span')
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
      colors.set(
        Number(await row.getAttribute('data-label')),
        (/\d+, \d+, \d+/.exec(swatch)?.[0] ?? '').replaceAll(', ', ' '),
      );
    }
    const dims = made.image.dims;
    /** What the marks over a view have at the middle of each of its pixels: colour and opacity. */
    const drawn = (view: string, columns: number, rows: number): Promise<string[]> =>
      page.evaluate(
        ({ view, columns, rows }) => {
          const canvas = document.querySelector<HTMLCanvasElement>(
            `[data-testid="viewport-${view}"] [data-testid="marks"]`,
          );
          const context = canvas?.getContext('2d');
          if (!canvas || !context) return [];
          const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
          const section = document.querySelector(`[data-testid="viewport-${view}"]`);
          const [mmX, mmY] = (section?.getAttribute('data-pixel-mm') ?? '1 1').split(' ').map(Number) as [
            number,
            number,
          ];
          const scale = Math.min(canvas.width / (columns * mmX), canvas.height / (rows * mmY));
          return Array.from({ length: columns * rows }, (_, at) => {
            const x = canvas.width / 2 + ((at % columns) + 0.5 - columns / 2) * mmX * scale;
            const y = canvas.height / 2 + (Math.floor(at / columns) + 0.5 - rows / 2) * mmY * scale;
            const n = 4 * (Math.floor(x) + Math.floor(y) * canvas.width);
            return data[n + 3] === 0 ? '' : `${data[n]} ${data[n + 1]} ${data[n + 2]} / ${data[n + 3]}`;
          });
        },
        { view, columns, rows },
      );
    const opacities = new Set<string>();
    const seen = new Set<number>();
    const compare = (found: readonly string[], expected: readonly number[], where: string): void => {
      assert.equal(found.length, expected.length, where);
      for (const [at, label] of expected.entries()) {
        const [color = '', opacity] = (found[at] ?? '').split(' / ');
        if (label === 0) {
          assert.equal(found[at], '', `${where}: nothing at ${at}`);
          continue;
        }
        seen.add(label);
        if (opacity !== undefined) opacities.add(opacity);
        // A canvas keeps colours multiplied by their opacity: a few levels are lost.
        const wanted = (colors.get(label) ?? '').split(' ').map(Number);
        const near = color.split(' ').every((part, n) => Math.abs(Number(part) - (wanted[n] ?? 0)) <= 3);
        assert.ok(near && color !== '', `${where}: label ${label} at ${at} is ${found[at]}, and its colour ${wanted}`);
      }
    };
    const labelAt = (i: number, j: number, k: number): number => labels[i + dims[0] * (j + dims[1] * k)] ?? 0;
    for (const step of ['', 'PageDown', 'PageUp', 'PageUp']) {
      if (step !== '') await page.keyboard.press(step);
      await page.waitForTimeout(200);
      const k = await frameIndex(page);
      const expected = Array.from({ length: dims[0] * dims[1] }, (_, at) =>
        labelAt(at % dims[0], Math.floor(at / dims[0]), k),
      );
      compare(await drawn('stack', dims[0], dims[1]), expected, `stack ${k}`);
    }
    await page.keyboard.press('Alt+2');
    for (const view of ['axial', 'sagittal', 'coronal']) await ready(page, view);
    await page.waitForTimeout(300);
    const m = made.image.affineVoxelToPatient;
    // The phantom lies straight: rows to the left, columns to the back, slices to the head or the feet.
    const up = m[10] > 0;
    const height = (row: number): number => (up ? dims[2] - 1 - row : row);
    const mm = spacing();
    const inPlane = async (
      view: string,
      columns: number,
      rows: number,
      size: readonly [number, number],
      at: (x: number, y: number) => number,
    ) => {
      await page
        .locator(testid(`viewport-${view}`))
        .evaluate((element, words) => element.setAttribute('data-pixel-mm', words), size.join(' '));
      const expected = Array.from({ length: columns * rows }, (_, n) => at(n % columns, Math.floor(n / columns)));
      compare(await drawn(view, columns, rows), expected, view);
    };
    const [i, j] = [await frameIndex(page, 'sagittal'), await frameIndex(page, 'coronal')];
    await inPlane('coronal', dims[0], dims[2], [mm[0], mm[2]], (x, y) => labelAt(x, j, height(y)));
    await inPlane('sagittal', dims[1], dims[2], [mm[1], mm[2]], (x, y) => labelAt(i, x, height(y)));
    assert.deepEqual([...opacities], ['64'], 'a quarter, in stack and planes');
    assert.ok(seen.has(1) && seen.size >= 8, `labels seen: ${[...seen]}`);
    await page.getByRole('switch', { name: 'Outline' }).click({ force: true });
  });

  flow('the threshold brush marks only what lies in its range; seeds grow to where greys change', async (_, page) => {
    const [nx, ny] = made.image.dims;
    await page.keyboard.press('Alt+1');
    await ready(page, 'stack');
    await page.keyboard.press('Shift+N');
    const inner = Number(/\d+/.exec(await page.locator(testid('segment-active')).innerText())?.[0]);
    await page.keyboard.press('Shift+T');
    await page.fill('[aria-label="Lowest value"]', '-200');
    await page.fill('[aria-label="Highest value"]', '3000');
    await page.locator(testid('viewport-stack')).focus();
    for (let n = 0; n < 12; n++) await page.keyboard.press('+');
    const k = await frameIndex(page);
    const before = await stored(page, copy);
    const { x, y } = await pointOf(page, 'stack', nx, ny, [14, 50]);
    await page.mouse.click(x, y);
    await saved(page);
    const after = await stored(page, copy);
    const marked = voxelsOf(after, inner);
    const hu = (voxel: string): number => {
      const [i = 0, j = 0, z = 0] = voxel.split(' ').map(Number);
      return made.image.data[i + nx * (j + ny * z)] ?? Number.NaN;
    };
    const locked = new Set(voxelsOf(before, 1));
    const disc = ballAround([14, 50, k], await radius(page), 2).filter((voxel) => !locked.has(voxel));
    assert.deepEqual(marked.sort(), disc.filter((voxel) => hu(voxel) >= -200 && hu(voxel) <= 3000).sort());
    assert.ok(marked.length > 4 && marked.length < disc.length);
    await page.keyboard.press('Control+z');
    // A new segmentation: a dab in the body's wall and one in the air outside, which both grow in three slices.
    await page.click(testid('segment-done'));
    await page.click(testid('segmentation-new'));
    await page.waitForSelector(testid('segment-bar'));
    const id = (await page.locator(`${testid('marks-overlay')}.edited`).getAttribute('data-overlay')) ?? '';
    const dab = async (at: readonly [number, number]): Promise<void> => {
      const place = await pointOf(page, 'stack', nx, ny, at);
      await page.mouse.click(place.x, place.y);
    };
    await page.keyboard.press('b');
    for (let n = 0; n < 30; n++) await page.keyboard.press('-');
    const heart: readonly [number, number] = [50, 45];
    await dab(heart);
    for (const step of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(step);
    await dab(heart);
    await page.keyboard.press('Shift+N');
    await dab([2, 2]);
    await dab([93, 93]);
    await saved(page);
    await page.keyboard.press('Shift+O');
    await page.click(testid('segment-seeds'));
    await page.waitForFunction(
      (selector) => /Grow from seeds/.test(document.querySelector(selector)?.getAttribute('aria-label') ?? ''),
      testid('segment-undo'),
    );
    await saved(page);
    const grown = await stored(page, id);
    const outside = voxelsOf(grown, 2);
    const inside = voxelsOf(grown, 1);
    assert.ok(outside.length > 3000 && inside.length > 200, `${outside.length} ${inside.length}`);
    // The lungs are reached through the heart's side: what is certain is the air outside, and that soft tissue is the heart's.
    const air = outside.filter((voxel) => hu(voxel) < -900).length / outside.length;
    const isSoft = (voxel: string): boolean => hu(voxel) > -100 && hu(voxel) < 100;
    const [ours, theirs] = [inside.filter(isSoft).length, outside.filter(isSoft).length];
    const soft = ours / (ours + theirs);
    assert.ok(air > 0.7 && soft > 0.9, `${air} of the air's is air, ${soft} of soft tissue is the heart's`);
    await page.keyboard.press('Shift+O');
    await page.click(testid('segment-done'));
    await page.click(`${testid('marks-overlay')}[data-overlay="${copy}"] ${testid('segment-edit')}`);
    await page.waitForSelector(testid('segment-bar'));
  });

  flow('fill, scissors and the operations on a whole segment do what they say', async (current, page) => {
    const [nx, ny, nz] = made.image.dims;
    await page.keyboard.press('Alt+1');
    await ready(page, 'stack');
    await page.keyboard.press('Shift+N');
    const value = Number(/\d+/.exec(await page.locator(testid('segment-active')).innerText())?.[0]);
    const mine = async (): Promise<Set<string>> => {
      await saved(page);
      return new Set(voxelsOf(await stored(page, copy), value));
    };
    const k = await frameIndex(page);
    // Outside the body there is nothing: a ring there, filled, is a disc.
    const drag = async (points: readonly (readonly [number, number])[]): Promise<void> => {
      for (const [n, at] of points.entries()) {
        const { x, y } = await pointOf(page, 'stack', nx, ny, at);
        await page.mouse.move(x, y, { steps: n === 0 ? 1 : 6 });
        if (n === 0) await page.mouse.down();
      }
      await page.mouse.up();
    };
    await page.keyboard.press('b');
    for (let n = 0; n < 14; n++) await page.keyboard.press('-');
    const square = [
      [6, 6],
      [16, 6],
      [16, 16],
      [6, 16],
      [6, 6],
    ] as const;
    await drag(square);
    const ring = await mine();
    await page.keyboard.press('f');
    const middle = await pointOf(page, 'stack', nx, ny, [11, 11]);
    await page.mouse.click(middle.x, middle.y);
    const filled = await mine();
    for (let j = 6; j <= 16; j++) for (let i = 6; i <= 16; i++) assert.ok(filled.has(`${i} ${j} ${k}`), `${i} ${j}`);
    assert.ok(filled.size > ring.size && filled.size < 200);
    // Scissors: the right half goes.
    await page.keyboard.press('Shift+X');
    await drag([
      [11.5, 2],
      [22, 2],
      [22, 22],
      [11.5, 22],
    ]);
    const half = await mine();
    assert.deepEqual([...half].sort(), [...filled].filter((voxel) => Number(voxel.split(' ')[0]) < 12).sort());
    // By keys: a corner each Enter, Shift and Enter cuts; Escape leaves an outline.
    await page.locator(testid('viewport-stack')).focus();
    await page.mouse.move(2, 2);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    assert.deepEqual(await mine(), half);
    await page.keyboard.press('Control+z');
    assert.deepEqual(await mine(), filled);
    // Operations.
    await page.keyboard.press('Shift+O');
    await page.waitForSelector(testid('segment-operations-bar'));
    await current.picture('segment-operations');
    const done = async (button: string): Promise<Set<string>> => {
      const before = await page.getAttribute(testid('segment-undo'), 'aria-label');
      await page.click(testid(button));
      await page.waitForFunction(
        ([selector, was]) => document.querySelector(selector ?? '')?.getAttribute('aria-label') !== was,
        [testid('segment-undo'), before] as const,
      );
      await page.waitForSelector(testid('segment-busy'), { state: 'detached' });
      return mine();
    };
    await page.fill('[aria-label="Margin in millimetres"]', '9');
    await page.keyboard.press('Tab');
    const grown = await done('segment-grow');
    const mm = spacing();
    const expected = new Set<string>();
    for (const voxel of filled) {
      const [i = 0, j = 0, z = 0] = voxel.split(' ').map(Number);
      const reach = [0, 1, 2].map((axis) => Math.ceil(9 / (mm[axis] ?? 1))) as [number, number, number];
      for (let c = -reach[2]; c <= reach[2]; c++)
        for (let b = -reach[1]; b <= reach[1]; b++)
          for (let a = -reach[0]; a <= reach[0]; a++)
            if (Math.hypot(a * mm[0], b * mm[1], c * mm[2]) <= 9 * (1 + 1e-7)) {
              const at = [i + a, j + b, z + c] as const;
              if (at.every((v, axis) => v >= 0 && v < ([nx, ny, nz][axis] ?? 0))) expected.add(at.join(' '));
            }
    }
    assert.deepEqual([...grown].sort(), [...expected].sort());
    const shrunk = await done('segment-shrink');
    assert.ok([...filled].every((voxel) => shrunk.has(voxel)) && shrunk.size < grown.size);
    // Two dabs three slices apart; between them comes what was not drawn; islands apart from the largest go.
    const two = async (): Promise<void> => {
      await page.keyboard.press('b');
      const { x, y } = await pointOf(page, 'stack', nx, ny, [80, 10]);
      await page.mouse.click(x, y);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.mouse.click(x, y);
      await saved(page);
    };
    await two();
    const apart = await mine();
    const between = await done('segment-between');
    const columns = new Set([...apart].filter((voxel) => voxel.startsWith('80 10 ')));
    assert.equal(columns.size, 2);
    assert.equal([...between].filter((voxel) => voxel.startsWith('80 10 ')).length, 4);
    const largest = await done('segment-keep-largest');
    assert.ok(![...largest].some((voxel) => voxel.startsWith('80 10 ')));
    assert.ok([...filled].every((voxel) => largest.has(voxel)));
    // The nodule of the phantom's own marks into this segment.
    await page.selectOption(testid('segment-copy-source'), { label: 'lung-nodule (Truth)' });
    const copied = await done('segment-copy');
    const truth = await stored(page, 'truth');
    const row = page.locator(`${testid('label-row')}[data-overlay="truth"]`, { hasText: 'lung-nodule' });
    const label = Number(await row.getAttribute('data-label'));
    for (const voxel of voxelsOf(truth, label)) assert.ok(copied.has(voxel), voxel);
    await page.keyboard.press('Shift+O');
  });

  flow('what is drawn at once when the image has become larger lies where it was drawn', async (_, page) => {
    const [nx, ny] = made.image.dims;
    await page.keyboard.press('Shift+O');
    await page.waitForSelector(testid('segment-operations-bar'));
    await page.keyboard.press('Shift+N');
    const value = Number(/\d+/.exec(await page.locator(testid('segment-active')).innerText())?.[0]);
    await page.keyboard.press('b');
    for (let n = 0; n < 30; n++) await page.keyboard.press('-');
    await saved(page);
    const at: readonly [number, number] = [4, 90];
    const k = await frameIndex(page);
    // In one task, before the next frame is made.
    const grew = await page.evaluate(
      async ({ at, nx, ny }) => {
        const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
        const viewport = find('viewport-stack');
        const before = viewport?.clientHeight ?? 0;
        find('segment-operations')?.click();
        for (let n = 0; n < 20; n++) await Promise.resolve();
        const box = viewport?.getBoundingClientRect() ?? new DOMRect();
        const scale = Math.min(box.width / nx, box.height / ny);
        const clientX = box.x + box.width / 2 + (at[0] + 0.5 - nx / 2) * scale;
        const clientY = box.y + box.height / 2 + (at[1] + 0.5 - ny / 2) * scale;
        const init = { clientX, clientY, pointerId: 1, button: 0, bubbles: true, cancelable: true };
        for (const kind of ['pointerdown', 'pointerup'])
          find('segment-pointer')?.dispatchEvent(new PointerEvent(kind, init));
        return box.height - before;
      },
      { at, nx, ny },
    );
    assert.ok(grew > 20, `the image is larger by ${grew} pixels`);
    await saved(page);
    assert.deepEqual(voxelsOf(await stored(page, copy), value), [`${at[0]} ${at[1]} ${k}`]);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await saved(page);
  });

  flow(
    'a window closed in the middle of a stroke loses nothing that was finished, and the way back is still there',
    async (_, page) => {
      const [nx, ny] = made.image.dims;
      await page.keyboard.press('Alt+1');
      await ready(page, 'stack');
      await page.keyboard.press('b');
      const at = await pointOf(page, 'stack', nx, ny, [50, 20]);
      const k = await frameIndex(page);
      await page.mouse.click(at.x, at.y);
      const names = await page.locator(testid('segment-undo')).getAttribute('aria-label');
      assert.match(names ?? '', /Undo Brush/);
      const live = await page.locator(`${testid('label-row')}.active .volume`).innerText();
      // No waiting for the answer: the stroke is finished, the next one is not.
      await page.mouse.move(at.x + 50, at.y);
      await page.mouse.down();
      await page.mouse.move(at.x + 90, at.y + 20, { steps: 3 });
      page.once('dialog', (dialog) => void dialog.accept());
      await page.reload();
      await open(page);
      const row = page.locator(`${testid('marks-overlay')}[data-overlay="${copy}"]`);
      await row.locator(testid('segment-edit')).click();
      await page.waitForSelector(testid('segment-bar'));
      const value = Number(await page.locator(`${testid('label-row')}.active`).getAttribute('data-label'));
      assert.ok(value > 0);
      assert.match(live, /mL/);
      const kept = await stored(page, copy);
      const index = (i: number, j: number): number => i + nx * (j + ny * k);
      const truth = await stored(page, 'truth');
      const changed = [...kept].flatMap((label, n) => (label === truth[n] ? [] : [n]));
      assert.ok(
        kept[index(50, 20)] !== 0,
        `the finished stroke (${names}, ${live}) is there at ${index(50, 20)}; changed are ${changed.length}, from ${changed[0]} on`,
      );
      assert.equal(await page.isDisabled(testid('segment-undo')), false);
      for (let n = 0; n < 30 && !(await page.isDisabled(testid('segment-undo'))); n++) {
        await page.keyboard.press('Control+z');
        await saved(page);
        await page.waitForTimeout(30);
      }
      assert.deepEqual(await stored(page, copy), await stored(page, 'truth'));
    },
  );
});
