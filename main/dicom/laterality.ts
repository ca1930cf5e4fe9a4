/** On which side of the patient the part lies that an image shows. PS3.3 C.7.3.1 (series), C.8 (image), C.7.6.16.2.8 (frame) */
import type { Frame } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import { TAG } from './tags.ts';

type Laterality = NonNullable<Frame['laterality']>;

const said = (from: DataSet | undefined, tag: number): Laterality[] => {
  const word = from?.code(tag).toUpperCase();
  return word === 'R' || word === 'L' || word === 'B' ? [word] : [];
};

/** The frame's own word, else the image's, else the series'; nothing where they contradict each other. */
export const lateralityOf = (dataSet: DataSet, anatomy: DataSet | undefined): Laterality | undefined => {
  const [own, ...wider] = [
    ...said(anatomy, TAG.FrameLaterality),
    ...said(dataSet, TAG.ImageLaterality),
    ...said(dataSet, TAG.Laterality),
  ];
  // A frame of the right eye may stand in an image of both.
  return wider.every((word) => word === own || word === 'B') ? own : undefined;
};
