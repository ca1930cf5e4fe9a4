import type { Side } from '../../material.ts';
import { type Format, type Line, type Origin, provenance } from '../line.ts';

/** Scores from this on say yes, up to that say no; between them nothing is said. */
const GOOD = 4;
const BAD = 2;

/** Unpaired: a text and whether it was wanted. */
export const kto: Format = {
  name: 'kto',
  reader: 'TRL KTOTrainer, unpaired preference',
  lines: (material) => {
    const line = (
      side: Side,
      label: boolean,
      origin: Origin,
      rater: string | null,
      other: Side | null,
      said: { score: number | null; comment: string } = { score: null, comment: '' },
    ): Line[] =>
      side.text
        ? [
            {
              prompt: material.prompt,
              completion: side.text,
              label,
              provenance: provenance(material, origin, rater, { completion: side }, other && [other, side], said),
            },
          ]
        : [];
    const { signed } = material;
    const fromReport = (): Line[] => {
      if (!signed?.draft) return [];
      if (signed.draft.text === signed.side.text) return line(signed.draft, true, 'accept', null, signed.side);
      return [
        ...line(signed.side, true, 'edit', null, signed.draft),
        ...line(signed.draft, false, 'edit', null, signed.side),
      ];
    };
    return [
      ...fromReport(),
      ...material.choices.flatMap(({ left, right, choice, rater }) => {
        if (choice === 'tie') return [];
        return [
          ...line(left, choice === 'left', 'comparison', rater, right),
          ...line(right, choice === 'right', 'comparison', rater, left),
        ];
      }),
      ...material.judged.flatMap(({ side, score, rater, comment }) =>
        score !== null && (score >= GOOD || score <= BAD)
          ? line(side, score >= GOOD, 'rating', rater, null, { score, comment })
          : [],
      ),
    ];
  },
};
