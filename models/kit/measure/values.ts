/** What a measurement says: computed from its points, the images it lies on, and what makes millimetres certain. */
import { intensities } from './intensities.ts';
import { flatOf, geometry } from './lengths.ts';
import type { Drawn, Measured, Measuring } from './terms.ts';

export const measured = (measurement: Drawn, measuring: Measuring): Measured => {
  const waiting = { values: [], remarks: [], source: '', histogram: null, waiting: true };
  if (!measuring.scales) return waiting;
  const flat = flatOf(measurement.place, measuring);
  if (!flat) return { ...waiting, remarks: ['The image is no longer in the series.'], waiting: false };
  const lengths = geometry(measurement.kind, flat);
  const inside = intensities(measurement, measuring);
  const { place } = measurement;
  const resampled =
    place.kind === 'patient' && place.resampled !== '' ? [`Drawn on a resampled view: ${place.resampled}.`] : [];
  return {
    values: [...lengths.values, ...inside.values],
    remarks: [...new Set([...resampled, ...lengths.remarks, ...inside.remarks])].filter((remark) => remark !== ''),
    source: flat.ruler.kind === 'mm' && lengths.values.length > 0 ? flat.ruler.source : '',
    histogram: inside.histogram,
    waiting: inside.waiting,
  };
};
