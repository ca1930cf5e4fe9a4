import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOtherFiles } from './onnx.ts';

/** One field of a message: number, wire type 2, content. */
const field = (number: number, content: readonly number[]): number[] => [number * 8 + 2, content.length, ...content];
const varintField = (number: number, value: number): number[] => [number * 8, value];
const tensor = (outside: boolean): number[] => [
  ...varintField(1, 3),
  ...field(8, [119]),
  ...(outside ? varintField(14, 1) : []),
];
const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

test('weights in other files are seen in initializers, attributes and inner graphs', () => {
  const graphOf = (outside: boolean) => field(5, tensor(outside));
  assert.equal(namesOtherFiles(of(...field(7, graphOf(false)))), false);
  assert.equal(namesOtherFiles(of(...field(7, graphOf(true)))), true);
  // graph 7 > node 1 > attribute 5 > tensor 5
  assert.equal(namesOtherFiles(of(...field(7, field(1, field(5, field(5, tensor(true))))))), true);
  // graph 7 > node 1 > attribute 5 > graph 6 > initializer 5
  assert.equal(namesOtherFiles(of(...field(7, field(1, field(5, field(6, graphOf(true))))))), true);
  assert.equal(namesOtherFiles(of(...field(7, field(1, field(5, field(6, graphOf(false))))))), false);
  // the same bytes where they are no tensor mean nothing
  assert.equal(namesOtherFiles(of(...field(2, tensor(true)))), false);
});

test('what is no protobuf is refused, and nesting has an end', () => {
  assert.throws(() => namesOtherFiles(of(58, 200)), RangeError);
  assert.throws(() => namesOtherFiles(of(7)), RangeError);
});
