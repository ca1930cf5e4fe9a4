import { checkDifference } from '../../models/kit/labels/difference.ts';
import { Fault, SegmentAct } from '../../preload/contract/index.ts';

const MOST_ACTS_BYTES = 256 * 2 ** 20;
const MOST_ACTS = 1_000;
const MOST_HEAD_BYTES = 256 * 1024;

export type ReadAct =
  | (Extract<SegmentAct, { kind: 'edit' }> & {
      /** Empty where no voxel is changed. */
      readonly difference: Uint8Array;
      /** Labels that it puts where they were not. */
      readonly brought: ReadonlySet<number>;
    })
  | Extract<SegmentAct, { kind: 'move' }>;

const invalid = (message: string): Fault => new Fault('invalid', message);

/** All of a request's body, within bounds. */
export const bodyOf = async (request: Request): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) break;
    bytes += piece.value.length;
    if (bytes > MOST_ACTS_BYTES) {
      await reader?.cancel();
      throw new Fault('refused', `An edit of more than ${MOST_ACTS_BYTES / 2 ** 20} MB is not kept.`);
    }
    parts.push(piece.value);
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
};

/** The acts of a body (media.ts: segmentationActs), checked against the contract and the grid. */
export const readActs = (body: Uint8Array, size: number, slices: number): ReadAct[] => {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const acts: ReadAct[] = [];
  let at = 0;
  const take = (most: number): Uint8Array => {
    const length = at + 4 <= body.length ? view.getUint32(at, true) : Number.NaN;
    if (!(length <= most) || at + 4 + length > body.length) throw invalid('The acts are cut short.');
    const part = body.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return part;
  };
  while (at < body.length) {
    if (acts.length === MOST_ACTS) throw invalid(`More than ${MOST_ACTS} acts at once.`);
    const head = take(MOST_HEAD_BYTES);
    const difference = take(MOST_ACTS_BYTES);
    let said: unknown;
    try {
      said = JSON.parse(Buffer.from(head).toString('utf8'));
    } catch {
      throw invalid('An act is no JSON.');
    }
    const parsed = SegmentAct.safeParse(said);
    if (!parsed.success) throw invalid(`An act is not of the contract's form: ${parsed.error.message}`);
    const act = parsed.data;
    if (act.kind === 'move') acts.push(act);
    else acts.push({ ...act, difference, brought: checked(difference, size, slices) });
  }
  if (acts.length === 0) throw invalid('There are no acts.');
  return acts;
};

/** The labels that it brings. */
const checked = (difference: Uint8Array, size: number, slices: number): ReadonlySet<number> => {
  if (difference.length === 0) return new Set();
  try {
    return checkDifference(difference, size, slices).brought;
  } catch (error) {
    throw invalid(`The edit does not fit: ${error instanceof Error ? error.message : 'broken'}.`);
  }
};
