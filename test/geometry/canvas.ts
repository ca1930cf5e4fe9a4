/** The hand and the eye on one view: points of its canvas, and the places that the viewer says they have. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Vec3 } from '../../models/kit/geometry.ts';

type Point = readonly [number, number];

/** Page coordinates of a point of the view, given by parts of its width and height. */
export const pointIn = async (page: Page, view: string, across: number, down: number): Promise<Point> => {
  const box = await page.locator(view).boundingBox();
  assert.ok(box);
  return [box.x + across * box.width, box.y + down * box.height];
};

/** Patient mm under the pointer there. */
export const placeAt = async (page: Page, view: string, [x, y]: Point): Promise<Vec3> => {
  await page.mouse.move(x, y);
  const words = (await page.locator(`${view} [data-testid="probe"]`).getAttribute('data-mm')) ?? '';
  const [a, b, c] = words.split(',').map(Number);
  assert.ok(a !== undefined && b !== undefined && c !== undefined, `a place at ${x}, ${y}: "${words}"`);
  return [a, b, c];
};

export const dragged = async (page: Page, from: Point, to: Point): Promise<void> => {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  await page.mouse.move(...to);
  await page.mouse.up();
};

export const apart = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
