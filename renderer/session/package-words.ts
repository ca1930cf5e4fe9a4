import type { ModelPackage } from '../../preload/contract/index.ts';

/** 'Chest X-ray reports 0.1.0: clinical F1, micro 0.91 (0.88 to 0.94; held-out phantoms)'; the first figure of its card, on each set. */
export const packageWords = ({ title, version, figures }: ModelPackage): string => {
  const told = figures
    .filter(({ name }) => name === figures[0]?.name)
    .map(({ name, value, interval, data }) => {
      const range = interval ? `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}; ` : '';
      return `${name} ${value.toFixed(2)} (${range}${data})`;
    });
  return `${title} ${version}: ${told.join('; ')}. Not for clinical use.`;
};
