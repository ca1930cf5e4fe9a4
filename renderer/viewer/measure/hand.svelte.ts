import { distance, minus, type Point, plus } from '../../../models/kit/measure/flat.ts';
import type { DrawnMeasurement } from '../../../preload/contract/index.ts';
import { linearOf, toCanvas, toImage } from '../view/camera.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import {
  finished,
  follow,
  handlesOf,
  isDone,
  isInside,
  keptInside,
  movedBy,
  type Pen,
  press,
  release,
  shapeAt,
  withHandle,
} from './edit.ts';
import { isMeasurementKind } from './kinds.ts';
import type { Measures } from './measures.svelte.ts';
import { type Drawn, type Sheet, sheetOf } from './sheet.ts';

/** What of a measurement is held: a point, its words, or all of it. */
export type Grip = { readonly kind: 'handle'; readonly index: number } | { readonly kind: 'body' | 'label' };

/** Canvas pixels between two points of a free-hand outline, and below which a drag is a click. */
const OUTLINE_STEP = 2;
const CLICK = 3;

/** The hand on one view: what it draws, holds and moves. */
export class Hand {
  readonly view: SliceView;
  readonly measures: Measures;
  pen = $state.raw<Pen | null>(null);
  #held: { readonly id: string; readonly grip: Grip; readonly from: Drawn; readonly at: Point } | null = null;
  #pressed: Point | null = null;
  #dragged = false;

  constructor(view: SliceView, measures: Measures) {
    this.view = view;
    this.measures = measures;
  }

  readonly sheet = $derived.by<Sheet | null>(() => sheetOf(this.view));
  readonly kind = $derived.by(() => {
    const { tool, ofAnotherStudy } = this.view.viewer;
    return isMeasurementKind(tool) && !ofAnotherStudy ? tool : null;
  });

  /** On the image, never beside it. */
  #imagePoint([x, y]: Point): Point | null {
    const { placement } = this.view;
    const { sheet } = this;
    if (placement === null || sheet === null) return null;
    const [ix, iy] = toImage(placement, x, y);
    return [Math.min(sheet.columns, Math.max(0, ix)), Math.min(sheet.rows, Math.max(0, iy))];
  }

  // --- drawing

  /** Canvas pixels. Answers whether it was taken. */
  down(at: Point): boolean {
    const point = this.#imagePoint(at);
    if (this.kind === null || point === null) return false;
    this.measures.select(null);
    this.measures.hasHand = true;
    this.pen = press(this.pen, this.kind, point);
    this.#pressed = at;
    this.#dragged = false;
    return true;
  }

  move(at: Point): void {
    const point = this.#imagePoint(at);
    if (this.pen === null || point === null) return;
    if (this.#pressed !== null && distance(at, this.#pressed) > CLICK) this.#dragged = true;
    // An outline follows only the pressed button.
    if (this.pen.kind === 'freehand' && this.#pressed === null) return;
    this.pen = follow(this.pen, point, OUTLINE_STEP / this.#canvasPerPixel());
  }

  up(): void {
    const { pen, sheet } = this;
    if (pen === null || this.#pressed === null) return;
    this.#pressed = null;
    const next = release(pen, this.#dragged);
    if (!isDone(next) && next.kind !== 'freehand') {
      this.pen = next;
      return;
    }
    this.pen = null;
    if (sheet === null) return;
    const points = finished(next, sheet.pixel);
    if (points === null) return;
    const inside = isInside(points, sheet.columns, sheet.rows) ? points : keptInside(points, sheet.columns, sheet.rows);
    if (!isInside(inside, sheet.columns, sheet.rows)) return;
    const refusal = sheet.refusal(inside);
    if (refusal !== null) this.measures.session.notices.tell(`Not measured. ${refusal}`, 'warning');
    else this.measures.draw(sheet.seriesId, next.kind, sheet.place({ points: inside, labelAt: null }));
  }

  /** By keyboard: a shape of the tool's kind in the middle of what is seen. */
  drop(): boolean {
    const { kind, sheet, view } = this;
    if (kind === null || sheet === null) return false;
    const middle = this.#imagePoint([view.width / 2, view.height / 2]);
    if (middle === null) return false;
    const size = Math.min(view.width, view.height) / 8 / this.#canvasPerPixel();
    const points = keptInside(shapeAt(kind, middle, size, sheet.pixel), sheet.columns, sheet.rows);
    if (!isInside(points, sheet.columns, sheet.rows) || sheet.refusal(points) !== null) return false;
    const one = this.measures.draw(sheet.seriesId, kind, sheet.place({ points, labelAt: null }));
    if (one !== null) this.measures.handle = 0;
    return true;
  }

  #canvasPerPixel(): number {
    const p = this.view.placement;
    return p === null ? 1 : Math.max(1e-6, Math.hypot(p.a, p.b));
  }

  // --- changing

  /** Canvas pixels. */
  hold(one: DrawnMeasurement, grip: Grip, at: Point): void {
    const { sheet, view } = this;
    const from = sheet?.drawn(one.place);
    if (!from || view.placement === null) return;
    this.#held = { id: one.id, grip, from, at: toImage(view.placement, ...at) };
    this.measures.select(one.id, { handle: grip.kind === 'handle' ? grip.index : null });
  }

  get holds(): boolean {
    return this.#held !== null;
  }

  /** labelAt: where the words stand now, canvas pixels. */
  drag(one: DrawnMeasurement, at: Point, labelAt: Point): void {
    const { sheet, view } = this;
    const held = this.#held;
    const point = this.#imagePoint(at);
    if (held === null || held.id !== one.id || sheet === null || view.placement === null || point === null) return;
    if (held.grip.kind === 'label') {
      const start = held.from.labelAt ?? toImage(view.placement, ...labelAt);
      this.#held = { ...held, from: { ...held.from, labelAt: start } };
      this.#show(one.id, { ...held.from, labelAt: plus(start, minus(toImage(view.placement, ...at), held.at)) });
      return;
    }
    const next =
      held.grip.kind === 'handle'
        ? withHandle(one.kind, held.from.points, held.grip.index, point, sheet.pixel)
        : keptInside(movedBy(held.from.points, minus(point, held.at)), sheet.columns, sheet.rows);
    this.#put(one.id, next, held.from);
  }

  letGo(): void {
    this.#held = null;
    this.#keep();
  }

  /** An arrow key: the point with the handle, or all of it, by so many pixels of the image. */
  nudge(one: DrawnMeasurement, direction: readonly [number, number], by: number): void {
    const { sheet, view, measures } = this;
    const from = sheet?.drawn(one.place);
    if (!from || sheet === null) return;
    const [a, b, c, d] = linearOf(view.presentation);
    // The image axis that runs this way on the screen: the linear part is its own transpose's inverse.
    const step: Point = [(a * direction[0] + b * direction[1]) * by, (c * direction[0] + d * direction[1]) * by];
    const { handle } = measures;
    const held = handle === null ? undefined : from.points[handle];
    const next =
      handle === null || held === undefined
        ? keptInside(movedBy(from.points, step), sheet.columns, sheet.rows)
        : withHandle(one.kind, from.points, handle, plus(held, step), sheet.pixel);
    this.#put(one.id, next, from);
    this.#keep();
  }

  #put(id: string, points: readonly Point[], from: Drawn): void {
    const { sheet } = this;
    if (sheet === null || !isInside(points, sheet.columns, sheet.rows) || sheet.refusal(points) !== null) return;
    this.#show(id, { points, labelAt: from.labelAt });
  }

  #show(id: string, drawn: Drawn): void {
    const { sheet, measures } = this;
    const one = measures.list.find((other) => other.id === id);
    if (sheet === null || !one) return;
    measures.live = { id, place: sheet.placeAs(one.place, drawn) };
  }

  #keep(): void {
    const { measures } = this;
    const { live } = measures;
    measures.live = null;
    if (live !== null) measures.change(live.id, { place: live.place });
  }

  /** Leaves what is under way. True where there was something. */
  cancel(): boolean {
    const had = this.pen !== null || this.#held !== null;
    this.pen = null;
    this.#pressed = null;
    this.#held = null;
    if (had) this.measures.live = null;
    return had;
  }

  /** Handles of a measurement: index and place, canvas pixels. */
  handles(one: DrawnMeasurement, drawn: Drawn): { index: number; at: Point }[] {
    const { placement } = this.view;
    if (placement === null) return [];
    return handlesOf(one.kind, drawn.points.length).flatMap((index) => {
      const point = drawn.points[index];
      return point ? [{ index, at: toCanvas(placement, ...point) }] : [];
    });
  }
}
