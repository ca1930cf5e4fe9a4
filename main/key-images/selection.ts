/** Key images of a study as a DICOM Key Object Selection. */
import { createHash } from 'node:crypto';
import { Fault, type KeyImage } from '../../preload/contract/index.ts';
import { type ImageReference, keyObjectFile } from '../dicom/write/index.ts';
import type { Settings, Studies } from '../domains.ts';

/** Images by series and place, as a reader goes through them. */
const inOrder = async (
  studies: Pick<Studies, 'images' | 'seriesOf' | 'classes'>,
  list: readonly KeyImage[],
): Promise<{ image: ImageReference; words: string }[]> => {
  const found: { image: ImageReference; words: string }[] = [];
  for (const [seriesId, ofSeries] of Map.groupBy(list, (one) => one.seriesId)) {
    const { uid, number } = studies.seriesOf(seriesId);
    const classes = studies.classes(seriesId);
    const { frames } = await studies.images(seriesId);
    const several = new Set(frames.filter((frame) => frame.frameNumber > 1).map((frame) => frame.instanceUid));
    for (const frame of frames) {
      const key = ofSeries.find(
        (one) => one.instanceUid === frame.instanceUid && one.frameNumber === frame.frameNumber,
      );
      const sopClassUid = classes.get(frame.instanceUid);
      if (!key || !sopClassUid) continue;
      const isOneOf = several.has(frame.instanceUid);
      found.push({
        image: {
          sopClassUid,
          sopInstanceUid: frame.instanceUid,
          seriesUid: uid,
          frameNumber: isOneOf ? frame.frameNumber : null,
        },
        words:
          key.note === '' ? '' : `${number === null ? '' : `Series ${number}, `}image ${frame.index + 1}: ${key.note}`,
      });
    }
  }
  return found;
};

/** The file. Faults 'refused' where there is nothing that could stand in it. The same key images give the same file. */
export const writeSelection = async (
  studies: Pick<Studies, 'study' | 'seriesOf' | 'images' | 'classes'>,
  settings: Pick<Settings, 'reader' | 'handlers'>,
  studyId: string,
  list: readonly KeyImage[],
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; sopInstanceUid: string }> => {
  const { study } = studies.study(studyId);
  const chosen = await inOrder(studies, list);
  if (chosen.length === 0) throw new Fault('refused', 'There is no key image to write.', { studyId });
  const { name } = settings.reader();
  const { version: software } = await settings.handlers.settings.workstation({}, { signal });
  return keyObjectFile({
    study,
    key: `key-images/${study.uid}/${studyId}`,
    edition: createHash('sha256')
      .update(JSON.stringify([chosen, name, software]))
      .digest('hex'),
    software,
    seriesNumber: 9002,
    at: new Date(
      list
        .map((one) => one.markedAt)
        .toSorted()
        .at(-1) ?? 0,
    ),
    observer: name,
    // One selection has one description: each note says which image it speaks of.
    description: chosen
      .map(({ words }) => words)
      .filter((words) => words !== '')
      .join('\n'),
    images: chosen.map(({ image }) => image),
  });
};
