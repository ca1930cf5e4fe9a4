/** The kinds of measurement: toolbar, keys and words come from this list. */
import type { MeasurementKind } from '../../../preload/contract/index.ts';
import type { CommandId } from '../../session/index.ts';
import type { IconName } from '../../ui/index.ts';

export interface MeasureKind {
  readonly id: MeasurementKind;
  readonly title: string;
  readonly icon: IconName;
  readonly command: CommandId;
  /** What the reader is asked to do. */
  readonly hint: string;
}

export const MEASURES: readonly MeasureKind[] = [
  {
    id: 'length',
    title: 'Length',
    icon: 'length',
    command: 'viewer.measure-length',
    hint: 'Drag from end to end.',
  },
  {
    id: 'bidirectional',
    title: 'Two diameters',
    icon: 'bidirectional',
    command: 'viewer.measure-bidirectional',
    hint: 'Drag the long axis; the short one follows.',
  },
  { id: 'angle', title: 'Angle', icon: 'angle', command: 'viewer.measure-angle', hint: 'End, vertex, end.' },
  {
    id: 'cobb',
    title: 'Cobb angle',
    icon: 'cobb',
    command: 'viewer.measure-cobb',
    hint: 'A line along one end plate, then along the other.',
  },
  {
    id: 'cardiothoracic',
    title: 'Cardiothoracic ratio',
    icon: 'cardiothoracic',
    command: 'viewer.measure-cardiothoracic',
    hint: 'Across the heart, then across the thorax.',
  },
  {
    id: 'ellipse',
    title: 'Ellipse',
    icon: 'ellipse',
    command: 'viewer.measure-ellipse',
    hint: 'Drag from corner to corner.',
  },
  {
    id: 'rectangle',
    title: 'Rectangle',
    icon: 'stack',
    command: 'viewer.measure-rectangle',
    hint: 'Drag from corner to corner.',
  },
  {
    id: 'freehand',
    title: 'Free-hand region',
    icon: 'freehand',
    command: 'viewer.measure-freehand',
    hint: 'Drag around the region.',
  },
  {
    id: 'probe',
    title: 'Value at a point',
    icon: 'target',
    command: 'viewer.measure-probe',
    hint: 'Click a point.',
  },
  { id: 'arrow', title: 'Arrow', icon: 'arrow', command: 'viewer.measure-arrow', hint: 'Drag from what is meant.' },
  { id: 'text', title: 'Text', icon: 'edit', command: 'viewer.measure-text', hint: 'Click where it is to stand.' },
];

export const kindOf = (id: MeasurementKind): MeasureKind => {
  const kind = MEASURES.find((one) => one.id === id);
  if (kind === undefined) throw new RangeError(`${id} is no kind of measurement`);
  return kind;
};

export const isMeasurementKind = (tool: string): tool is MeasurementKind => MEASURES.some((kind) => kind.id === tool);

/** Its words: text itself, not a value. */
export const isNote = (kind: MeasurementKind): boolean => kind === 'arrow' || kind === 'text';
