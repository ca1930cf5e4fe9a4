import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decode } from 'fast-png';
import type { Page } from 'playwright-core';
import { type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import type { OverlayLabel } from '../../preload/contract/index.ts';
import {
  extentOf,
  fromSide,
  OPENING,
  SIDES,
  type Side,
  sightOf,
  toScreen,
} from '../../renderer/viewer/view/scene-camera.ts';
import { type App, noBrowser, startApp } from './app.ts';
import { type PhantomStudy, phantomStudy, ready, truthOverlay } from './phantom-study.ts';

const SCENE = '[data-testid="viewport-3d"]';

interface Picture {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): readonly [number, number, number];
}

/** The 3D view as it is on the screen. */
const pictureOf = async (page: Page): Promise<Picture> => {
  // The crosshair's mark has a colour too.
  await page.getByTestId('scene-cross').evaluate((element) => element.setAttribute('visibility', 'hidden'));
  const png = decode(await page.locator(SCENE).screenshot());
  await page.getByTestId('scene-cross').evaluate((element) => element.removeAttribute('visibility'));
  const { width, height, channels, data } = png;
  return {
    width,
    height,
    at: (x, y) => {
      const n = channels * (Math.round(x) + width * Math.round(y));
      return [data[n] ?? 0, data[n + 1] ?? 0, data[n + 2] ?? 0];
    },
  };
};

/** Middle of the pixels that are of this colour, whatever light falls on them; null where there are none. */
const middleOf = (
  picture: Picture,
  isIt: (color: readonly [number, number, number]) => boolean,
): { x: number; y: number; count: number } | null => {
  let [x, y, count] = [0, 0, 0];
  // The corner has the cube, the top the menus.
  for (let v = 34; v < picture.height - 70; v++)
    for (let u = 20; u < picture.width - 30; u++)
      if (isIt(picture.at(u, v))) [x, y, count] = [x + u + 0.5, y + v + 0.5, count + 1];
  return count === 0 ? null : { x: x / count, y: y / count, count };
};

const settled = async (page: Page): Promise<void> => {
  await page.waitForTimeout(150);
  await page.waitForSelector(`${SCENE}[data-state="ready"][data-fine="true"]`);
};
const choose = async (page: Page, preset: string): Promise<void> => {
  for (let n = 0; n < 8 && (await page.getAttribute(SCENE, 'data-volume')) !== preset; n++) {
    await page.keyboard.press('Alt+g');
    await page.waitForTimeout(100);
    await page.waitForSelector(`${SCENE}[data-state="ready"]`);
  }
  assert.equal(await page.getAttribute(SCENE, 'data-volume'), preset);
  await settled(page);
};

/** Of a tilted gantry lines of sight from front and back are no lines of voxels. */
for (const { line, tilted } of [
  { line: 'ct 96x96x60 nodule 24mm left upper', tilted: false },
  { line: 'ct 72x72x40 tilt 14 nodule 30mm left upper', tilted: true },
])
  describe(`3D: ${line}`, () => {
    let app: App | null = null;
    let study: PhantomStudy;

    before(async () => {
      if (noBrowser() !== null) return;
      study = await phantomStudy(line);
      app = await startApp({ storeFolder: study.storeFolder });
      await open(app.page);
    });
    after(async () => {
      await app?.close();
      study?.remove();
    });

    const open = async (page: Page): Promise<void> => {
      await page.locator('[data-testid="study-row"]').first().dblclick();
      await page.waitForSelector('[data-testid^="viewport-"][data-complete="true"]');
      await page.keyboard.press('Alt+2');
      await ready(page, 'axial');
      await page.waitForSelector(`${SCENE}[data-state="ready"]`);
    };
    const flow = (name: string, run: (page: Page, current: App) => Promise<void>, ofTilted = false): void => {
      if (tilted && !ofTilted) return;
      test(name, async (t) => {
        const missing = noBrowser();
        if (missing !== null) return t.skip(missing);
        assert.ok(app);
        await run(app.page, app);
        assert.deepEqual(app.errors, []);
      });
    };

    let known: { label: OverlayLabel; middle: Vec3 } | null = null;
    const truth = (): { label: OverlayLabel; middle: Vec3 } => {
      if (known !== null) return known;
      const { overlay } = truthOverlay(study.made, study.seriesId);
      assert.ok(overlay.kind === 'labelmap');
      const label = overlay.labels.find((one) => /nodule/i.test(one.name));
      assert.ok(label);
      known = { label, middle: meanOf(label.value) };
      return known;
    };
    /** Mean of the label's voxels. */
    const meanOf = (value: number): Vec3 => {
      const [nx, ny] = study.made.labels.dims;
      let [i, j, k, count] = [0, 0, 0, 0];
      for (const [n, label] of study.made.labels.data.entries())
        if (label === value)
          [i, j, k, count] = [i + (n % nx), j + (Math.floor(n / nx) % ny), k + Math.floor(n / (nx * ny)), count + 1];
      return [i / count, j / count, k / count];
    };
    /** Middle of what is seen along k of the label's voxels that are kept. */
    const outlineOf = (value: number, isKept: (k: number) => boolean): Vec3 => {
      const [nx, ny, nz] = study.made.labels.dims;
      let [x, y, count] = [0, 0, 0];
      for (let j = 0; j < ny; j++)
        for (let i = 0; i < nx; i++)
          for (let k = 0; k < nz; k++)
            if (isKept(k) && labelAt([i, j, k]) === value) {
              [x, y, count] = [x + i, y + j, count + 1];
              break;
            }
      return [x / count, y / count, 0];
    };
    const nodule = (): OverlayLabel => truth().label;
    const middle = (): Vec3 => truth().middle;
    const labelAt = (v: Vec3): number => {
      const [nx, ny] = study.made.labels.dims;
      return study.made.labels.data[v[0] + nx * (v[1] + ny * v[2])] ?? 0;
    };
    /** Where a voxel's middle lies in the view from a side, and half a voxel there, pixels. */
    const projected = async (page: Page, side: Side, voxel: Vec3) => {
      const box = await page.locator(SCENE).boundingBox();
      assert.ok(box);
      const { affineVoxelToPatient: affine, dims } = study.made.image;
      const sight = sightOf(fromSide(side, OPENING), extentOf(affine, dims), box.width, box.height);
      const [x, y] = toScreen(sight, voxelToPatient(affine, voxel));
      const largest = Math.max(
        ...[0, 1, 2].map((n) => Math.hypot(affine[n] ?? 0, affine[n + 4] ?? 0, affine[n + 8] ?? 0)),
      );
      return { x, y, pageX: box.x + x, pageY: box.y + y, half: largest / 2 / sight.mmPerPixel };
    };
    const look = async (page: Page, side: Side): Promise<void> => {
      await page.keyboard.press(`Alt+Shift+${side}`);
      await settled(page);
    };
    const cursor = async (page: Page): Promise<Vec3> => {
      const index = async (view: string): Promise<number> =>
        Number(await page.getAttribute(`[data-testid="viewport-${view}"]`, 'data-frame-index'));
      return [await index('sagittal'), await index('coronal'), await index('axial')];
    };
    /** The label's colour, in any light. */
    const isNodule = (seen: readonly [number, number, number]): boolean => {
      const { color } = nodule();
      const size = Math.hypot(...seen);
      const along = seen[0] * color[0] + seen[1] * color[1] + seen[2] * color[2];
      return size > 60 && along / (size * Math.hypot(...color)) > 0.97;
    };

    flow('every preset is drawn, and says that it is not for measuring', async (page, current) => {
      await page.keyboard.press('o');
      for (const preset of ['bone', 'lung', 'vessel', 'skin', 'mip']) {
        await choose(page, preset);
        assert.match(
          await page.locator('[data-testid="scene-title"]').innerText(),
          /volume rendering, not for measuring/,
        );
        const drawn = middleOf(await pictureOf(page), ([r, g, b]) => r + g + b > 60);
        assert.ok(drawn && drawn.count > 2000, `${preset}: ${drawn?.count} pixels`);
        await current.picture(`scene-${preset}`);
      }
      const grey = middleOf(
        await pictureOf(page),
        ([r, g, b]) => r > 120 && Math.abs(r - g) < 4 && Math.abs(g - b) < 12,
      );
      assert.ok(grey && grey.count > 300, 'a projection is grey');
      await page.keyboard.press('Alt+g');
      await page.waitForSelector(`${SCENE}[data-volume=""]`);
      await page.keyboard.press('o');
    });

    flow(
      'a label lies where its voxels are, from all six sides; a click on it goes there',
      async (page, current) => {
        await page.locator(`[data-testid="label-row"][data-label="${nodule().value}"] [aria-label^="More of"]`).click();
        await page.getByRole('button', { name: new RegExp(`^Only ${nodule().name}`) }).click();
        await page.waitForSelector(`${SCENE}[data-surfaces="1"]`);
        const center = middle();
        for (const side of SIDES) {
          await look(page, side);
          const found = middleOf(await pictureOf(page), isNodule);
          const at = await projected(page, side, center);
          assert.ok(found, `${side}: nothing is seen`);
          const away = Math.hypot(found.x - at.x, found.y - at.y);
          assert.ok(away <= at.half, `${side}: ${away.toFixed(2)} pixels away, half a voxel is ${at.half.toFixed(2)}`);
          // Planes of a tilted volume are turned: their numbers are no voxels'.
          if (tilted) continue;
          await page.mouse.click(at.pageX, at.pageY);
          const [i, j, k] = await cursor(page);
          // The near side of it: on the label or the voxel before it, on the line of sight.
          const near = [-1, 0, 1].some((d) =>
            [-1, 0, 1].some((e) => [-1, 0, 1].some((f) => labelAt([i + d, j + e, k + f]) === nodule().value)),
          );
          assert.ok(near, `${side}: ${[i, j, k]} is not at the label`);
          const toward = { A: [1, -1], P: [1, 1], L: [0, 1], R: [0, -1], H: [2, 1], F: [2, -1] }[side] as [
            0 | 1 | 2,
            1 | -1,
          ];
          const m = study.made.image.affineVoxelToPatient;
          const patientAxisSign = Math.sign(m[toward[0] * 4 + toward[0]] ?? 1);
          const offset = ([i, j, k][toward[0]] ?? 0) - center[toward[0]];
          assert.ok(offset * toward[1] * patientAxisSign > 0, `${side}: the near side of it`);
        }
        await current.picture(`scene-label${tilted ? '-tilted' : ''}`);
      },
      true,
    );

    flow(
      'a cut by the plane takes away one side, closes the label, and a click on it lies in the plane',
      async (page, current) => {
        const center = middle().map(Math.round) as unknown as Vec3;
        await look(page, 'F');
        const at = await projected(page, 'F', center);
        // From the feet the near half is cut away at the plane through the middle.
        await page.keyboard.press('Alt+Shift+A');
        await settled(page);
        const front = await projected(page, 'A', center);
        await page.mouse.click(front.pageX, front.pageY);
        assert.equal((await cursor(page))[2], center[2]);
        await page.getByTestId('scene-cuts').click();
        await page.getByRole('menuitemradio', { name: 'Cut at the axial plane, head side kept' }).click();
        await look(page, 'F');
        await current.picture('scene-cut');
        const found = middleOf(await pictureOf(page), isNodule);
        const up = study.made.image.affineVoxelToPatient[10] > 0;
        const left = await projected(
          page,
          'F',
          outlineOf(nodule().value, (k) => (up ? k >= center[2] : k <= center[2])),
        );
        const away = found === null ? Number.NaN : Math.hypot(found.x - left.x, found.y - left.y);
        assert.ok(away <= left.half, `${away} pixels away, half a voxel is ${left.half}`);
        await page.mouse.click(at.pageX, at.pageY);
        assert.deepEqual((await cursor(page))[2], center[2], 'the face of the cut is in the plane');
        // From the front only the upper half is left.
        await look(page, 'A');
        const half = middleOf(await pictureOf(page), isNodule);
        assert.ok(half && half.y < front.y - 1, `${half?.y} above ${front.y}`);
        await page.getByTestId('scene-reset').click();
        await settled(page);
      },
    );

    flow('the box cuts from each side, and a click finds what it leaves', async (page, current) => {
      const { bounds } = nodule();
      assert.ok(bounds);
      await page.keyboard.press('o');
      await page.getByTestId('scene-panel-toggle').click();
      await choose(page, 'skin');
      const { affineVoxelToPatient: affine, dims } = study.made.image;
      const { lowest, highest } = extentOf(affine, dims);
      const corners = [
        voxelToPatient(affine, [bounds[0] - 1.5, bounds[1] - 1.5, bounds[2] - 1.5]),
        voxelToPatient(affine, [bounds[3] + 0.5, bounds[4] + 0.5, bounds[5] + 0.5]),
      ] as const;
      const part = (axis: 0 | 1 | 2, end: 0 | 1): number => {
        const at =
          end === 0 ? Math.min(corners[0][axis], corners[1][axis]) : Math.max(corners[0][axis], corners[1][axis]);
        const from = (at - lowest[axis]) / (highest[axis] - lowest[axis]);
        return Math.floor((end === 0 ? from : 1 - from) * 100) / 100;
      };
      const sides = { R: part(0, 0), L: part(0, 1), A: part(1, 0), P: part(1, 1), F: part(2, 0), H: part(2, 1) };
      // The nodule is less than skin: its opacity is shifted to where it is more than the lung about it.
      await page
        .getByTestId('scene-panel')
        .getByLabel(/^Shift /)
        .fill('-276');
      assert.match(await page.getByTestId('scene-ramp').innerText(), /Opacity from -796 to -76 HU/);
      for (const [letter, value] of Object.entries(sides))
        await page
          .getByTestId('scene-panel')
          .getByLabel(new RegExp(`^${letter} `))
          .fill(String(value));
      await settled(page);
      await current.picture('scene-box');
      await page.getByTestId('scene-panel-toggle').click();
      for (const side of SIDES) {
        await look(page, side);
        const ends = await Promise.all(
          [bounds.slice(0, 3), bounds.slice(3)].map((corner) => projected(page, side, corner as unknown as Vec3)),
        );
        const margin = 4 * (ends[0]?.half ?? 0);
        const [xs, ys] = [ends.map(({ x }) => x), ends.map(({ y }) => y)];
        const picture = await pictureOf(page);
        const isSkin = ([r, g, b]: readonly [number, number, number]): boolean =>
          r > 60 && r > g && g > b && r - b > 12;
        const found = middleOf(picture, isSkin);
        assert.ok(found, `${side}: nothing is seen`);
        const outside = middleOf(
          {
            ...picture,
            at: (x, y) =>
              x > Math.min(...xs) - margin &&
              x < Math.max(...xs) + margin &&
              y > Math.min(...ys) - margin &&
              y < Math.max(...ys) + margin
                ? [0, 0, 0]
                : picture.at(x, y),
          },
          isSkin,
        );
        assert.equal(outside, null, `${side}: nothing is left outside the box`);
        const at = await projected(page, side, middle());
        await page.mouse.click(at.pageX, at.pageY);
        const [i, j, k] = await cursor(page);
        assert.ok(
          i >= bounds[0] - 2 &&
            i <= bounds[3] + 1 &&
            j >= bounds[1] - 2 &&
            j <= bounds[4] + 1 &&
            k >= bounds[2] - 2 &&
            k <= bounds[5] + 1,
          `${side}: ${[i, j, k]}`,
        );
      }
      await page.getByTestId('scene-reset').click();
      await page.keyboard.press('o');
    });

    flow(
      'the projection from each side is that of the voxels, where they are',
      async (page) => {
        await page.keyboard.press('o');
        await choose(page, 'mip');
        const { dims, data } = study.made.image;
        const [nx, ny] = dims;
        const along = { A: 1, P: 1, L: 0, R: 0, H: 2, F: 2 } as const;
        /** Highest HU of the voxels in line with this one. */
        const highest = (v: Vec3, axis: 0 | 1 | 2): number => {
          let most = Number.NEGATIVE_INFINITY;
          for (let n = 0; n < dims[axis]; n++) {
            const at = [v[0], v[1], v[2]] as [number, number, number];
            at[axis] = n;
            most = Math.max(most, data[at[0] + nx * (at[1] + ny * at[2])] ?? 0);
          }
          return most;
        };
        for (const side of SIDES) {
          if (tilted && along[side] === 1) continue;
          await look(page, side);
          const picture = await pictureOf(page);
          const axis = along[side];
          const [u, v] = ([0, 1, 2] as const).filter((n) => n !== axis) as [0 | 1 | 2, 0 | 1 | 2];
          const origin = await projected(page, side, [0, 0, 0]);
          const step = async (n: 0 | 1 | 2): Promise<readonly [number, number]> => {
            const one = [0, 0, 0] as [number, number, number];
            one[n] = 1;
            const at = await projected(page, side, one);
            return [at.x - origin.x, at.y - origin.y];
          };
          const [du, dv] = [await step(u), await step(v)];
          const difference = (offU: number, offV: number): number => {
            const differences: number[] = [];
            for (let p = 4; p < dims[u] - 4; p += 2)
              for (let q = 4; q < dims[v] - 4; q += 2) {
                const x = origin.x + (p + offU) * du[0] + (q + offV) * dv[0];
                const y = origin.y + (p + offU) * du[1] + (q + offV) * dv[1];
                if (x < 20 || x > picture.width - 30 || y < 34 || y > picture.height - 70) continue;
                const voxel = [0, 0, 0] as [number, number, number];
                [voxel[u], voxel[v]] = [p, q];
                const grey = Math.min(1, Math.max(0, (highest(voxel, axis) + 50) / 1150));
                differences.push(Math.abs((picture.at(Math.floor(x), Math.floor(y))[0] - 5) / 250 - grey) * 255);
              }
            assert.ok(differences.length > 300, `${differences.length}`);
            return differences.reduce((sum, one) => sum + one, 0) / differences.length;
          };
          const here = difference(0, 0);
          const beside = Math.min(difference(1, 0), difference(-1, 0), difference(0, 1), difference(0, -1));
          // The view reads between voxels, this takes the nearest: from the front 12.1 greys off, 17.5 one voxel beside.
          assert.ok(
            here < 14 && here < beside * 0.75,
            `${side}: ${here.toFixed(1)} greys off, ${beside.toFixed(1)} one voxel beside`,
          );
        }
        await page.keyboard.press('o');
      },
      true,
    );

    flow('by keys alone: it is turned, looked at from a side, and the crosshair moved', async (page) => {
      await page.locator(SCENE).focus();
      const before = await page.getAttribute(SCENE, 'data-back');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('+');
      assert.notEqual(await page.getAttribute(SCENE, 'data-back'), before);
      await page.keyboard.press('Alt+Shift+F');
      assert.equal(await page.getAttribute(SCENE, 'data-back'), '0.000 0.000 -1.000');
      await choose(page, 'skin');
      const then = await cursor(page);
      await page.locator(SCENE).focus();
      await page.keyboard.press('Enter');
      assert.notDeepEqual(await cursor(page), then);
    });

    flow('what was chosen is there again when the study is opened again', async (page) => {
      await page.waitForTimeout(1500);
      await page.keyboard.press('Control+l');
      await page.waitForSelector('[data-testid="study-row"]');
      await page.reload();
      await open(page);
      await page.waitForSelector(`${SCENE}[data-volume="skin"]`);
      assert.equal(await page.getAttribute(SCENE, 'data-back'), '0.000 0.000 -1.000');
    });

    const apart = (name: string, prepare: () => void, run: (page: Page) => Promise<void>): void =>
      flow(name, async (page) => {
        const other = await page.context().newPage();
        other.setDefaultTimeout(30_000);
        const errors: string[] = [];
        other.on('pageerror', (error) => errors.push(String(error.stack ?? error)));
        try {
          await other.addInitScript(prepare);
          await other.goto(new URL(page.url()).origin);
          await open(other);
          await run(other);
          assert.deepEqual(errors, []);
        } finally {
          await other.close();
        }
      });
    apart(
      'a volume larger than a texture is reduced, and says so on the view',
      () => {
        const original = WebGL2RenderingContext.prototype.getParameter;
        WebGL2RenderingContext.prototype.getParameter = function (name: number): unknown {
          return name === this.MAX_3D_TEXTURE_SIZE ? 64 : original.call(this, name);
        };
      },
      async (page) => {
        await choose(page, 'bone');
        assert.match(await page.locator('[data-testid="scene-title"]').innerText(), /reduced 2x2x1/);
        const drawn = middleOf(await pictureOf(page), ([r, g, b]) => r + g + b > 60);
        assert.ok(drawn && drawn.count > 1000);
      },
    );
    apart(
      'too little memory for the volume: it is reduced until it fits; where it never fits, in words',
      () => {
        let full = false;
        Object.assign(window, { mostTexels: 96 * 96 * 30 });
        const prototype = WebGL2RenderingContext.prototype;
        const make = prototype.texStorage3D;
        prototype.texStorage3D = function (target, levels, format, width, height, depth): void {
          if (width * height * depth > (window as unknown as { mostTexels: number }).mostTexels) full = true;
          else make.call(this, target, levels, format, width, height, depth);
        };
        const error = prototype.getError;
        prototype.getError = function (): number {
          const answer = full ? this.OUT_OF_MEMORY : error.call(this);
          full = false;
          return answer;
        };
      },
      async (page) => {
        await choose(page, 'bone');
        assert.match(await page.locator('[data-testid="scene-title"]').innerText(), /reduced \d/);
        const drawn = middleOf(await pictureOf(page), ([r, g, b]) => r + g + b > 60);
        assert.ok(drawn && drawn.count > 1000);
        while ((await page.getAttribute(SCENE, 'data-volume')) !== '') {
          await page.keyboard.press('Alt+g');
          await page.waitForTimeout(150);
        }
        await page.evaluate(() => Object.assign(window, { mostTexels: 0 }));
        await page.keyboard.press('Alt+g');
        await page.waitForSelector('[data-testid="scene-words"]');
        await page.waitForFunction(() =>
          /too little memory for this volume/.test(
            document.querySelector('[data-testid="scene-words"]')?.textContent ?? '',
          ),
        );
      },
    );
  });
