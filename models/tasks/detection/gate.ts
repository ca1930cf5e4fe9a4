/** What the picture is, before anything is said of it. */
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import type { Outputs } from '../answer.ts';

export interface Fitness {
  /** False where the picture is none that the network reads: nothing is told of it. */
  readonly fits: boolean;
  /** Whether side, place and severity may be put into words: what a network learned of them on phantoms is a hint on films. */
  readonly inWords: boolean;
  readonly remarks: readonly string[];
  /** Labels by key that are neither found nor absent. */
  readonly unanswered: readonly string[];
  /** Labels by key that may be found and are never absent. */
  readonly notDenied: readonly string[];
}

const FITS: Fitness = { fits: true, inWords: true, remarks: [], unanswered: [], notDenied: [] };

const namesOf = (keys: readonly string[], labels: readonly ManifestLabel[]): string =>
  labels
    .filter(({ key }) => keys.includes(key))
    .map(({ name }) => name.toLowerCase())
    .join(', ');

/** Throws RangeError where the network does not answer what the manifest promises. */
export const fitnessOf = (
  outputs: Outputs,
  gate: PipelineOf<'detection'>['gate'],
  labels: readonly ManifestLabel[],
): Fitness => {
  if (!gate) return FITS;
  const logit = (channel: number): number => {
    const value = outputs.gate?.data[channel];
    if (value === undefined) throw new RangeError(`the output gate has no channel ${channel}`);
    return value;
  };
  // a logit that is no number fits nothing
  if (!(logit(gate.frontal) >= 0))
    return {
      fits: false,
      inWords: false,
      remarks: ['The image does not look like an upright frontal chest film: nothing is said of it.'],
      unanswered: labels.filter(({ kind }) => kind === 'finding').map(({ key }) => key),
      notDenied: [],
    };
  if (logit(gate.film) < 0) return FITS;
  const unanswered = gate.unansweredOnFilms;
  const notDenied = gate.notDeniedOnFilms ?? [];
  return {
    fits: true,
    inWords: false,
    remarks: [
      'Boxes on films are hints: side and place are not put into words.',
      ...(unanswered.length > 0 ? [`Not looked for on films: ${namesOf(unanswered, labels)}.`] : []),
      ...(notDenied.length > 0 ? [`Never told absent on films: ${namesOf(notDenied, labels)}.`] : []),
      ...(logit(gate.ap) > 0 ? ['It looks like an AP film: the heart is shown larger than it is.'] : []),
    ],
    unanswered,
    notDenied,
  };
};
