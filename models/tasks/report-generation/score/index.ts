export { bleu } from './bleu.ts';
export { cider, cidersOf } from './cider.ts';
export { type ClinicalCounts, type ClinicalFigures, clinical, clinicalOfSets, findingsThere } from './clinical.ts';
export {
  CHEXPERT,
  type CheXpertLabel,
  chexpertLabels,
  IN_SETS,
  labelSetTable,
  NIH,
  NIH_TO_CHEXPERT,
  type NihLabel,
  statusByFinding,
} from './label-sets.ts';
export {
  FINDINGS,
  type FindingKey,
  findingsSaid,
  type Said,
  type Severity,
  type Side,
  type Status,
} from './labeller/index.ts';
export type { ByLength, Pair } from './n-grams.ts';
export { prepared, scoreReports } from './reports.ts';
export { rouge, rougeOf } from './rouge.ts';
