/** Drawn photographs of the retina as DICOM: Ophthalmic Photography 8 Bit Image instances that say that they are no patient's. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FundusPhantom } from '../../../models/kit/phantom/fundus.ts';
import { part10 } from './part10.ts';
import { type PhantomIdentity, uidOf } from './phantom.ts';

const OPHTHALMIC_PHOTOGRAPHY_8_BIT = '1.2.840.10008.5.1.4.1.1.77.1.5.1';

/** Any picture of red, green and blue as such an image. */
export type ColourPicture = Pick<FundusPhantom, 'rgb' | 'columns' | 'rows'> & { readonly laterality?: 'R' | 'L' };

/** `who.studyDate` and time as YYYY-MM-DD and HH:MM:SS. */
export const fundusFile = (photograph: ColourPicture, who: PhantomIdentity, instance = 0): Uint8Array => {
  const compact = (text: string): string => text.replace(/[-:]/g, '');
  return part10(OPHTHALMIC_PHOTOGRAPHY_8_BIT, uidOf(`${who.key}/fundus/${instance}`), [
    ['00080008', 'CS', ['DERIVED', 'PRIMARY', '', 'COLOR']],
    ['00080020', 'DA', compact(who.studyDate)],
    ['00080023', 'DA', compact(who.studyDate)],
    ['00080030', 'TM', compact(who.studyTime)],
    ['00080033', 'TM', compact(who.studyTime)],
    ['00080050', 'SH', who.accession],
    ['00080060', 'CS', 'OP'],
    ['00080070', 'LO', 'Sightline'],
    ['00080090', 'PN', null],
    ['00081030', 'LO', who.description],
    ['0008103E', 'LO', 'Colour fundus photograph'],
    ['00082111', 'ST', 'Phantom, not a patient'],
    ['00100010', 'PN', who.name],
    ['00100020', 'LO', who.id],
    ['00100030', 'DA', compact(who.birthDate)],
    ['00100040', 'CS', 'O'],
    ['00180015', 'CS', 'EYE'],
    ['0020000D', 'UI', uidOf(`${who.key}/study`)],
    ['0020000E', 'UI', uidOf(`${who.key}/series/fundus`)],
    ['00200010', 'SH', '1'],
    ['00200011', 'IS', 1],
    ['00200013', 'IS', instance + 1],
    ...(photograph.laterality ? ([['00200062', 'CS', photograph.laterality]] as const) : []),
    ['00280002', 'US', 3],
    ['00280004', 'CS', 'RGB'],
    ['00280006', 'US', 0],
    ['00280010', 'US', photograph.rows],
    ['00280011', 'US', photograph.columns],
    ['00280100', 'US', 8],
    ['00280101', 'US', 8],
    ['00280102', 'US', 7],
    ['00280103', 'US', 0],
    ['00280301', 'CS', 'NO'],
    ['7FE00010', 'OW', photograph.rgb],
  ]);
};

/** Into a folder (made where missing); answers the paths. */
export const writeFundus = async (
  photographs: readonly ColourPicture[],
  who: PhantomIdentity,
  folder: string,
): Promise<string[]> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths: string[] = [];
  for (const [n, photograph] of photographs.entries()) {
    const path = join(folder, `fundus-${String(n + 1).padStart(4, '0')}.dcm`);
    await writeFile(path, fundusFile(photograph, who, n), { mode: 0o600 });
    paths.push(path);
  }
  return paths;
};
