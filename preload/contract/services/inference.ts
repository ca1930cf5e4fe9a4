import { z } from 'zod';
import { call, event, nothing } from '../rpc.ts';
import { Finding, Id, ModelPackage, ProviderReport } from '../terms/index.ts';

export const inference = {
  packages: call(nothing, z.object({ packages: z.array(ModelPackage) })),
  providers: call(nothing, ProviderReport),
  /** Packages that fit a series, best first. */
  suitable: call(
    z.object({ seriesId: Id }),
    z.object({
      packages: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          /** False: the file does not say what it shows, and only a reader can say that the package fits. */
          byItself: z.boolean(),
          /** It has an answer of this version on these pixels. */
          hasRun: z.boolean(),
        }),
      ),
    }),
  ),
  run: call(z.object({ seriesId: Id, package: z.string() }), z.object({ jobId: Id })),
  /** Every suitable package on every series of the study that has no result of that version yet. */
  runStudy: call(z.object({ studyId: Id }), z.object({ jobIds: z.array(Id) })),
  /** With what the packages said beside their findings: why a photograph was not graded, why no side is told. */
  findings: call(
    z.object({ studyId: Id }),
    z.object({ findings: z.array(Finding), remarks: z.array(z.object({ seriesId: Id, text: z.string() })) }),
  ),
  changed: event(z.object({ studyId: Id }), nothing),
} as const;
