import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRIES, HU_DOMAIN, opacityOfStep, shapedRamp, transferTable, UNSHAPED, volumePresets } from './transfer.ts';

const at = (table: Float32Array, hu: number): readonly number[] => {
  const entry = Math.round(((hu - HU_DOMAIN[0]) / (HU_DOMAIN[1] - HU_DOMAIN[0])) * (ENTRIES - 1));
  return [...table.subarray(entry * 4, entry * 4 + 4)];
};
const preset = (id: string) => {
  const found = volumePresets('HU').find((one) => one.id === id);
  assert.ok(found);
  return found;
};

test('presets in HU are offered for HU only; others say that they are of the range', () => {
  assert.deepEqual(
    volumePresets('HU').map(({ id }) => id),
    ['bone', 'lung', 'vessel', 'skin', 'mip'],
  );
  for (const unit of ['', 'SUV', 'BQML'])
    for (const { of, title } of volumePresets(unit)) assert.ok(of === 'range' && /range/.test(title), title);
});

test('each preset shows what it is named after and not the rest', () => {
  const [air, lung, fat, soft, contrast, cortex] = [-1000, -500, -100, 40, 300, 1200];
  const opacity = (id: string, hu: number): number => at(transferTable(preset(id), UNSHAPED, HU_DOMAIN), hu)[3] ?? 0;
  for (const id of ['bone', 'lung', 'vessel', 'skin', 'mip']) assert.equal(opacity(id, air), 0, `${id}: air`);
  assert.ok(opacity('bone', cortex) > 0.5 && opacity('bone', soft) === 0);
  assert.ok(opacity('lung', lung) > 0.05 && opacity('lung', soft) === 0);
  assert.ok(opacity('vessel', contrast) > 0.2 && opacity('vessel', soft) === 0);
  assert.ok(opacity('skin', fat) > 0.5 && opacity('skin', -600) === 0);
});

test('the hand shifts the opacity along the values and widens it from where it begins', () => {
  const bone = preset('bone');
  assert.deepEqual(shapedRamp(bone, UNSHAPED), [130, 900]);
  assert.deepEqual(shapedRamp(bone, { shift: 100, widen: 2 }), [230, 1770]);
  const before = transferTable(bone, UNSHAPED, HU_DOMAIN);
  const shifted = transferTable(bone, { shift: 100, widen: 1 }, HU_DOMAIN);
  for (const hu of [150, 230, 420, 900])
    for (const [n, part] of at(shifted, hu + 100).entries())
      assert.ok(Math.abs(part - (at(before, hu)[n] ?? 0)) < 0.01);
  const wide = transferTable(bone, { shift: 0, widen: 2 }, HU_DOMAIN);
  assert.ok(Math.abs((at(wide, 130 + 2 * 290)[3] ?? 0) - (at(before, 420)[3] ?? 0)) < 0.01);
});

test('opacity does not depend on how many steps a millimetre is taken in', () => {
  const whole = opacityOfStep(0.4, 1);
  const thirds = 1 - (1 - opacityOfStep(0.4, 1 / 3)) ** 3;
  assert.ok(Math.abs(whole - 0.4) < 1e-12 && Math.abs(thirds - 0.4) < 1e-12);
});
