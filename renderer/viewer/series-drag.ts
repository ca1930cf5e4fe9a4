/** A series on its way from the list into a cell. */
const KIND = 'application/x-sightline-series';
let held: string | null = null;

export const dragSeries = (event: DragEvent, seriesId: string): void => {
  held = seriesId;
  event.dataTransfer?.setData(KIND, seriesId);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copy';
};

export const endDrag = (): void => {
  held = null;
};

/** What is dragged over this window, where it is a series of it; the data themselves can be read only at the drop. */
export const draggedSeries = (event: DragEvent): string | null =>
  held !== null && event.dataTransfer?.types.includes(KIND) === true ? held : null;
