/** The one in the middle, the higher of two; NaN of none. */
export const median = (values: readonly number[]): number => part(values, 0.5);
export const p95 = (values: readonly number[]): number => part(values, 0.95);
const part = (values: readonly number[], of: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * of)] ?? Number.NaN;
