/** Values beside the bar of colours. */
export interface Tick {
  readonly value: number;
  /** 0 at the low end, 1 at the high. */
  readonly at: number;
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Three to seven round values between the two ends. */
export const ticksOf = (low: number, high: number): readonly Tick[] => {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = (STEPS.find((one) => one * power >= span / 5) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) {
    const value = Number((n * step).toPrecision(10));
    ticks.push({ value: value === 0 ? 0 : value, at: (value - low) / span });
  }
  return ticks;
};
