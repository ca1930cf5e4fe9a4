/**
 * Which of two drafts stands on the left: at random, balanced in blocks of four over the rater's history, so that a
 * liking for one side shows as such and cancels out.
 */
const BLOCK = 4;

/** history: whether the earlier draft stood left in each comparison made so far, in order; byte: random, 0 to 255. */
export const earlierOnLeft = (history: readonly boolean[], byte: number): boolean => {
  const used = history.slice(history.length - (history.length % BLOCK));
  const onLeft = used.filter(Boolean).length;
  const leftOpen = BLOCK / 2 - onLeft;
  const open = BLOCK - used.length;
  // A byte is uniform over 256: leftOpen/open of it.
  return byte * open < leftOpen * 256;
};
