/** Phantoms as DICOM: CT Image and Computed Radiography Image instances that say on every image that they are no patient's. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalize, type Vec3 } from '../../../models/kit/geometry.ts';
import type { CtPhantom, Phantom, XrayPhantom } from '../../../models/kit/phantom/index.ts';
import { type DataElements, part10 } from './part10.ts';

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const CR_IMAGE = '1.2.840.10008.5.1.4.1.1.1';

/** Whom the files name; a phantom's patient is made up. */
export interface PhantomIdentity {
  /** DICOM form, 'Family^Given'. */
  readonly name: string;
  readonly id: string;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly studyDate: string;
  /** HH:MM:SS */
  readonly studyTime: string;
  readonly description: string;
  readonly accession: string;
  /** What the UIDs are made of: the same key, the same UIDs. */
  readonly key: string;
}

/** A UID of the 2.25 kind from a text, so that the same phantom has the same UIDs. */
export const uidOf = (text: string): string => {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
};

const compact = (text: string): string => text.replace(/[-:]/g, '');

const common = (
  phantom: Phantom,
  who: PhantomIdentity,
  series: { number: number; modality: string; description: string; bodyPart: string },
  instance: number,
): DataElements => [
  ['00080020', 'DA', compact(who.studyDate)],
  ['00080021', 'DA', compact(who.studyDate)],
  ['00080022', 'DA', compact(who.studyDate)],
  ['00080023', 'DA', compact(who.studyDate)],
  ['00080030', 'TM', compact(who.studyTime)],
  ['00080031', 'TM', compact(who.studyTime)],
  ['00080032', 'TM', compact(who.studyTime)],
  ['00080033', 'TM', compact(who.studyTime)],
  ['00080050', 'SH', who.accession],
  ['00080060', 'CS', series.modality],
  ['00080070', 'LO', 'Sightline'],
  ['00080090', 'PN', null],
  ['00081030', 'LO', who.description],
  ['0008103E', 'LO', series.description],
  ['00081090', 'LO', 'Procedural phantom'],
  ['00082111', 'ST', 'Phantom, not a patient'],
  ['00100010', 'PN', who.name],
  ['00100020', 'LO', who.id],
  ['00100030', 'DA', compact(who.birthDate)],
  ['00100040', 'CS', phantom.patient.sex],
  ['00101010', 'AS', `${String(phantom.patient.ageYears).padStart(3, '0')}Y`],
  ['00180015', 'CS', series.bodyPart],
  ['00181020', 'LO', '1'],
  ['0020000D', 'UI', uidOf(`${who.key}/study`)],
  ['0020000E', 'UI', uidOf(`${who.key}/series/${series.number}`)],
  ['00200010', 'SH', '1'],
  ['00200011', 'IS', series.number],
  ['00200013', 'IS', instance + 1],
  ['00204000', 'LT', 'Phantom, not a patient'],
  ['00280301', 'CS', 'NO'],
];

const bytesOf = (values: Int16Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const ctFiles = function* (
  phantom: CtPhantom,
  who: PhantomIdentity,
  seriesNumber: number,
): Generator<{ name: string; bytes: Uint8Array }> {
  const [columns, rows, slices] = phantom.image.dims;
  const frameOfReference = uidOf(`${who.key}/frame of reference`);
  for (let k = 0; k < slices; k++) {
    const slice = phantom.slices[k];
    if (!slice) throw new RangeError(`slice ${k} has no position`);
    const uid = uidOf(`${who.key}/series/${seriesNumber}/${k}`);
    const position: Vec3 = slice.imagePositionPatient;
    const bytes = part10(CT_IMAGE, uid, [
      ...common(
        phantom,
        who,
        { number: seriesNumber, modality: 'CT', description: `CT ${phantom.sliceThicknessMm} mm`, bodyPart: 'CHEST' },
        k,
      ),
      ['00080008', 'CS', ['DERIVED', 'PRIMARY', 'AXIAL']],
      ...(phantom.contrastAgent ? ([['00180010', 'LO', 'Simulated intravenous contrast']] as const) : []),
      ['00180050', 'DS', phantom.sliceThicknessMm],
      ['00180060', 'DS', 120],
      ['00181120', 'DS', phantom.gantryTiltDeg],
      ['00181210', 'SH', 'PHANTOM'],
      ['00185100', 'CS', phantom.patientPosition],
      ['00200012', 'IS', 1],
      ['00200032', 'DS', [...position]],
      ['00200037', 'DS', [...slice.imageOrientationPatient]],
      ['00200052', 'UI', frameOfReference],
      ['00201040', 'LO', null],
      ['00280002', 'US', 1],
      ['00280004', 'CS', 'MONOCHROME2'],
      ['00280010', 'US', rows],
      ['00280011', 'US', columns],
      ['00280030', 'DS', [...phantom.pixelSpacingMm]],
      ['00280100', 'US', 16],
      ['00280101', 'US', 16],
      ['00280102', 'US', 15],
      ['00280103', 'US', 1],
      ['00281050', 'DS', [40, -600]],
      ['00281051', 'DS', [400, 1500]],
      ['00281052', 'DS', 0],
      ['00281053', 'DS', 1],
      ['00281054', 'LO', 'HU'],
      ['00281055', 'LO', ['SOFT TISSUE', 'LUNG']],
      ['7FE00010', 'OW', bytesOf(phantom.image.data.subarray(k * rows * columns, (k + 1) * rows * columns))],
    ]);
    yield { name: `ct-${String(k + 1).padStart(4, '0')}.dcm`, bytes };
  }
};

/** Letters of PatientOrientation (0020,0020) for a direction along an image axis. */
const letter = (direction: Vec3): string => {
  const [x, y, z] = normalize(direction);
  const sizes = [Math.abs(x), Math.abs(y), Math.abs(z)];
  const axis = sizes.indexOf(Math.max(...sizes));
  return axis === 0 ? (x > 0 ? 'L' : 'R') : axis === 1 ? (y > 0 ? 'P' : 'A') : z > 0 ? 'H' : 'F';
};

const xrayFile = (
  phantom: XrayPhantom,
  who: PhantomIdentity,
  seriesNumber: number,
): { name: string; bytes: Uint8Array } => {
  const [columns, rows] = phantom.image.dims;
  const m = phantom.image.affineVoxelToPatient;
  const bytes = part10(CR_IMAGE, uidOf(`${who.key}/series/${seriesNumber}/0`), [
    ...common(
      phantom,
      who,
      { number: seriesNumber, modality: 'CR', description: `Chest ${phantom.view}`, bodyPart: 'CHEST' },
      0,
    ),
    ['00080008', 'CS', ['DERIVED', 'PRIMARY']],
    ['00180060', 'DS', 120],
    ['00181004', 'LO', null],
    ['00181110', 'DS', phantom.distanceSourceToDetectorMm],
    ['00181111', 'DS', phantom.distanceSourceToPatientMm],
    ['00181114', 'DS', phantom.magnification],
    ['00181164', 'DS', [...phantom.detectorSpacingMm]],
    ['00185101', 'CS', phantom.view],
    ['00200020', 'CS', [letter([m[0], m[4], m[8]]), letter([m[1], m[5], m[9]])]],
    ['00280002', 'US', 1],
    ['00280004', 'CS', 'MONOCHROME2'],
    ['00280010', 'US', rows],
    ['00280011', 'US', columns],
    ['00280100', 'US', 16],
    ['00280101', 'US', 12],
    ['00280102', 'US', 11],
    ['00280103', 'US', 0],
    ['00281050', 'DS', 2048],
    ['00281051', 'DS', 4096],
    ['00281055', 'LO', 'FULL'],
    ['7FE00010', 'OW', bytesOf(phantom.image.data)],
  ]);
  return { name: 'xray-0001.dcm', bytes };
};

/** File by file, so that a large series need not be in memory twice. */
export const phantomFiles = function* (
  phantom: Phantom,
  who: PhantomIdentity,
  seriesNumber = 1,
): Generator<{ name: string; bytes: Uint8Array }> {
  if (phantom.kind === 'ct') yield* ctFiles(phantom, who, seriesNumber);
  else yield xrayFile(phantom, who, seriesNumber);
};

/** Writes the instances of one phantom into a folder (made where missing); answers the paths. */
export const writePhantom = async (
  phantom: Phantom,
  who: PhantomIdentity,
  folder: string,
  seriesNumber = 1,
): Promise<string[]> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths: string[] = [];
  for (const { name, bytes } of phantomFiles(phantom, who, seriesNumber)) {
    const path = join(folder, name);
    await writeFile(path, bytes, { mode: 0o600 });
    paths.push(path);
  }
  return paths;
};
