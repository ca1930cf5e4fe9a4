/**
 * What a signature covers, and whether it still holds. The hash shows a row changed by hand; it has no secret key, so
 * it does not stop someone who also computes a new hash.
 */
import { type Region, SECTIONS, type Sentence } from '../../preload/contract/index.ts';
import { canonical, sha256 } from './canonical.ts';
import type { AddendumRow, EditRow, ReportRow } from './rows.ts';

/** Of the study as it stands now: a report put under another patient does not verify. */
export interface Subject {
  readonly studyUid: string;
  readonly patientId: string;
}

const signedRegion = (region: Region) =>
  region.kind === 'box'
    ? { kind: region.kind, instanceUid: region.instanceUid, frameIndex: region.frameIndex, box: region.box }
    : {
        kind: region.kind,
        instanceUid: region.instanceUid,
        frameIndex: region.frameIndex,
        overlayId: region.overlayId,
        value: region.value,
        bounds: region.bounds,
      };

/** Everything kept of the report's making, raw, so that a change anywhere in it shows. */
export const historyHash = (
  row: Pick<ReportRow, 'id' | 'draft_id' | 'start'>,
  signed: string,
  log: readonly EditRow[],
) =>
  sha256(canonical([row.id, row.draft_id, row.start, signed, ...log.map((one) => [one.position, one.at, one.edit])]));

/** The text whose sha256 is the report's signature. */
export const signedForm = (
  subject: Subject,
  sentences: readonly Sentence[],
  signer: { signedBy: string; signedAt: string },
  history: string,
): string =>
  canonical({
    form: 'sightline-report-1',
    ...subject,
    sections: SECTIONS.map((section) => ({
      section,
      sentences: sentences
        .filter((one) => one.section === section && one.decision !== 'deleted')
        .map((one) => ({ text: one.text, regions: one.regions.map(signedRegion) })),
    })),
    ...signer,
    previousHash: null,
    history,
  });

/** The text whose sha256 is the addendum's signature; previousHash chains it to the one before. */
export const addendumForm = (
  subject: Subject,
  addendum: { id: string; text: string; signedBy: string; signedAt: string; previousHash: string },
): string => canonical({ form: 'sightline-addendum-1', ...subject, ...addendum });

/** True where what is stored does not agree with its signatures. */
export const isAltered = (
  subject: Subject,
  row: ReportRow,
  log: readonly EditRow[],
  addenda: readonly AddendumRow[],
  signedOnce: boolean,
): boolean => {
  if (row.hash === null) return signedOnce || addenda.length > 0;
  if (row.signed === null || row.signed_by === null || row.signed_at === null) return true;
  const history = historyHash(row, row.signed, log);
  const sentences = parsedSentences(row.signed);
  if (!sentences || history !== row.history_hash || row.state !== 'final') return true;
  const signer = { signedBy: row.signed_by, signedAt: row.signed_at };
  if (sha256(signedForm(subject, sentences, signer, history)) !== row.hash) return true;
  // A row taken away at the end leaves the chain whole: the count does not.
  if (row.revision !== log.length + 1 + addenda.length) return true;
  let previousHash = row.hash;
  for (const one of addenda) {
    const form = addendumForm(subject, {
      id: one.id,
      text: one.text,
      signedBy: one.signed_by,
      signedAt: one.signed_at,
      previousHash,
    });
    if (one.previous_hash !== previousHash || sha256(form) !== one.hash) return true;
    previousHash = one.hash;
  }
  return false;
};

const parsedSentences = (json: string): Sentence[] | null => {
  try {
    return JSON.parse(json) as Sentence[];
  } catch {
    return null;
  }
};
