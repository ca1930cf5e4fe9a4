import type { Region } from '../../preload/contract/index.ts';

/** More boxes than this on one image stand under one chip: dozens of chips alike tell nothing apart. */
const MOST_APART = 3;

/** Indexes among a sentence's regions that stand under one chip. */
export const regionGroups = (regions: readonly Region[]): number[][] => {
  const imageOf = (region: Region, index: number): string =>
    region.kind === 'box' ? `${region.seriesId} ${region.instanceUid} ${region.frameIndex}` : `label ${index}`;
  const byImage = Map.groupBy(regions.keys(), (index) => {
    const region = regions[index];
    return region ? imageOf(region, index) : '';
  });
  return [...byImage.values()]
    .flatMap((group) => (group.length > MOST_APART ? [group] : group.map((index) => [index])))
    .toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
};
