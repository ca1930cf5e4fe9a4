/** What an evaluation reads and what it comes to, for every task. */
import { z } from 'zod';
import type { Figure } from '../kit/manifest.ts';
import type { Interval } from '../kit/metrics/bootstrap.ts';
import { FINDINGS } from './report-generation/score/labeller/index.ts';

const Patient = z.string().min(1).max(200);
const Share = z.number().min(0).max(1);
const Box = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly();
const Grounded = z.object({ key: z.string(), boxes: z.array(Box).max(64) });
const Counts = z.object({ planted: z.number(), found: z.number(), false: z.number() });

/** One case with its truth beside what was told of it. Cases of one patient are drawn together in every interval. */
export const Case = z.discriminatedUnion('kind', [
  /** Probabilities 0..1 by label, and whether it is so; a label without truth is left out of that case. */
  z.object({
    kind: z.literal('labels'),
    patient: Patient,
    scores: z.record(z.string(), Share),
    truth: z.record(z.string(), z.boolean()),
  }),
  /** Grades from 0. */
  z.object({
    kind: z.literal('grade'),
    patient: Patient,
    truth: z.number().int().min(0).max(20),
    told: z.number().int().min(0).max(20),
  }),
  /** A text against its reference; boxes in pixels of one image where sentences point at it. */
  z.object({
    kind: z.literal('report'),
    patient: Patient,
    draft: z.string(),
    reference: z.string(),
    /** Findings that are there, in the labeller's keys, where they are known otherwise than by reading the reference. */
    truth: z.array(z.enum(FINDINGS)).optional(),
    grounding: z.object({ told: z.array(Grounded), truth: z.array(Grounded) }).nullable(),
  }),
  /** Findings told of one image and those true of it, each with its boxes in pixels: a sentence of a draft or report. */
  z.object({ kind: z.literal('grounding'), patient: Patient, told: z.array(Grounded), truth: z.array(Grounded) }),
  /** Masks against masks, by label; null where a mask is empty (Dice: both). */
  z.object({
    kind: z.literal('masks'),
    patient: Patient,
    byLabel: z.record(
      z.string(),
      z.object({
        dice: Share.nullable(),
        hausdorffMm: z.number().nonnegative().nullable(),
        hausdorff95Mm: z.number().nonnegative().nullable(),
      }),
    ),
  }),
  /** Lesions: right (found, and its side told right where it has one), missed, wrong (nothing there, or another side). */
  z.object({
    kind: z.literal('lesions'),
    patient: Patient,
    right: z.number(),
    missed: z.number(),
    wrong: z.number(),
    byFinding: z.record(z.string(), Counts),
  }),
]);
export type Case = z.infer<typeof Case>;
export type CaseOf<Kind extends Case['kind']> = Extract<Case, { kind: Kind }>;

export interface Plot {
  /** Of its file, without '.svg'. */
  readonly name: string;
  readonly title: string;
  readonly svg: string;
}
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
export interface Evaluation {
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
}

export const casesOf = <Kind extends Case['kind']>(cases: readonly Case[], kind: Kind): CaseOf<Kind>[] =>
  cases.filter((one): one is CaseOf<Kind> => one.kind === kind);

const rounded = (value: number): number => Number(value.toFixed(4));

/** A figure as the manifest holds it; none where it does not exist. */
export const figure = (name: string, value: number | null, interval: Interval | null, data: string): Figure[] =>
  value === null || !Number.isFinite(value)
    ? []
    : [{ name, value: rounded(value), interval: interval ? [rounded(interval[0]), rounded(interval[1])] : null, data }];

export const patientOf = (one: { readonly patient: string }): string => one.patient;

/** 'n = 60, 41 patients' */
export const counted = (data: string, cases: readonly { readonly patient: string }[]): string => {
  const patients = new Set(cases.map(patientOf)).size;
  return `${data}, n = ${cases.length}${patients === cases.length ? '' : `, ${patients} patients`}`;
};

export const merge = (parts: readonly Evaluation[]): Evaluation => ({
  figures: parts.flatMap((part) => part.figures),
  tables: parts.flatMap((part) => part.tables),
  plots: parts.flatMap((part) => part.plots),
});

/** The mean of what there is; null where there is nothing. */
export const meanOf = (values: readonly (number | null | undefined)[]): number | null => {
  const there = values.filter((value): value is number => value !== null && value !== undefined);
  return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length;
};
