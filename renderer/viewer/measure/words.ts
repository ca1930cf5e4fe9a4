/** Values as they are read: on the image, in the list, by a screen reader, in the report. */
import type { Measured, MeasuredValue, ValueKey } from '../../../models/kit/measure/terms.ts';
import type { DrawnMeasurement } from '../../../preload/contract/index.ts';
import { isNote, kindOf } from './kinds.ts';

const SHOWN_UNITS: Readonly<Record<string, string>> = {
  '1': '',
  "[hnsf'U]": 'HU',
  '{counts}': 'counts',
  '{OD}': 'OD',
  'Bq/ml': 'Bq/mL',
  'g/ml': 'g/mL',
  'g/ml{SUVbw}': 'SUVbw',
  'g/ml{SUVlbm(James128)}': 'SUVlbm',
  'cm2/ml{SUVbsa}': 'SUVbsa',
};

const fixed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text;
};
/** As many digits as mean something: whole numbers whole, small numbers with more. */
const sensible = (value: number): string => {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
};

const isSpread = (key: ValueKey): boolean => key === 'mean' || key === 'deviation';

export const valueText = ({ key, value, unit }: MeasuredValue): string => {
  if (unit === 'mm') return `${fixed(value, 1)} mm`;
  if (unit === 'mm2') return value < 100 ? `${fixed(value, 1)} mm²` : `${fixed(value / 100, 2)} cm²`;
  if (unit === '{pixels}') return key === 'area' ? `${Math.round(value)} px²` : `${fixed(value, 1)} px`;
  if (unit === 'deg') return `${fixed(value, 1)}°`;
  if (key === 'ratio') return fixed(value, 2);
  const shown = SHOWN_UNITS[unit] ?? unit;
  const number = shown.startsWith('SUV')
    ? fixed(value, 2)
    : shown === 'HU' && isSpread(key)
      ? fixed(value, 1)
      : sensible(value);
  return shown === '' ? number : `${number} ${shown}`;
};

const VALUE_NAMES = {
  length: 'Length',
  'long-axis': 'Long axis',
  'short-axis': 'Short axis',
  angle: 'Angle',
  cobb: 'Cobb angle',
  ratio: 'Ratio',
  heart: 'Heart',
  thorax: 'Thorax',
  area: 'Area',
  mean: 'Mean',
  deviation: 'Deviation',
  minimum: 'Minimum',
  maximum: 'Maximum',
  voxels: 'Voxels',
  value: 'Value',
  across: 'Across',
  down: 'Down',
} as const satisfies Record<ValueKey, string>;
export const valueName = (key: ValueKey): string => VALUE_NAMES[key];

type Named = Pick<DrawnMeasurement, 'kind' | 'name' | 'text'>;

/** Short lines beside the drawing. */
export const linesOf = (measurement: Pick<Named, 'kind' | 'text'>, { values, waiting }: Measured): string[] => {
  const text = (key: ValueKey): string | null => {
    const value = values.find((one) => one.key === key);
    return value ? valueText(value) : null;
  };
  const joined = (...parts: (string | null)[]): string[] => {
    const there = parts.filter((part) => part !== null);
    return there.length === 0 ? [] : [there.join('  ')];
  };
  const after = (word: string, key: ValueKey): string | null => {
    const value = text(key);
    return value === null ? null : `${word} ${value}`;
  };
  /** Two values of one unit, which is said once. */
  const pair = (word: string, key: ValueKey, second: string | null): string[] => {
    const value = after(word, key);
    return value === null || second === null ? joined(value, second) : [`${value.replace(/ \D+$/, '')}  ${second}`];
  };
  const found: string[] = (() => {
    switch (measurement.kind) {
      case 'length':
        return [...joined(text('length')), ...joined(text('across')), ...joined(text('down'))];
      case 'bidirectional': {
        const [long, short] = [text('long-axis'), text('short-axis')];
        return long === null || short === null ? [] : [`${long.replace(/ \S+$/, '')} × ${short}`];
      }
      case 'angle':
        return joined(text('angle'));
      case 'cobb':
        return joined(after('Cobb', 'cobb'));
      case 'cardiothoracic':
        return [...joined(after('CTR', 'ratio')), ...pair('heart', 'heart', after('thorax', 'thorax'))];
      case 'probe':
        return joined(text('value'));
      case 'arrow':
      case 'text':
        return measurement.text === '' ? [] : [measurement.text];
      default:
        return [
          ...joined(text('area')),
          ...pair('mean', 'mean', after('SD', 'deviation')),
          ...pair('min', 'minimum', after('max', 'maximum')),
          ...joined(after('n', 'voxels')),
        ];
    }
  })();
  return waiting && found.length === 0 ? ['…'] : found;
};

/** All of it in one line, for a screen reader and the list. */
export const spoken = (measurement: Named, measured: Measured): string => {
  const lines = linesOf(measurement, measured).join(', ');
  const remarks = measured.remarks.length === 0 ? '' : `. ${measured.remarks.join(' ')}`;
  return `${measurement.name}${lines === '' ? '' : `: ${lines}`}${remarks}`;
};

/** 'Length 2': as it was named when it was drawn. */
const isOwnName = ({ kind, name }: Named): boolean =>
  name.trim() === '' || new RegExp(`^${kindOf(kind).title} \\d+$`).test(name);

const sentenceOf = (measurement: Named, { values }: Measured): string | null => {
  const text = (key: ValueKey): string | null => {
    const value = values.find((one) => one.key === key);
    return value ? valueText(value) : null;
  };
  const said = (words: string, key: ValueKey): string | null => {
    const value = text(key);
    return value === null ? null : `${words} ${value}`;
  };
  switch (measurement.kind) {
    case 'length':
      return said('length', 'length') ?? said('interval', 'across');
    case 'bidirectional': {
      const [long, short] = [text('long-axis'), text('short-axis')];
      return long === null || short === null ? null : `${long.replace(/ \S+$/, '')} x ${short}`;
    }
    case 'angle':
      return said('angle', 'angle');
    case 'cobb':
      return said('Cobb angle', 'cobb');
    case 'cardiothoracic':
      return said('cardiothoracic ratio', 'ratio');
    case 'probe':
      return said('value', 'value');
    case 'arrow':
    case 'text':
      return null;
    default: {
      const parts = [said('region of', 'area'), said('mean', 'mean'), said('standard deviation', 'deviation')];
      const there = parts.filter((part) => part !== null);
      return there.length === 0 ? null : there.join(', ');
    }
  }
};

const upper = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A sentence for the report; null where there is nothing to say yet. */
export const reportSentence = (measurement: Named, measured: Measured): string | null => {
  const named = isOwnName(measurement) ? '' : measurement.name.trim();
  if (isNote(measurement.kind)) {
    const words = [named, measurement.text.trim()].filter((part) => part !== '').join(': ');
    return words === '' ? null : ended(upper(words));
  }
  const said = sentenceOf(measurement, measured);
  if (said === null) return null;
  return ended(upper(named === '' ? said : `${named}: ${said}`));
};
