import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coveredPaths, greyWord, planePixels, shutterGroups } from './file-graphics.ts';

test('planes take their bits one after another, each from a byte of its own', () => {
  const plane = (rows: number, columns: number) => ({
    group: 0x6000,
    rows,
    columns,
    origin: [0, 0] as const,
    label: '',
  });
  const drawn = planePixels([plane(3, 3), plane(1, 2)], Uint8Array.of(0b0000_0101, 0b1, 0b10));
  assert.deepEqual(
    drawn.map((pixels) => [...pixels].map((word) => Number(word !== 0))),
    [
      [1, 0, 1, 0, 0, 0, 0, 0, 1],
      [0, 1],
    ],
  );
});

test('a shutter covers all but its shapes, circles round in millimetres', () => {
  const image = { columns: 10, rows: 8, pixelSize: [0.5, 1] as const };
  const paths = coveredPaths(
    {
      shapes: [
        { kind: 'rectangle', left: 1, top: 2, right: 9, bottom: 7 },
        { kind: 'circle', center: [5, 4], radius: 4 },
        {
          kind: 'polygon',
          points: [
            [0.5, 0.5],
            [3, 0.5],
            [1, 4],
          ],
        },
      ],
      grey: 0,
    },
    image,
  );
  const all = 'M0 0H10V8H0Z';
  assert.deepEqual(paths, [
    `${all}M1 2H9V7H1Z`,
    `${all}M1 4A4 2 0 1 0 9 4A4 2 0 1 0 1 4Z`,
    `${all}M0.5 0.5L3 0.5L1 4Z`,
  ]);
});

test('a bitmap shutter covers by its own plane, in its grey, and by no path', () => {
  const shutter = { shapes: [{ kind: 'bitmap' as const, group: 0x6002 }], grey: 0.5 };
  const image = { columns: 2, rows: 1, pixelSize: [1, 1] as const };
  assert.deepEqual(coveredPaths(shutter, image), []);
  const groups = shutterGroups(shutter);
  const planes = [0x6000, 0x6002].map((group) => ({ group, rows: 1, columns: 2, origin: [0, 0] as const, label: '' }));
  const grey = greyWord(shutter.grey);
  const [drawn, covered] = planePixels(planes, Uint8Array.of(0b01, 0b10), ({ group }) =>
    groups.has(group) ? grey : 7,
  );
  assert.deepEqual([...(drawn ?? [])], [7, 0]);
  assert.deepEqual([...(covered ?? [])], [0, 0xff808080]);
  assert.equal(shutterGroups(undefined).size, 0);
});
