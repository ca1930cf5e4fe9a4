export { findingsSaid, type Said, type Status } from './label.ts';
export { FINDINGS, type FindingKey } from './terms.ts';
export type { Severity, Side } from './words.ts';
