import { matchesGlob } from 'node:path';
import { z } from 'zod';
import { type Condition, conditions } from './conditions.ts';

const PermittedSkips = z.array(
  z.object({
    /** Path in the repository, or a pattern. */
    file: z.string(),
    /** The test's name, or '*'. */
    test: z.string(),
    /** Words that the skip itself must say. */
    says: z.string().optional(),
    condition: z.enum(Object.keys(conditions) as [Condition, ...Condition[]]),
    reason: z.string().min(10),
  }),
);
export type PermittedSkip = z.infer<typeof PermittedSkips>[number];

export const readPermittedSkips = (text: string): PermittedSkip[] => PermittedSkips.parse(JSON.parse(text));

/** Whether a skip stands in the file and what it names is missing here indeed. */
export const isPermitted = (
  skips: readonly PermittedSkip[],
  skip: { file: string; test: string; says: string },
  missing: (condition: Condition) => boolean = (condition) => conditions[condition](),
): boolean =>
  skips.some(
    (entry) =>
      (entry.file === '*' || matchesGlob(skip.file, entry.file)) &&
      (entry.test === '*' || entry.test === skip.test) &&
      skip.says.includes(entry.says ?? '') &&
      missing(entry.condition),
  );
