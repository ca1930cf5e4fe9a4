import type { Vec3 } from '../../geometry.ts';
import type { Random } from '../../random.ts';
import type { Anatomy } from '../anatomy.ts';
import type { Body } from '../body.ts';
import type { Distance, Part } from '../shapes.ts';
import type { LesionKind, LesionRequest, Modality, Severity, Side } from '../types.ts';

/** A lesion with its place in a body and the shapes that paint it. */
export interface PlannedLesion {
  readonly id: number;
  readonly kind: LesionKind;
  readonly side: Side | null;
  readonly place: string;
  readonly character: string;
  readonly sizeMm: number;
  readonly severity: Severity;
  readonly centreMm: Vec3;
  /** Painted over lung tissue, before vessels and airways. */
  readonly beforeVessels: readonly Part[];
  /** Painted over lung and vessels, before abdomen and mediastinum. */
  readonly afterVessels: readonly Part[];
  /** Painted last. */
  readonly last: readonly Part[];
  /** True where lung vessels cannot be (fluid, pleural air). */
  readonly excludes: Distance | null;
  /** A ball that an X-ray draws at its own resolution instead of by voxels. */
  readonly ball: { readonly radiusMm: number; readonly hu: number; readonly spikes: number } | null;
}

/** What a lesion is planned with. */
export interface Planning {
  readonly body: Body;
  readonly anatomy: Anatomy;
  readonly modality: Modality;
  /** Width of a soft edge in the grid that will be painted, mm. */
  readonly edgeMm: number;
  readonly earlier: readonly PlannedLesion[];
  readonly id: number;
  readonly request: LesionRequest;
  readonly random: Random;
  readonly side: Side;
  /** 1 on the patient's left, -1 on the right. */
  readonly sign: 1 | -1;
  readonly severity: Severity;
}

/** The fields that most lesions share. */
export const plain = (
  p: Planning,
): Pick<
  PlannedLesion,
  'id' | 'kind' | 'side' | 'severity' | 'beforeVessels' | 'afterVessels' | 'last' | 'excludes' | 'ball'
> => ({
  id: p.id,
  kind: p.request.kind,
  side: p.side,
  severity: p.severity,
  beforeVessels: [],
  afterVessels: [],
  last: [],
  excludes: null,
  ball: null,
});

/** Eased from 0 at t = 0 to 1 at t = 1. */
export const ease = (t: number): number => {
  const u = Math.min(1, Math.max(0, t));
  return u * u * (3 - 2 * u);
};

export const severityOf = (size: number, small: number, large: number): Severity =>
  size < small ? 'small' : size < large ? 'moderate' : 'large';
