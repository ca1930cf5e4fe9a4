import type { Side } from '../../material.ts';
import { type Format, type Line, type Origin, provenance } from '../line.ts';

/** Preference pairs: what was signed before what was drafted, and the draft that a reader chose before the other. */
export const dpo: Format = {
  name: 'dpo',
  reader: 'TRL DPOTrainer, explicit prompt',
  lines: (material) => {
    const pair = (chosen: Side, rejected: Side, origin: Origin, rater: string | null): Line[] =>
      chosen.text === rejected.text || !chosen.text || !rejected.text
        ? []
        : [
            {
              prompt: material.prompt,
              chosen: chosen.text,
              rejected: rejected.text,
              provenance: provenance(material, origin, rater, { chosen, rejected }, [rejected, chosen]),
            },
          ];
    const { signed } = material;
    return [
      ...(signed?.draft ? pair(signed.side, signed.draft, 'edit', null) : []),
      ...material.choices.flatMap(({ left, right, choice, rater }) => {
        if (choice === 'left') return pair(left, right, 'comparison', rater);
        return choice === 'right' ? pair(right, left, 'comparison', rater) : [];
      }),
    ];
  },
};
