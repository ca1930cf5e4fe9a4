import type { Draft } from '../../preload/contract/index.ts';

/** What a drafter reads besides the findings. */
export const RETRIEVALS = {
  none: 'Findings only',
  priors: 'Priors',
  'priors-and-similar': 'Priors and similar cases',
} as const satisfies Record<Draft['recipe']['retrieval'], string>;

/** 'priors and similar cases, seed 1': what tells drafts of one study apart. */
export const recipeWords = ({ retrieval, seed }: Draft['recipe']): string =>
  `${RETRIEVALS[retrieval].toLowerCase()}, seed ${seed}`;
