/** The list of key images as it is read: by series, each in the order of its images. */
import type { KeyImage, KeyObject, SeriesImages, SeriesSummary } from '../../../preload/contract/index.ts';

export interface KeyLine {
  readonly name: string;
  readonly instanceUid: string;
  /** Null where the image is not here. */
  readonly place: { readonly seriesId: string } | null;
  /** Null where that is not known yet. */
  readonly frameIndex: number | null;
  readonly note: string;
  /** The reader's own mark; null: of a file. */
  readonly own: KeyImage | null;
  readonly object: KeyObject | null;
}

export const linesOf = (
  keys: { readonly list: readonly KeyImage[]; readonly objects: readonly KeyObject[] },
  imagesOf: (seriesId: string) => SeriesImages | null,
  series: readonly Pick<SeriesSummary, 'id'>[],
): KeyLine[] => {
  const own = keys.list.map((one): KeyLine => {
    const frame = imagesOf(one.seriesId)?.frames.find(
      ({ instanceUid, frameNumber }) => instanceUid === one.instanceUid && frameNumber === one.frameNumber,
    );
    return {
      name: `${one.seriesId}/${one.instanceUid}/${one.frameNumber}`,
      instanceUid: one.instanceUid,
      place: { seriesId: one.seriesId },
      frameIndex: frame?.index ?? null,
      note: one.note,
      own: one,
      object: null,
    };
  });
  const ofFiles = keys.objects.flatMap((object, n) =>
    object.images.map(
      ({ instanceUid, place }, m): KeyLine => ({
        name: `file/${n}/${m}`,
        instanceUid,
        place,
        frameIndex: place?.frameIndex ?? null,
        note: object.note,
        own: null,
        object,
      }),
    ),
  );
  const order = (line: KeyLine): readonly [number, number] => {
    const at = series.findIndex(({ id }) => id === line.place?.seriesId);
    return [at < 0 ? series.length : at, line.frameIndex ?? -1];
  };
  return [...own, ...ofFiles].toSorted((a, b) => {
    const [x, y] = [order(a), order(b)];
    return x[0] - y[0] || x[1] - y[1];
  });
};
