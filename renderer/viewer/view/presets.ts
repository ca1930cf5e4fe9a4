import { tableOf, type VoiTable, windowEdges } from '../../../models/kit/voi.ts';
import type { VoiTable as EncodedTable, Frame, Window } from '../../../preload/contract/index.ts';

export { windowEdges };

/** A window with what it needs to be drawn: of another series it is drawn there just as well. */
export interface ShownWindow extends Omit<Window, 'table'> {
  readonly curve?: VoiTable;
}

/** Tables of a series, as they are drawn. */
export const tablesOf = (encoded: readonly EncodedTable[] = []): readonly VoiTable[] => encoded.map(tableOf);

/** How its greys lie, where that is not a line: said beside width and level. */
export const curveWord = (window: ShownWindow): string =>
  window.curve !== undefined ? 'table' : window.function === 'SIGMOID' ? 'sigmoid' : '';

/** Usual windows in HU, in the order of the keys 1 to 6. */
const CT: readonly ShownWindow[] = [
  { name: 'Soft tissue', center: 40, width: 400 },
  { name: 'Lung', center: -600, width: 1500 },
  { name: 'Bone', center: 450, width: 1800 },
  { name: 'Brain', center: 40, width: 80 },
  { name: 'Liver', center: 80, width: 160 },
  { name: 'Angiography', center: 250, width: 600 },
];

/** Uptake from nothing up to these, body weight. */
const UPTAKE = [5, 7, 10, 15] as const;
const uptakeWindows = (suvPerValue: number): ShownWindow[] =>
  UPTAKE.map((most) => ({
    name: `SUVbw 0 to ${most}`,
    center: most / 2 / suvPerValue,
    width: most / suvPerValue,
    function: 'LINEAR_EXACT',
  }));

/** Eight bits from black to white: a picture that was made to be looked at as it is. */
const AS_STORED: ShownWindow = { name: 'As stored', center: 128, width: 256 };

/** The windows and tables that the file gives, named so that they can be told from ours. */
const fileWindows = (frame: Frame, tables: readonly VoiTable[]): ShownWindow[] =>
  frame.windows.map(({ table, ...window }, index) => {
    const curve = table === undefined ? undefined : tables[table];
    const own = window.name || curveWord({ ...window, ...(curve ? { curve } : {}) });
    const number = frame.windows.length > 1 ? ` ${index + 1}` : '';
    return { ...window, name: `File${own === '' ? number : `: ${own}`}`, ...(curve ? { curve } : {}) };
  });

/**
 * What can be chosen for this frame: presets where the unit is HU, the file's own, the whole range, and windows of SUV where
 * uptake is certain.
 * Modality values; suvPerValue: uptake of one of them.
 */
export const presetsFor = (
  frame: Frame,
  range: readonly [number, number] | null,
  tables: readonly VoiTable[] = [],
  suvPerValue: number | null = null,
): readonly ShownWindow[] => {
  const presets: ShownWindow[] = frame.unit === 'HU' ? [...CT] : [];
  if (frame.format === 'uint8' && frame.unit === '') presets.push(AS_STORED);
  presets.push(...fileWindows(frame, tables));
  if (range !== null && frame.format !== 'rgb8') presets.push(rangeWindow(frame, range));
  // Last: it becomes certain a moment after the image is shown, and no key must mean another window then.
  if (suvPerValue !== null && suvPerValue > 0 && frame.format !== 'rgb8') presets.push(...uptakeWindows(suvPerValue));
  return presets;
};

/** range in stored values. */
const rangeWindow = (frame: Frame, range: readonly [number, number]): ShownWindow => {
  const [a, b] = range.map((stored) => stored * frame.slope + frame.intercept) as [number, number];
  return {
    name: 'Whole range',
    center: (a + b) / 2,
    width: Math.max(1e-6, Math.abs(b - a)),
    function: 'LINEAR_EXACT',
  };
};

/** What an image opens with: the file's word, else soft tissue for HU, else the range of its values. */
export const openingWindow = (
  frame: Frame,
  range: readonly [number, number] | null,
  tables: readonly VoiTable[] = [],
): ShownWindow | null =>
  frame.format === 'rgb8'
    ? AS_STORED
    : (fileWindows(frame, tables)[0] ??
      (frame.format === 'uint8' && frame.unit === '' ? AS_STORED : undefined) ??
      (frame.unit === 'HU' ? CT[0] : undefined) ??
      (range === null ? null : rangeWindow(frame, range)));
