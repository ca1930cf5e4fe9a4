import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, inner, minus, type Point } from '../../../models/kit/measure/flat.ts';
import type { MeasurementKind } from '../../../preload/contract/index.ts';
import {
  finished,
  follow,
  handlesOf,
  isDone,
  keptInside,
  type Pen,
  penPoints,
  press,
  release,
  shapeAt,
  shapeOf,
  withHandle,
} from './edit.ts';

const SQUARE: Point = [1, 1];
const near = (actual: readonly Point[], expected: readonly Point[]): void => {
  assert.equal(actual.length, expected.length);
  for (const [n, point] of actual.entries())
    assert.ok(distance(point, expected[n] ?? [Number.NaN, 0]) < 1e-9, `${n}: ${point} for ${expected[n]}`);
};
/** A whole drawing: each step a press at the first point, moves, a release at the last. */
const draw = (kind: MeasurementKind, strokes: readonly (readonly Point[])[]): Pen => {
  let pen: Pen | null = null;
  for (const stroke of strokes) {
    const [first, ...rest] = stroke;
    assert.ok(first);
    pen = press(pen, kind, first);
    for (const at of rest) pen = follow(pen, at, 1);
    pen = release(pen, rest.length > 0);
  }
  assert.ok(pen);
  return pen;
};

test('a line is dragged, or clicked from end to end', () => {
  const dragged = draw('length', [
    [
      [1, 1],
      [5, 1],
      [9, 4],
    ],
  ]);
  assert.ok(isDone(dragged));
  assert.deepEqual(finished(dragged, SQUARE), [
    [1, 1],
    [9, 4],
  ]);
  const first = draw('length', [[[1, 1]]]);
  assert.equal(isDone(first), false);
  const following = follow(first, [4, 4], 1);
  assert.deepEqual(penPoints(following), [
    [1, 1],
    [4, 4],
  ]);
  const clicked = release(press(following, 'length', [9, 4]), false);
  assert.deepEqual(finished(clicked, SQUARE), [
    [1, 1],
    [9, 4],
  ]);
});

test('an angle takes a drag and a click, two lines two drags or four clicks', () => {
  const angle = draw('angle', [
    [
      [9, 1],
      [1, 1],
    ],
    [[5, 7]],
  ]);
  assert.ok(isDone(angle));
  assert.deepEqual(finished(angle, SQUARE), [
    [9, 1],
    [1, 1],
    [5, 7],
  ]);
  const lines: Point[] = [
    [1, 1],
    [9, 2],
    [1, 8],
    [9, 7],
  ];
  const [a, b, c, d] = lines as [Point, Point, Point, Point];
  assert.deepEqual(
    finished(
      draw('cobb', [
        [a, b],
        [c, d],
      ]),
      SQUARE,
    ),
    lines,
  );
  assert.deepEqual(finished(draw('cobb', [[a], [b], [c], [d]]), SQUARE), lines);
  const between = draw('cobb', [[a, b]]);
  assert.equal(between.live, null, 'the pen is lifted between the lines');
  assert.deepEqual(penPoints(follow(between, [50, 50], 1)), [a, b]);
});

test('a click in place of a drag means nothing', () => {
  for (const kind of ['length', 'ellipse', 'rectangle', 'bidirectional', 'arrow'] as const)
    assert.equal(finished(draw(kind, [[[5, 5]], [[5.2, 5.1]]]), SQUARE), null, kind);
  assert.equal(
    finished(
      draw('ellipse', [
        [
          [5, 5],
          [25, 5.3],
        ],
      ]),
      SQUARE,
    ),
    null,
    'no height',
  );
  assert.equal(
    finished(
      draw('freehand', [
        [
          [5, 5],
          [5.5, 5.5],
        ],
      ]),
      SQUARE,
    ),
    null,
  );
  assert.deepEqual(finished(draw('probe', [[[5, 5]]]), SQUARE), [[5, 5]]);
});

test('shapes follow from their corners', () => {
  assert.deepEqual(
    shapeOf(
      'rectangle',
      [
        [2, 3],
        [8, 9],
      ],
      SQUARE,
    ),
    [
      [2, 3],
      [8, 3],
      [8, 9],
      [2, 9],
    ],
  );
  assert.deepEqual(
    shapeOf(
      'ellipse',
      [
        [2, 3],
        [8, 9],
      ],
      SQUARE,
    ),
    [
      [2, 6],
      [8, 6],
      [5, 3],
      [5, 9],
    ],
  );
  near(
    shapeOf(
      'cardiothoracic',
      [
        [2, 3],
        [8, 4],
        [0, 9],
        [11, 7],
      ],
      SQUARE,
    ),
    [
      [2, 3],
      [8, 3],
      [0, 9],
      [11, 9],
    ],
  );
});

test('the short diameter stays at right angles to the long one, where pixels are not square too', () => {
  const pixel: Point = [0.7, 1.3];
  const flat = ([x, y]: Point): Point => [x * pixel[0], y * pixel[1]];
  const upright = (points: readonly Point[]): void => {
    const [a, b, c, d] = points.map(flat) as [Point, Point, Point, Point];
    assert.ok(Math.abs(inner(minus(b, a), minus(d, c))) < 1e-9, String(points));
  };
  let points = shapeOf(
    'bidirectional',
    [
      [10, 10],
      [50, 30],
    ],
    pixel,
  );
  upright(points);
  const [, , c] = points as [Point, Point, Point, Point];
  for (const [index, to] of [
    [0, [5, 22]],
    [1, [60, 12]],
    [2, [22, 60]],
    [3, [41, 3]],
  ] as const) {
    const next = withHandle('bidirectional', points, index, to, pixel);
    upright(next);
    if (index < 2)
      assert.deepEqual(
        next[index]?.map((v) => Math.round(v * 1e6) / 1e6),
        to,
      );
    points = next;
  }
  assert.notDeepEqual(points[2], c);
  // A short end pulled beyond the long axis stays at its end.
  const beyond = withHandle(
    'bidirectional',
    shapeOf(
      'bidirectional',
      [
        [0, 0],
        [10, 0],
      ],
      SQUARE,
    ),
    2,
    [30, 4],
    SQUARE,
  );
  near(beyond, [
    [0, 0],
    [10, 0],
    [10, 4],
    [10, -2.5],
  ]);
});

test('a rectangle’s corner leaves the one across, an ellipse’s end the other end', () => {
  const corners: Point[] = [
    [2, 3],
    [8, 3],
    [8, 9],
    [2, 9],
  ];
  near(withHandle('rectangle', corners, 0, [0, 1], SQUARE), [
    [0, 1],
    [8, 1],
    [8, 9],
    [0, 9],
  ]);
  near(withHandle('rectangle', corners, 1, [10, 1], SQUARE), [
    [2, 1],
    [10, 1],
    [10, 9],
    [2, 9],
  ]);
  near(withHandle('rectangle', corners, 2, [9, 12], SQUARE), [
    [2, 3],
    [9, 3],
    [9, 12],
    [2, 12],
  ]);
  near(withHandle('rectangle', corners, 3, [1, 10], SQUARE), [
    [1, 3],
    [8, 3],
    [8, 10],
    [1, 10],
  ]);
  const ends: Point[] = [
    [2, 6],
    [8, 6],
    [5, 3],
    [5, 9],
  ];
  near(withHandle('ellipse', ends, 1, [12, 99], SQUARE), [
    [2, 6],
    [12, 6],
    [7, 3],
    [7, 9],
  ]);
  near(withHandle('ellipse', ends, 2, [0, 1], SQUARE), [
    [2, 5],
    [8, 5],
    [5, 1],
    [5, 9],
  ]);
});

test('a line across the heart stays level', () => {
  const lines: Point[] = [
    [20, 30],
    [60, 30],
    [5, 50],
    [95, 50],
  ];
  near(withHandle('cardiothoracic', lines, 1, [66, 34], SQUARE), [
    [20, 34],
    [66, 34],
    [5, 50],
    [95, 50],
  ]);
  near(withHandle('cardiothoracic', lines, 2, [1, 52], SQUARE), [
    [20, 30],
    [60, 30],
    [1, 52],
    [95, 52],
  ]);
});

test('a free-hand outline keeps its form in few points, and bends about a handle', () => {
  const circle = Array.from({ length: 400 }, (_, n): Point => {
    const angle = (n / 200) * Math.PI;
    return [50 + 30 * Math.cos(angle), 50 + 30 * Math.sin(angle)];
  });
  const pen = draw('freehand', [circle]);
  const outline = finished(pen, SQUARE);
  assert.ok(outline && outline.length > 12 && outline.length < 100, String(outline?.length));
  // Every point drawn lies within the tolerance of the outline's radius.
  for (const [x, y] of outline) assert.ok(Math.abs(Math.hypot(x - 50, y - 50) - 30) < 1e-9);
  const handles = handlesOf('freehand', circle.length);
  assert.ok(handles.length <= 24);
  const bent = withHandle('freehand', circle, 0, [90, 50], SQUARE);
  assert.deepEqual(bent[0], [90, 50]);
  assert.deepEqual(bent[100], circle[100]);
});

test('what is moved stays whole and on the image', () => {
  near(
    keptInside(
      [
        [-3, 5],
        [7, 5],
      ],
      100,
      100,
    ),
    [
      [0, 5],
      [10, 5],
    ],
  );
  near(
    keptInside(
      [
        [95, 98],
        [105, 103],
      ],
      100,
      100,
    ),
    [
      [90, 95],
      [100, 100],
    ],
  );
});

test('by keyboard each kind has a shape of its own points', () => {
  for (const [kind, count] of [
    ['length', 2],
    ['bidirectional', 4],
    ['angle', 3],
    ['cobb', 4],
    ['cardiothoracic', 4],
    ['ellipse', 4],
    ['rectangle', 4],
    ['freehand', 16],
    ['probe', 1],
    ['arrow', 2],
    ['text', 1],
  ] as const)
    assert.equal(shapeAt(kind, [50, 50], 10, SQUARE).length, count, kind);
});
