import type { Side } from '../../material.ts';
import { type Format, type Json, type Line, type Origin, provenance } from '../line.ts';

/** What is known of a sentence: whether it was right, and why not. */
interface Label {
  readonly right: boolean;
  readonly category: string | null;
  readonly significant: boolean | null;
}

/** Sentence by sentence: right or wrong as rated, or kept and changed as signed. Sentences without a word are left out. */
export const stepwise: Format = {
  name: 'stepwise',
  reader: 'TRL PRMTrainer, stepwise supervision',
  lines: (material) => {
    const line = (
      side: Side,
      labels: readonly (Label | null)[],
      origin: Origin,
      rater: string | null,
      comment: string,
    ): Line[] => {
      const said = side.steps.flatMap((step, index) => {
        const label = labels[index];
        return label ? [{ step, label, index }] : [];
      });
      if (said.length === 0) return [];
      const steps: Json = said.map(({ label, index }) => ({
        sentence: index,
        category: label.category,
        significant: label.significant,
      }));
      return [
        {
          prompt: material.prompt,
          completions: said.map(({ step }) => step.text),
          labels: said.map(({ label }) => label.right),
          provenance: provenance(material, origin, rater, { completions: side }, null, {
            steps,
            sentences: side.steps.length,
            comment,
          }),
        },
      ];
    };
    const rated = material.judged.flatMap(({ side, verdicts, rater, comment }) =>
      line(
        side,
        verdicts.map((one) =>
          one && one.verdict !== 'unsure'
            ? { right: one.verdict === 'right', category: one.category, significant: one.significant }
            : null,
        ),
        'rating',
        rater,
        comment,
      ),
    );
    const { signed } = material;
    const decided = signed?.draft
      ? line(
          signed.draft,
          signed.kept.map((kept) => (kept === null ? null : { right: kept, category: null, significant: null })),
          'decisions',
          null,
          '',
        )
      : [];
    return [...rated, ...decided];
  },
};
