import type { Vec3 } from '../../../../models/kit/geometry.ts';
import { fillBetween } from './between.ts';
import type { Tell } from './box.ts';
import { withMargin } from './distance.ts';
import { flood } from './flood.ts';
import { keepIslands } from './islands.ts';
import { growSeeds } from './seeds.ts';

/** What is done away from the window's thread. Arrays are a box of voxels, x fastest. */
export type Work =
  | { readonly kind: 'islands'; readonly dims: Vec3; readonly mask: Uint8Array; readonly keep: 'largest' | number }
  | { readonly kind: 'flood'; readonly dims: Vec3; readonly open: Uint8Array; readonly seed: Vec3 }
  | {
      readonly kind: 'margin';
      readonly dims: Vec3;
      readonly spacing: Vec3;
      readonly mask: Uint8Array;
      readonly margin: number;
    }
  | { readonly kind: 'between'; readonly dims: Vec3; readonly spacing: Vec3; readonly mask: Uint8Array }
  | {
      readonly kind: 'seeds';
      readonly dims: Vec3;
      readonly greys: Uint8Array;
      readonly seeds: Uint8Array;
      readonly open: Uint8Array;
    };

/** fraction: null where its length is unknown. */
export type WorkAnswer =
  | { readonly kind: 'progress'; readonly fraction: number | null }
  | { readonly kind: 'done'; readonly result: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string };

export const doWork = (work: Work, tell: Tell): Uint8Array => {
  switch (work.kind) {
    case 'islands':
      return keepIslands(work.dims, work.mask, work.keep, tell);
    case 'flood':
      return flood(work.dims, work.open, work.seed, tell);
    case 'margin':
      return withMargin(work.dims, work.spacing, work.mask, work.margin, tell);
    case 'between':
      return fillBetween(work.dims, work.spacing, work.mask, tell);
    case 'seeds':
      return growSeeds(work.dims, work.greys, work.seeds, work.open, tell);
  }
};
