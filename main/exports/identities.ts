/** Everybody whom the store knows, gathered for one export. */
import type { StudySummary } from '../../preload/contract/index.ts';
import { headerIdentities, type Identities } from '../deidentification/index.ts';
import type { SeriesHeaders, Studies } from '../domains.ts';

const PAGE = 500;

export const allStudies = async (studies: Pick<Studies, 'handlers'>, signal: AbortSignal): Promise<StudySummary[]> => {
  const found: StudySummary[] = [];
  for (;;) {
    const { studies: page } = await studies.handlers.studies.list(
      {
        text: '',
        status: null,
        modality: null,
        from: null,
        to: null,
        order: 'imported',
        limit: PAGE,
        offset: found.length,
      },
      { signal },
    );
    found.push(...page);
    if (page.length < PAGE) return found;
  }
};

/** Identities of one study among all: its own, its headers' and its signers'; the others as others. */
export const identitiesOf = (
  study: StudySummary,
  seriesUids: readonly string[],
  headers: readonly SeriesHeaders[],
  readers: readonly string[],
  everybody: readonly StudySummary[],
): Identities => {
  const found = headerIdentities(headers.flatMap((one) => one.texts));
  const others = everybody.filter((one) => one.id !== study.id && one.patient.name !== study.patient.name);
  return {
    own: [study.patient.name, ...found.names, ...readers].filter(Boolean),
    doubtful: found.doubtful,
    other: [...new Set(others.map((one) => one.patient.name))],
    values: [
      { kind: 'id', value: study.patient.id },
      { kind: 'id', value: study.accession },
      { kind: 'institution', value: study.patient.issuer },
      ...found.values.filter((one) => one.kind !== 'uid'),
    ],
    otherIds: [
      study.uid,
      ...seriesUids,
      ...found.values.filter((one) => one.kind === 'uid').map((one) => one.value),
      ...others.flatMap((one) => [one.patient.id, one.accession, one.uid]),
    ],
  };
};
