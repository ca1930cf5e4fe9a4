/** Where the marks on an image come from, in words: what a model made is never seen without them. */
import type { Overlay } from '../../../preload/contract/index.ts';
import type { Marks } from '../../session/marks.svelte.ts';

const KINDS = { labelmap: 'Labels', heatmap: 'Heat map', boxes: 'Boxes' } as const satisfies Record<
  Overlay['kind'],
  string
>;

/** Last of the words: the same as beside a draft. */
export const NOT_CLINICAL = 'Not for clinical use';

const isDrawn = (overlay: Overlay, marks: Marks): boolean =>
  marks.isShown(overlay.id) &&
  (overlay.kind !== 'labelmap' ||
    overlay.labels.some((label) => label.voxels > 0 && marks.isShown(overlay.id, label.value)));

/** The model whose labels these are, also where the reader has edited them since; null where none had a part in them. */
const modelOf = (overlay: Overlay, overlays: readonly Overlay[]): string | null => {
  if (overlay.maker.kind === 'model') return `${overlay.maker.package} ${overlay.maker.version}`;
  const source = overlay.kind === 'labelmap' ? overlay.edited?.source : null;
  if (!source) return null;
  const from = overlays.find(({ id }) => id === source.overlayId);
  return from?.maker.kind === 'model' ? `${from.maker.package} ${from.maker.version}, edited` : null;
};

/** One line a model whose marks are shown on the series, then what they are not for; empty where no model's are. */
export const modelWords = (
  marks: Marks,
  seriesId: string | null,
  /** Whether marks of the overlay can be on this view. */
  concerns: (overlay: Overlay) => boolean = () => true,
): readonly string[] => {
  const lines = marks.overlays
    .filter((overlay) => overlay.seriesId === seriesId && concerns(overlay) && isDrawn(overlay, marks))
    .flatMap((overlay) => {
      const model = modelOf(overlay, marks.overlays);
      return model === null ? [] : [`${KINDS[overlay.kind]}: ${model}`];
    });
  return lines.length === 0 ? [] : [...new Set(lines), NOT_CLINICAL];
};
