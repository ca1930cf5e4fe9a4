import { type Affine, affineOf, cross, scale, type Vec3 } from '../geometry.ts';

export interface GridRequest {
  readonly dims: Vec3;
  /** In-plane and between slices (table step), mm. */
  readonly spacingMm: readonly [number, number];
  readonly orientation: 'axial' | 'sagittal' | 'coronal' | 'oblique';
  /** Gantry tilt about the left-right axis: slices lean, the table still moves along z. */
  readonly tiltDeg: number;
  /** Oblique: turned by this about the vertical, half of it about the left-right axis. */
  readonly obliqueDeg: number;
  readonly feetFirst: boolean;
  readonly prone: boolean;
  readonly centreMm: Vec3;
}

export interface Grid {
  readonly affine: Affine;
  readonly row: Vec3;
  readonly column: Vec3;
  readonly patientPosition: 'HFS' | 'HFP' | 'FFS' | 'FFP';
}

const directions = (g: GridRequest): [Vec3, Vec3] => {
  const t = (g.tiltDeg * Math.PI) / 180;
  if (g.orientation === 'sagittal')
    return [
      [0, 1, 0],
      [0, 0, -1],
    ];
  if (g.orientation === 'coronal')
    return [
      [1, 0, 0],
      [0, 0, -1],
    ];
  if (g.orientation === 'oblique') {
    const a = (g.obliqueDeg * Math.PI) / 180,
      b = a / 2;
    return [
      [Math.cos(a), Math.sin(a), 0],
      [-Math.sin(a) * Math.cos(b), Math.cos(a) * Math.cos(b), Math.sin(b)],
    ];
  }
  // a prone patient's slices are shown as the scanner writes them: turned in the plane by half a turn
  const s = g.prone ? -1 : 1;
  return [
    [s, 0, 0],
    [0, s * Math.cos(t), s * Math.sin(t)],
  ];
};

/** Grid centred on a patient point. Slices run to the head, or to the feet for a feet-first patient. */
export const makeGrid = (g: GridRequest): Grid => {
  const [row, column] = directions(g);
  const normal = cross(row, column);
  const along =
    g.orientation === 'axial' ? ([0, 0, g.feetFirst ? -1 : 1] as Vec3) : scale(normal, g.feetFirst ? -1 : 1);
  const step = scale(along, g.spacingMm[1]);
  const half = g.dims.map((n) => (n - 1) / 2) as unknown as Vec3;
  const origin = [0, 1, 2].map(
    (d) =>
      (g.centreMm[d] as number) -
      (row[d] as number) * half[0] * g.spacingMm[0] -
      (column[d] as number) * half[1] * g.spacingMm[0] -
      (step[d] as number) * half[2],
  ) as unknown as Vec3;
  return {
    affine: affineOf(origin, row, column, step, [g.spacingMm[0], g.spacingMm[0]]),
    row,
    column,
    patientPosition: g.feetFirst ? (g.prone ? 'FFP' : 'FFS') : g.prone ? 'HFP' : 'HFS',
  };
};
