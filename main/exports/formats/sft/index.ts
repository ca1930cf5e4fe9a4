import { type Format, provenance } from '../line.ts';

/** What was signed, to be written as it stands. */
export const sft: Format = {
  name: 'sft',
  reader: 'TRL SFTTrainer, prompt and completion',
  lines: (material) => {
    const { signed } = material;
    if (!signed?.side.text) return [];
    return [
      {
        prompt: material.prompt,
        completion: signed.side.text,
        provenance: provenance(
          material,
          'signed',
          null,
          { completion: signed.side },
          signed.draft && [signed.draft, signed.side],
          { addenda: signed.addenda },
        ),
      },
    ];
  },
};
