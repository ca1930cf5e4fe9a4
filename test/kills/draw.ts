/** What the process that is killed draws: strokes on segmentations, steps back and on, files written anew meanwhile. */
import assert from 'node:assert/strict';
import type { Segmentations, Studies } from '../../main/domains.ts';
import { createSegmentations } from '../../main/segmentations/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import { aSeries, aStudy, type World } from '../../main/test-world.ts';
import { encodeDifference } from '../../models/kit/labels/difference.ts';
import { Fault, type SegmentAct, type Segmentation } from '../../preload/contract/index.ts';

const SIDE = 64;
const SIZE = SIDE * SIDE;
const IMAGES = 20;
const STROKES = 400;
const context = { signal: new AbortController().signal };

/** The segmentations of a store, on a series of 20 images of 64 by 64. */
const openSegmentations = (world: World): Segmentations => {
  const { studies } = world;
  const series = aSeries('drawn-series', 'drawn', { frameCount: IMAGES });
  studies.put(aStudy('drawn'), [series]);
  const settings = createSettings(world.base);
  const served = {
    ...studies,
    seriesOf: () => series,
    overlay: () => null,
    overlayBytes: () => Promise.reject(new Fault('not-found', 'There are no such marks.')),
    moreOverlays: () => {},
  } as unknown as Studies;
  return createSegmentations(world.base, served, settings);
};
export const segmentationOf = (n: number): string => `drawn${Math.floor(n / STROKES)}`;

/** Stroke n: no two of a segmentation share a voxel. */
const strokeOf = (n: number): { k: number; from: number; to: number; value: number } => {
  const m = n % STROKES;
  const from = Math.floor(m / IMAGES) * 3 * SIDE + (m % 7);
  return { k: m % IMAGES, from, to: from + 1 + (m % 50), value: 1 + (m % 3) };
};
const draw = (labels: Uint8Array, n: number): Uint8Array => {
  const { k, from, to, value } = strokeOf(n);
  return labels.fill(value, k * SIZE + from, k * SIZE + to);
};
const SEGMENTS = [1, 2, 3].map((value) => {
  return { value, name: `Segment ${value}`, code: null, color: [value, 0, 0] as [number, number, number] };
});

const labelsOf = async (domain: Segmentations, id: string): Promise<Uint8Array> => {
  const answer = await domain.media(new Request(`http://media/labelmap/${id}`), ['labelmap', id]);
  assert.ok(answer, `${id} is there`);
  return new Uint8Array(await answer.arrayBuffer());
};

const send = async (domain: Segmentations, id: string, act: SegmentAct, difference: Uint8Array): Promise<void> => {
  const parts = [Buffer.from(JSON.stringify(act)), Buffer.from(difference)].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    return [length, part];
  });
  const request = new Request(`http://media/segmentation/${id}/acts`, { method: 'PUT', body: Buffer.concat(parts) });
  const answer = await domain.media(request, ['segmentation', id, 'acts']);
  assert.equal(answer?.status, 200);
};

/**
 * A stroke an act; the ninth of ten takes the eighth's back, the tenth does it again. What was begun before the kill is
 * sent again under the same id, as the window does.
 */
export const drawing = (world: World): ((n: number) => Promise<void>) => {
  const domain = openSegmentations(world);
  const { segmentations } = domain.handlers;
  return async (n) => {
    const id = segmentationOf(n);
    await segmentations.create({ id, seriesId: 'drawn-series', title: id }, context);
    const { current, history } = (await segmentations.get({ segmentationId: id }, context)) as Segmentation;
    if (n % 10 >= 8) {
      const at = history.findIndex((edit) => edit.id === `e${n - (n % 10) + 7}`);
      const [before, stroke] = [history[at - 1]?.id ?? null, history[at]?.id ?? null];
      const [from, to] = n % 10 === 8 ? [stroke, before] : [before, stroke];
      return send(domain, id, { kind: 'move', id: `m${n}`, from, to }, new Uint8Array());
    }
    const labels = await labelsOf(domain, id);
    const { k } = strokeOf(n);
    const sliceOf = (all: Uint8Array): Uint8Array => all.slice(k * SIZE, (k + 1) * SIZE);
    const difference = encodeDifference([{ k, before: sliceOf(labels), after: sliceOf(draw(labels.slice(), n)) }]);
    const segments = n % STROKES === 0 ? SEGMENTS : null;
    if (n % 13 === 0) void domain.settle(id).catch(() => {});
    const act: SegmentAct = { kind: 'edit', id: `e${n}`, parent: current, title: 'Brush', segments };
    await send(domain, id, act, difference ?? new Uint8Array());
  };
};

/**
 * Every stroke that was finished is there, whole, unless it was taken back, and no other voxel is marked. The one that was
 * under way when the kill came may be there, whole too.
 */
export const checkStrokes = async (world: World, finished: ReadonlySet<number>, tried: number): Promise<void> => {
  const domain = openSegmentations(world);
  for (const id of new Set([segmentationOf(Math.max(0, tried - 1)), segmentationOf(tried)])) {
    if (!world.base.store.read.get('SELECT 1 FROM segmentation WHERE id = ?', id)) continue;
    const labels = await labelsOf(domain, id);
    const expected = new Uint8Array(labels.length);
    const start = Number(id.slice('drawn'.length)) * STROKES;
    const open: number[] = [];
    for (let n = start; n <= tried && n < start + STROKES; n++) {
      if (n % 10 >= 8) continue;
      const steps = n % 10 === 7 ? [n + 1, n + 2].filter((m) => m <= tried) : [];
      if (!finished.has(n) || steps.some((m) => !finished.has(m))) open.push(n);
      else if (steps.length !== 1) draw(expected, n);
    }
    assert.ok(open.length <= 1, `${open.length} strokes were under way`);
    const possible = [expected, ...open.map((n) => draw(expected.slice(), n))];
    assert.ok(
      possible.some((one) => Buffer.compare(one, labels) === 0),
      `${id} after ${tried}: every finished stroke and no other voxel`,
    );
  }
  await domain.close();
};
