/** Hands a file to the reader, as a click on a link would. */
export const saveAs = (address: string, name: string): void => {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.rel = 'noopener';
  link.click();
};

export const saveBlob = (blob: Blob, name: string): void => {
  const address = URL.createObjectURL(blob);
  saveAs(address, name);
  // The download has begun by then; what is never let go stays for the window's life.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

/** Why pictures cannot be copied here; null where they can. */
export const noClipboard = (): string | null =>
  typeof ClipboardItem === 'undefined' || navigator.clipboard?.write === undefined
    ? 'This browser does not copy pictures: save it as a file.'
    : null;
