import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOR_MAPS, type ColorMapId, colorTable } from './color-maps.ts';

const at = (id: ColorMapId, level: number): number[] => [...colorTable(id).subarray(level * 3, level * 3 + 3)];

/** From the palettes that pydicom 3.0.2 carries (hotiron.dcm, pet.dcm, hotmetalblue.dcm): every 32nd entry and the last. */
const PALETTES = {
  'hot-iron': [
    [0, 0, 0],
    [64, 0, 0],
    [128, 0, 0],
    [192, 0, 0],
    [255, 0, 0],
    [255, 64, 0],
    [255, 128, 4],
    [255, 192, 132],
    [255, 255, 255],
  ],
  pet: [
    [0, 0, 0],
    [0, 65, 63],
    [1, 126, 127],
    [65, 63, 191],
    [128, 0, 255],
    [191, 64, 128],
    [255, 128, 0],
    [255, 192, 129],
    [255, 255, 255],
  ],
  'hot-metal-blue': [
    [0, 0, 0],
    [0, 0, 63],
    [0, 0, 125],
    [32, 0, 188],
    [116, 17, 97],
    [217, 77, 0],
    [255, 137, 65],
    [255, 198, 159],
    [255, 255, 255],
  ],
} as const;

test('the well-known palettes are those of the standard', () => {
  for (const [id, entries] of Object.entries(PALETTES) as [ColorMapId, readonly (readonly number[])[]][])
    for (const [n, entry] of entries.entries()) {
      const level = Math.min(255, n * 32);
      const most = id === 'hot-metal-blue' ? 1 : 0;
      for (const [channel, value] of entry.entries())
        assert.ok(
          Math.abs((at(id, level)[channel] ?? -9) - value) <= most,
          `${id} ${level}: ${at(id, level)}, ${entry}`,
        );
    }
});

test('grey is grey; the spectrum goes from blue over green to red', () => {
  for (const level of [0, 1, 127, 254, 255]) assert.deepEqual(at('grey', level), [level, level, level]);
  assert.deepEqual(at('rainbow', 0), [0, 0, 255]);
  assert.deepEqual(at('rainbow', 255), [255, 0, 0]);
  const [red = 0, green = 0, blue = 0] = at('rainbow', 128);
  assert.ok(green === 255 && red < 4 && blue < 4);
});

test('every map has 256 colours, and neighbours are never far apart', () => {
  for (const id of COLOR_MAPS) {
    const table = colorTable(id);
    assert.equal(table.length, 768);
    for (let n = 3; n < 768; n++) assert.ok(Math.abs((table[n] ?? 0) - (table[n - 3] ?? 0)) <= 6, `${id} ${n}`);
  }
});
