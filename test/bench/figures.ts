import { bootstrap } from '../../models/kit/metrics/bootstrap.ts';

/** 95 % by drawing `over` again, all of one `id` together, to four digits. */
export const interval = <Item>(
  over: readonly Item[],
  id: (item: Item) => string,
  of: (drawn: readonly Item[]) => number,
  draws: number,
): [number, number] => {
  const [low, high] = bootstrap(over, id, of, draws) ?? [Number.NaN, Number.NaN];
  return [Number(low.toFixed(4)), Number(high.toFixed(4))];
};

/** The one in the middle, the higher of two; NaN of none. */
export const median = (values: readonly number[]): number => part(values, 0.5);
export const p95 = (values: readonly number[]): number => part(values, 0.95);
const part = (values: readonly number[], of: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * of)] ?? Number.NaN;
