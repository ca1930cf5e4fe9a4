/** Where the marks on an image come from, in words: what a model made is never seen without them. */
import type { Overlay } from '../../../preload/contract/index.ts';
import type { Marks } from '../../session/marks.svelte.ts';

const KINDS = { labelmap: 'Labels', heatmap: 'Heat map', boxes: 'Boxes' } as const satisfies Record<
  Overlay['kind'],
  string
>;

/** Last of the words: the same as beside a draft. */
const NOT_CLINICAL = 'Not for clinical use';

type Shown = Pick<Marks, 'overlays' | 'isShown'>;

const isDrawn = (overlay: Overlay, marks: Shown): boolean =>
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
  marks: Shown,
  seriesId: string | null,
  /** Whether marks of the overlay can be on this view. */
  concerns: (overlay: Overlay) => boolean = () => true,
): readonly string[] => {
  const kindsOf = new Map<string, string[]>();
  for (const overlay of marks.overlays) {
    if (overlay.seriesId !== seriesId || !concerns(overlay) || !isDrawn(overlay, marks)) continue;
    const model = modelOf(overlay, marks.overlays);
    if (model === null) continue;
    const kinds = kindsOf.get(model) ?? [];
    if (!kinds.includes(KINDS[overlay.kind])) kindsOf.set(model, [...kinds, KINDS[overlay.kind]]);
  }
  const lines = [...kindsOf].map(([model, [first = '', ...others]]) =>
    [[first, ...others.map((kind) => kind.toLowerCase())].join(', '), model].join(': '),
  );
  return lines.length === 0 ? [] : [...lines, NOT_CLINICAL];
};
