import { editDistance, type Length, lengthOf } from '../distance.ts';
import type { Material, PlacedRegion, Side } from '../material.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** One line of the file: the columns that the trainer reads, and provenance. */
export type Line = { readonly [key: string]: Json };

export interface Format {
  readonly name: string;
  /** Trainer that reads it. */
  readonly reader: string;
  lines(material: Material): Line[];
}

export type Origin = 'edit' | 'accept' | 'comparison' | 'rating' | 'signed' | 'decisions';

const regions = (list: readonly PlacedRegion[]): Json =>
  list.map(({ sentence, image, box }) => ({ sentence, image, box }));
const length = ({ characters, words }: Length): Json => ({ characters, words });
/** What a reader wrote has a recipe too: table readers want one shape in every line. */
const BY_READER = { seed: 0, drafter: 'reader', drafterVersion: '', retrieval: 'none', packages: [] } as const;
const recipeOf = ({ recipe }: Side): Json =>
  recipe
    ? {
        seed: recipe.seed,
        drafter: recipe.drafter,
        drafterVersion: recipe.drafterVersion,
        retrieval: recipe.retrieval,
        packages: recipe.packages.map(({ name, version }) => ({ name, version })),
      }
    : BY_READER;

/** The same keys in every line of a format, so that a table reader finds one schema. sides: by column name. */
export const provenance = (
  material: Material,
  origin: Origin,
  rater: string | null,
  sides: Readonly<Record<string, Side>>,
  distance: readonly [Side, Side] | null,
  more: Line = {},
): Json => ({
  origin,
  study: material.study,
  // Empty where no rater had a say: a signature is not told by whom.
  rater: rater ?? '',
  recipes: Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, recipeOf(side)])),
  lengths: {
    prompt: length(lengthOf(material.prompt)),
    ...Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, length(lengthOf(side.text))])),
  },
  editDistance: distance && length(editDistance(distance[0].text, distance[1].text)),
  regions: Object.fromEntries(
    Object.entries(sides).map(([name, side]) => [name, regions(side.steps.flatMap((step) => step.regions))]),
  ),
  ...more,
});
