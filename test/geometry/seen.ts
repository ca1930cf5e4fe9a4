/** What is painted in a view, found by going through all its images and asking the viewer where the pointer is. */
import type { Page } from 'playwright-core';
import type { Vec3 } from '../../models/kit/geometry.ts';

/** Places of bright balls in a view, patient mm: the means of what is bright, weighted by it, image by image. */
export const ballsSeen = (page: Page, view: string): Promise<Vec3[]> =>
  page.evaluate(async (view) => {
    const section = document.querySelector<HTMLElement>(`[data-testid="viewport-${view}"]`);
    if (section === null) throw new Error(`no view ${view}`);
    // What a view shows follows in the same turn; only the full picture of a turned plane takes longer.
    const turn = () => new Promise((done) => setTimeout(done, 0));
    const until = async (what: string, is: () => boolean): Promise<void> => {
      const end = performance.now() + 20_000;
      while (!is()) {
        if (performance.now() > end) throw new Error(`${view}: waited in vain for ${what}`);
        await turn();
      }
    };
    const box = section.getBoundingClientRect();
    const number = (): number => Number(section.dataset.imageNumber);
    const count = Number(section.dataset.frameCount);
    const wheel = (by: number) =>
      section.dispatchEvent(new WheelEvent('wheel', { deltaY: by * 100, bubbles: true, cancelable: true }));
    const go = async (to: number): Promise<void> => {
      if (to !== number()) wheel(to - number());
      await until(
        `image ${to} of ${count}`,
        () => number() === to && section.dataset.grain === '1' && section.dataset.state === 'ready',
      );
      await turn();
    };
    const hover = (x: number, y: number) =>
      section.dispatchEvent(new PointerEvent('pointermove', { clientX: box.x + x, clientY: box.y + y, bubbles: true }));
    const placeOf = async (x: number, y: number): Promise<[number, number, number]> => {
      hover(x, y);
      await turn();
      const words = section.querySelector<HTMLElement>('[data-testid="probe"]')?.dataset.mm ?? '';
      const mm = words.split(',').map(Number);
      if (mm.length !== 3 || mm.some((part) => !Number.isFinite(part)))
        throw new Error(`${view}: no place at ${x}, ${y}: "${words}"`);
      return [mm[0] ?? 0, mm[1] ?? 0, mm[2] ?? 0];
    };
    interface Blob {
      weight: number;
      x: number;
      y: number;
    }
    /** Bright pixels that touch, or nearly: one ball each. */
    const blobsOf = (): Blob[] => {
      const canvas = section.querySelector<HTMLCanvasElement>('.stage canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) throw new Error('the view is not painted on a canvas');
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Uint8Array(width * height);
      const blobs: Blob[] = [];
      const LEAST = 20;
      for (let start = 0; start < seen.length; start++) {
        if (seen[start] === 1 || (data[start * 4] ?? 0) < LEAST) continue;
        const blob: Blob = { weight: 0, x: 0, y: 0 };
        const open = [start];
        seen[start] = 1;
        for (let at = open.pop(); at !== undefined; at = open.pop()) {
          const [x, y] = [at % width, Math.floor(at / width)];
          const weight = data[at * 4] ?? 0;
          blob.weight += weight;
          blob.x += weight * (x + 0.5);
          blob.y += weight * (y + 0.5);
          for (const [dx, dy] of [
            [1, 0],
            [-1, 0],
            [0, 1],
            [0, -1],
          ] as const) {
            const next = at + dx + dy * width;
            if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height || seen[next] === 1) continue;
            if ((data[next * 4] ?? 0) < LEAST) continue;
            seen[next] = 1;
            open.push(next);
          }
        }
        const ratio = canvas.width / box.width;
        blobs.push({ weight: blob.weight, x: blob.x / blob.weight / ratio, y: blob.y / blob.weight / ratio });
      }
      return blobs;
    };
    const balls: { weight: number; sum: [number, number, number] }[] = [];
    for (let n = 1; n <= count; n++) {
      await go(n);
      for (const blob of blobsOf()) {
        const mm = await placeOf(blob.x, blob.y);
        const near = balls.find(
          ({ weight, sum }) => Math.hypot(...mm.map((part, axis) => part - (sum[axis] ?? 0) / weight)) < 12,
        );
        const ball = near ?? { weight: 0, sum: [0, 0, 0] as [number, number, number] };
        if (near === undefined) balls.push(ball);
        ball.weight += blob.weight;
        for (const axis of [0, 1, 2] as const) ball.sum[axis] += blob.weight * mm[axis];
      }
    }
    section.dispatchEvent(new PointerEvent('pointerleave'));
    return balls.map(({ weight, sum }) => [sum[0] / weight, sum[1] / weight, sum[2] / weight] as const);
  }, view);

export const lettersSeen = async (page: Page, view: string) => {
  const read = (side: string) => page.locator(`[data-testid="viewport-${view}"] .letter.${side}`).innerText();
  const [left, right, top, bottom] = [await read('l'), await read('r'), await read('t'), await read('b')];
  return { left, right, top, bottom };
};
