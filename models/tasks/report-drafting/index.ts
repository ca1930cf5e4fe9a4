export { type ReportedFinding, type ReportedSentence, reportOf, uprightFilm } from './report.ts';
export { type NextToken, type SeenRegion, type WrittenLine, writeReport } from './write.ts';
