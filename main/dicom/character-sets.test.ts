import assert from 'node:assert/strict';
import { test } from 'node:test';
import { characterSetsOf, decodeText } from './character-sets.ts';

const decode = (sets: string, hex: string): string =>
  decodeText(Buffer.from(hex.replace(/\s+/g, ''), 'hex'), characterSetsOf(sets.split('\\'))).join('\\');
const text = (value: string): string => Buffer.from(value, 'latin1').toString('hex');

test('the examples of PS3.5 annexes H, I, J and K', () => {
  assert.equal(
    decode(
      '\\ISO 2022 IR 87',
      `${text('Yamada^Tarou=')} 1b2442 3b33 4544 1b2842 5e 1b2442 4240 4f3a 1b2842 3d 1b2442 2464 245e 2440 1b2842 5e 1b2442 243f 246d 2426 1b2842`,
    ),
    'Yamada^Tarou=山田^太郎=やまだ^たろう',
  );
  assert.equal(
    decode(
      'ISO 2022 IR 13\\ISO 2022 IR 87',
      'd4cfc0de 5e c0dbb3 3d 1b2442 3b33 4544 1b284a 5e 1b2442 4240 4f3a 1b284a 3d 1b2442 2464 245e 2440 1b284a 5e 1b2442 243f 246d 2426 1b284a',
    ),
    'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
  );
  assert.equal(
    decode(
      '\\ISO 2022 IR 149',
      `${text('Hong^Gildong=')} 1b242943 fbf3 5e 1b242943 d1ce d4d7 3d 1b242943 c8ab 5e 1b242943 b1e6 b5bf`,
    ),
    'Hong^Gildong=洪^吉洞=홍^길동',
  );
  assert.equal(decode('ISO_IR 192', Buffer.from('Wang^XiaoDong=王^小東').toString('hex')), 'Wang^XiaoDong=王^小東');
  assert.equal(decode('GB18030', `${text('Wang^XiaoDong=')} cdf5 5e d0a1 b6ab`), 'Wang^XiaoDong=王^小东');
});

test('single-byte sets', () => {
  assert.equal(decode('ISO_IR 100', `${text('Buc^J')} e9 72 f4 6d 65`), 'Buc^Jérôme');
  assert.equal(decode('ISO_IR 144', 'bbeedad3e0d0d4'), 'Люкyрад'.replace('y', 'г'));
  assert.equal(decode('ISO_IR 126', 'c4e9efedf5f3e9eff2'), 'Διονυσιος');
  assert.equal(decode('ISO_IR 138', 'f9f8e5ef'), 'שרון');
  assert.equal(decode('ISO_IR 101', 'a3 f3 64 bc'), 'Łódź');
  assert.equal(decode('ISO_IR 148', 'c7 61 76 fe f0'), 'Çavşğ');
});

test('sloppy names of sets are understood', () => {
  for (const name of ['ISO-IR 100', 'ISO 2022 IR 100', 'iso_ir 100', 'ISO_IR_100'])
    assert.equal(decode(name, 'e9'), 'é', name);
});

test('a backslash that is half of a character does not split values', () => {
  // GBK 0x81 0x5C is one character; a plain one after it splits.
  const values = decodeText(Buffer.from([0x81, 0x5c, 0x5c, 0x41]), characterSetsOf(['GB18030']));
  assert.equal(values.length, 2);
  assert.equal(values[1], 'A');
  const japanese = decodeText(Buffer.from('1b24422d5c1b28425c42', 'hex'), characterSetsOf(['', 'ISO 2022 IR 87']));
  assert.equal(japanese.length, 2);
  assert.equal(japanese[1], 'B');
});

test('broken text neither throws nor hangs', () => {
  for (let seed = 1; seed < 200; seed++) {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (seed * 7919 + i * i * 31 + (i % 5 === 0 ? 27 : 0)) & 255);
    for (const sets of ['', '\\ISO 2022 IR 87\\ISO 2022 IR 159', 'ISO 2022 IR 13', 'GB18030', 'ISO_IR 192', 'NONSENSE'])
      assert.equal(typeof decodeText(bytes, characterSetsOf(sets.split('\\'))).join(), 'string');
  }
});
