/** First bytes by which pictures are known. */
export const isPng = (head: Uint8Array): boolean =>
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => head[i] === byte);
export const isJpeg = (head: Uint8Array): boolean => head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;
export const looksLikePicture = (head: Uint8Array): boolean => isPng(head) || isJpeg(head);
