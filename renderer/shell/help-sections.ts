/** How the help sheet groups what the viewer does: more than a hundred acts in one list are not found. */
import type { Command } from '../session/index.ts';

interface Section {
  readonly title: string;
  readonly has: (command: Command) => boolean;
}

const viewer = (title: string, pattern: RegExp): Section => ({
  title,
  has: ({ id, group }) => group === 'viewer' && pattern.test(id.replace(/^viewer\./, '')),
});

/** A command stands in the first section that has it. */
export const SECTIONS: readonly Section[] = [
  { title: 'Everywhere', has: ({ group }) => group === 'window' },
  { title: 'Worklist', has: ({ group }) => group === 'worklist' },
  viewer('Images: through the series', /^((next|previous|first|last)-(image|ten|series)|tool-scroll|cine)/),
  viewer(
    'Images: window and colours',
    /^(tool-window|tool-region|window-|wider|narrower|level-|colors|invert|preset-|own-)/,
  ),
  viewer('Images: size, place and turns', /^(tool-(pan|zoom|lens|turn)|zoom-|pan-|turn-|rotate|flip|reset)/),
  viewer('Images: planes and slabs', /^(layout-planes|tool-cross|tool-point|cross-|slab|plane-|next-view)/),
  viewer('Images: 3D', /^scene-/),
  viewer(
    'Images: cells and what is shown',
    /^(layout-|grid-|next-cell|link|lines|maximise|overlays|text|focus|second-window)/,
  ),
  viewer('Images: measuring', /^(measure-|cancel)/),
  viewer('Images: key images, pictures, presentations', /^/),
  { title: 'While labels are edited', has: ({ group }) => group === 'segment' },
  { title: 'Report', has: ({ group }) => group === 'report' },
];

export const sectionOf = (command: Command): Section | undefined => SECTIONS.find((section) => section.has(command));
