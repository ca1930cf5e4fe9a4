/** Concepts and units of measurements. PS3.16 */
import type { Code } from '../../preload/contract/index.ts';

export const code = (value: string, scheme: string, meaning: string): Code => ({ value, scheme, meaning });
export const sct = (value: string, meaning: string): Code => code(value, 'SCT', meaning);
export const dcm = (value: string, meaning: string): Code => code(value, 'DCM', meaning);
/** What DICOM has no code for. */
export const own = (value: string, meaning: string): Code => code(value, '99SIGHTLINE', meaning);

export const LENGTH = sct('410668003', 'Length');
export const WIDTH = sct('103355008', 'Width');
export const AREA = sct('42798000', 'Area');
export const SITES = { heart: sct('80891009', 'Heart'), thorax: sct('816094009', 'Thorax') } as const;
export const DERIVATIONS = {
  mean: sct('373098007', 'Mean'),
  deviation: sct('386136009', 'Standard Deviation'),
  minimum: sct('255605001', 'Minimum'),
  maximum: sct('56851009', 'Maximum'),
} as const;

/** PS3.16 CID 7181, CID 85. */
const UNIT_MEANINGS: Readonly<Record<string, string>> = {
  mm: 'millimeter',
  mm2: 'square millimeter',
  deg: 'degree',
  '1': 'no units',
  '{pixels}': 'pixels',
  "[hnsf'U]": 'Hounsfield unit',
  'Bq/ml': 'Becquerels/milliliter',
  'g/ml': 'grams/milliliter',
  Gy: 'Gy',
  '{counts}': 'counts',
  '{OD}': 'optical density',
  'g/ml{SUVbw}': 'Standardized Uptake Value body weight',
  'g/ml{SUVlbm(James128)}': 'Standardized Uptake Value lean body mass (James 128 multiplier)',
  'cm2/ml{SUVbsa}': 'Standardized Uptake Value body surface area',
};
export const unitOf = (unit: string): Code => code(unit, 'UCUM', UNIT_MEANINGS[unit] ?? unit);

/** What the values of voxels are. PS3.16 CID 7180 */
export const quantityOf = (unit: string, modality: string): Code => {
  switch (unit) {
    case "[hnsf'U]":
      return dcm('112031', 'Attenuation Coefficient');
    case 'g/ml{SUVbw}':
      return dcm('126401', 'SUVbw');
    case 'g/ml{SUVlbm(James128)}':
      return dcm('126406', 'SUVlbm(James128)');
    case 'cm2/ml{SUVbsa}':
      return dcm('126403', 'SUVbsa');
    case 'Bq/ml':
      return dcm('110821', 'Nuclear Medicine Tomographic Activity');
    case 'Gy':
      return dcm('128513', 'Absorbed Dose');
    default:
      return modality === 'MR' ? dcm('110852', 'MR signal intensity') : own('pixel-value', 'Pixel value');
  }
};

/** PS3.16 CID 100. */
const PROCEDURES: Readonly<Record<string, Code>> = {
  CT: code('25045-6', 'LN', 'CT unspecified body region'),
  MR: code('25056-3', 'LN', 'MRI unspecified body region'),
  PT: code('44136-0', 'LN', 'PET unspecified body region'),
  NM: code('49118-3', 'LN', 'NM unspecified body region'),
  CR: code('43468-8', 'LN', 'XR unspecified body region'),
  DX: code('43468-8', 'LN', 'XR unspecified body region'),
};
const ANY_PROCEDURE = sct('363679005', 'Imaging procedure');

/** What was reported on, as far as all images share a modality. */
export const procedureOf = (modalities: readonly string[]): Code =>
  (modalities.length === 1 && PROCEDURES[modalities[0] ?? '']) || ANY_PROCEDURE;
