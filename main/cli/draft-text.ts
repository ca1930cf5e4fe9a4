import { type Draft, SECTIONS } from '../../preload/contract/index.ts';

/** A draft for the terminal: its sections, and what the reader must know. */
export const asText = (draft: Draft): string =>
  [
    ...SECTIONS.flatMap((section) => {
      const sentences = draft.sentences.filter((sentence) => sentence.section === section);
      if (sentences.length === 0) return [];
      const lines = sentences.map(
        (sentence) => `  ${sentence.text}${sentence.regions.length > 0 ? ` [${sentence.regions.length} marked]` : ''}`,
      );
      return [`${section.toUpperCase()}`, ...lines];
    }),
    ...draft.remarks.map((remark) => `(${remark})`),
  ].join('\n');
