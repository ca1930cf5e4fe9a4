import type { CommandId } from '../../session/index.ts';
import type { IconName } from '../../ui/index.ts';

/** What the pointer does while labels are edited. One line each; bar, key and cursor come from it. */
export const SEGMENT_TOOLS = [
  { id: 'brush', title: 'Brush', icon: 'brush', command: 'segment.brush', sized: true, ranged: false },
  { id: 'eraser', title: 'Eraser', icon: 'eraser', command: 'segment.eraser', sized: true, ranged: false },
  { id: 'ball', title: 'Sphere brush', icon: 'ball', command: 'segment.ball', sized: true, ranged: false },
  {
    id: 'threshold',
    title: 'Threshold brush',
    icon: 'threshold',
    command: 'segment.threshold',
    sized: true,
    ranged: true,
  },
  { id: 'fill', title: 'Fill', icon: 'fill', command: 'segment.fill', sized: false, ranged: false },
  { id: 'scissors', title: 'Scissors', icon: 'scissors', command: 'segment.scissors', sized: false, ranged: false },
] as const satisfies readonly {
  id: string;
  title: string;
  icon: IconName;
  command: CommandId;
  /** Has a radius. */
  sized: boolean;
  /** Heeds the range of modality values. */
  ranged: boolean;
}[];
export type SegmentToolId = (typeof SEGMENT_TOOLS)[number]['id'];
export const segmentToolOf = (id: SegmentToolId) => SEGMENT_TOOLS.find((tool) => tool.id === id) ?? SEGMENT_TOOLS[0];
export const isSegmentTool = (id: string): id is SegmentToolId => SEGMENT_TOOLS.some((tool) => tool.id === id);
