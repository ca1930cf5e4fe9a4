import type { Measurement, Side } from '../../../preload/contract/terms/index.ts';

/** What one sentence is to say. Never an image, never another patient's numbers. */
export interface SentencePrompt {
  readonly modality: string;
  readonly finding: {
    readonly key: string;
    readonly side: Side;
    readonly place: string;
    readonly severity: string;
    readonly measurements: readonly Measurement[];
  };
  /** Sentences of similar cases on the same finding, stripped of numbers and dates; the first is used. */
  readonly wording: readonly string[];
}

/**
 * The network's prompt, the same text in training (models/train writes it from the phantom's truth):
 *   `ct | lung nodule | left | left upper zone | small | 12 mm | 0.9 ml | wording of a similar case`
 * Fields in this order, parted by ' | ', '-' for an unknown one. Millimetres whole, millilitres with one decimal below
 * 10 and whole above, the cardiothoracic ratio (unit '1') with two decimals in the place of the volume.
 * Places as toFindings() says them: '<side> upper|middle|lower zone', '<side> lung', '<side> hemithorax',
 * 'segment not determined' (liver), 'heart', or none; never a lobe, which no network here can see.
 */
export const promptText = (prompt: SentencePrompt): string => {
  const { finding } = prompt;
  const measured = (name: string): number | undefined => finding.measurements.find((m) => m.name === name)?.value;
  const diameter = measured('largest diameter');
  const volume = measured('volume');
  const ratio = measured('cardiothoracic ratio');
  const fields = [
    prompt.modality === 'CT' ? 'ct' : 'xray',
    finding.key.replaceAll('-', ' '),
    finding.side ?? '',
    finding.place,
    finding.severity,
    diameter === undefined ? '' : `${Math.round(diameter)} mm`,
    ratio !== undefined
      ? ratio.toFixed(2)
      : volume === undefined
        ? ''
        : `${volume < 10 ? volume.toFixed(1) : Math.round(volume)} ml`,
    prompt.wording[0] ?? '',
  ];
  return fields
    .map(
      (field) =>
        field
          .replace(/[|\s]+/g, ' ')
          .trim()
          .toLowerCase() || '-',
    )
    .join(' | ');
};
