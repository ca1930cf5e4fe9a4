import type { Body } from './body.ts';
import { drawing, type Path } from './draw.ts';
import { ID } from './labels.ts';
import { chain, type Part, tubes } from './shapes.ts';

/** Great vessels, oesophagus, nodes, thyroid, trachea and main bronchi. */
export const mediastinumParts = (body: Body, detail: 'whole' | 'projection'): Part[] => {
  const whole = detail === 'whole';
  const { parameters: p, point } = body;
  const { path } = drawing(body);
  const mediastinum: Part[] = [];
  const blood = p.bloodHu;
  const old = Math.max(0, p.patient.ageYears - 40) / 50;
  const k = 1 + 0.14 * old;
  const aorta: Path = [
    [4, -16, -34, 13 * k],
    [-6, -26, -16, 15 * k],
    [-14, -28, 4, 15.5 * k],
    [-10, -20, 22, 14.5 * k],
    [4, -4, 32, 13.5 * k],
    [19 + 3 * old, 18, 28, 12.5 * k],
    [24 + 3 * old, 34, 8, 12 * k],
    [24 + 3 * old, 38, -30, 11.5 * k],
    [20, 38, -80, 11 * k],
    [14, 34, -130, 10.5 * k],
    [6, 24, -180, 10 * k],
    [4, 16, -230, 9 * k],
    [4, 10, -300, 8.5 * k],
    [4, 8, -380, 8 * k],
  ];
  const vesselsBody: number[] = [
    // superior vena cava, inferior vena cava, brachiocephalic veins
    ...chain(
      path([
        [-24, -24, 48, 8],
        [-26, -22, 20, 9.5],
        [-25, -18, -10, 10],
        [-24, -14, -36, 11],
      ]),
    ),
    ...chain(
      path([
        [-24, -2, -92, 12],
        [-22, 14, -112, 12.5],
        [-20, 20, -160, 12],
        [-18, 16, -230, 11],
        [-16, 12, -380, 11],
      ]),
    ),
    ...chain(
      path([
        [-24, -24, 48, 8],
        [-32, -20, 66, 7],
        [-44, -14, 84, 6],
      ]),
    ),
    ...chain(
      path([
        [-24, -24, 48, 8],
        [4, -36, 54, 7],
        [30, -26, 68, 6.5],
        [42, -14, 86, 6],
      ]),
    ),
    // branches of the arch
    ...chain(
      path([
        [-10, -14, 34, 6.5],
        [-20, -8, 56, 6],
        [-26, 0, 84, 5],
        [-26, 4, 130, 4],
      ]),
    ),
    ...chain(
      path([
        [4, -4, 40, 4.5],
        [12, 0, 62, 4],
        [22, 6, 130, 3.8],
      ]),
    ),
    ...chain(
      path([
        [16, 10, 38, 5],
        [26, 12, 62, 4.8],
        [40, 8, 88, 4.5],
      ]),
    ),
    // pulmonary trunk, right and left pulmonary artery
    ...chain(
      path([
        [14, -40, -36, 13],
        [18, -34, -16, 14],
        [20, -18, -2, 13.5],
        [26, 4, 2, 11.5],
        [36, 12, 1, 9],
        [48, 18, -8, 7],
      ]),
    ),
    ...chain(
      path([
        [20, -18, -2, 13],
        [2, -8, -8, 12],
        [-20, -2, -10, 11],
        [-36, 8, -11, 9],
        [-48, 14, -20, 7],
      ]),
    ),
    // pulmonary veins
    ...chain(
      path([
        [8, 18, -38, 9],
        [-18, 16, -36, 7.5],
        [-34, 10, -34, 6],
      ]),
    ),
    ...chain(
      path([
        [8, 18, -38, 9],
        [26, 18, -36, 7.5],
        [38, 12, -34, 6],
      ]),
    ),
    // azygos
    ...chain(
      path([
        [-26, -8, 10, 4],
        [-20, 14, 12, 4],
        [-8, 34, 2, 3.6],
        [-5, 38, -60, 3.2],
        [-4, 32, -160, 3],
      ]),
    ),
    // coeliac trunk and superior mesenteric artery
    ...chain(
      path([
        [4, 14, -180, 4],
        [4, -2, -184, 3.6],
        [30, 6, -180, 3],
      ]),
    ),
    ...chain(
      path([
        [4, 12, -196, 4],
        [2, -4, -206, 3.6],
        [0, -10, -300, 3.4],
      ]),
    ),
    // splenic and portal vein
    ...chain(
      path([
        [70, 28, -172, 4.5],
        [30, 6, -196, 5],
        [-10, -6, -196, 7],
        [-26, 2, -172, 7],
      ]),
    ),
  ];
  mediastinum.push(tubes(vesselsBody, blood, ID.body, ~(1 << ID.heart) & ~(1 << ID.liver)));
  mediastinum.push(tubes(chain(path(aorta, 8)), p.aortaHu, ID.aorta));
  if (old > 0.35) {
    const plaque = body.random.fork('plaque');
    const specks: number[] = [];
    const points = path(aorta, 8);
    for (let n = 0; n < 26 * old; n++) {
      const q = points[plaque.integer(28, points.length - 1)];
      if (!q) continue;
      const a = plaque.between(0, 6.28);
      const at = [q[0] + q[3] * 0.94 * Math.cos(a), q[1] + q[3] * 0.94 * Math.sin(a), q[2]] as const;
      specks.push(...at, 1.3, at[0] + plaque.normal(0, 2), at[1] + plaque.normal(0, 2), at[2] + plaque.normal(0, 3), 1);
    }
    mediastinum.push(tubes(specks, 620, -1, 1 << ID.aorta));
  }
  // oesophagus, nodes in the mediastinal fat, thymic rest
  const softOnly = 1 << ID.body;
  mediastinum.push(
    tubes(
      chain(
        path([
          [2, 16, 110, 6],
          [6, 24, 40, 7],
          [4, 32, 0, 7.5],
          [8, 34, -60, 8],
          [14, 26, -110, 8.5],
          [26, 8, -130, 9],
        ]),
      ),
      38,
      -1,
      softOnly,
    ),
  );
  const nodes = body.random.fork('nodes');
  const lumps: number[] = [];
  for (let n = 0; whole && n < 14; n++) {
    const at = point(nodes.between(-26, 26), nodes.between(-30, 26), nodes.between(-34, 46));
    lumps.push(
      ...at,
      nodes.between(2, 4),
      at[0] + nodes.normal(0, 3),
      at[1] + nodes.normal(0, 3),
      at[2] + nodes.normal(0, 3),
      nodes.between(2, 3.5),
    );
  }
  mediastinum.push(tubes(lumps, 40, -1, softOnly));
  // thyroid, trachea, main bronchi
  mediastinum.push(
    tubes(
      chain(
        path([
          [-16, -8, 112, 8],
          [-15, -8, 92, 7],
        ]),
      ).concat(
        chain(
          path([
            [16, -8, 112, 8],
            [15, -8, 92, 7],
          ]),
        ),
      ),
      p.contrastAgent ? 150 : 105,
      -1,
      softOnly,
    ),
  );
  const trachea: Path = [
    [0, 2, 160, 9],
    [0, 4, 110, 9],
    [1, 8, 60, 8.6],
    [-1, 12, 20, 8.6],
    [-2, 14, 4, 8.8],
  ];
  const right: Path = [
    [-2, 14, 4, 7.5],
    [-16, 16, -10, 7],
    [-30, 18, -20, 6.4],
    [-40, 20, -23, 5.6],
  ];
  const bronchusInter: Path = [
    [-30, 18, -20, 5.4],
    [-36, 20, -40, 5],
    [-44, 24, -58, 4.4],
  ];
  const leftMain: Path = [
    [-2, 14, 4, 7],
    [12, 16, -12, 6.4],
    [28, 19, -22, 5.8],
    [40, 20, -27, 5.4],
  ];
  const leftLower: Path = [
    [40, 20, -27, 5],
    [46, 24, -42, 4.6],
    [50, 28, -60, 4],
  ];
  const ways = [trachea, right, bronchusInter, leftMain, leftLower].map((w) => path(w));
  const grown = (by: number) => ways.flatMap((w) => chain(w.map(([x, y, z, r]) => [x, y, z, r + by] as const)));
  mediastinum.push(tubes(grown(1.7), 30, -1), tubes(grown(0), -1000, ID.trachea));
  return mediastinum;
};
