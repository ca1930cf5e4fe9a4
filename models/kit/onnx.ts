/** ONNX files as protobuf messages, read in place: as much of them as must be known before a runtime loads them. */

export interface Field {
  readonly number: number;
  readonly wire: number;
  /** Of the content (without its length), half-open. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

export const varint = (bytes: Uint8Array, at: number): [value: number, next: number] => {
  let value = 0;
  for (let shift = 0, n = at; ; n++, shift += 7) {
    const byte = bytes[n];
    if (byte === undefined || shift > 63) throw new RangeError('this is no protobuf');
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, n + 1];
  }
};

/** Fields of one message, as protobuf lays them out; nothing is copied. */
export function* fields(bytes: Uint8Array, from: number, to: number): Generator<Field> {
  for (let at = from; at < to; ) {
    const [tag, start] = varint(bytes, at);
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === 0) {
      const [value, next] = varint(bytes, start);
      yield { number, wire, from: start, to: next, value };
      at = next;
    } else if (wire === 2) {
      const [length, content] = varint(bytes, start);
      if (content + length > to) throw new RangeError('a field is longer than its message');
      yield { number, wire, from: content, to: content + length, value: length };
      at = content + length;
    } else if (wire === 5 || wire === 1) {
      const length = wire === 5 ? 4 : 8;
      yield { number, wire, from: start, to: start + length, value: 0 };
      at = start + length;
    } else throw new RangeError('this is no protobuf');
  }
}

// numbers of onnx.proto
const MODEL = { graph: 7, functions: 25 } as const;
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 } as const;
const NODE = { attribute: 5 } as const;
const FUNCTION = { node: 7 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 } as const;
const TENSOR = { externalData: 13, dataLocation: 14 } as const;
const SPARSE = { values: 1, indices: 2 } as const;

type Part = 'model' | 'graph' | 'node' | 'function' | 'attribute' | 'tensor' | 'sparse';
/** Which field of which message holds which message. */
const PARTS: Readonly<Record<Part, Readonly<Record<number, Part>>>> = {
  model: { [MODEL.graph]: 'graph', [MODEL.functions]: 'function' },
  graph: { [GRAPH.node]: 'node', [GRAPH.initializer]: 'tensor', [GRAPH.sparseInitializer]: 'sparse' },
  node: { [NODE.attribute]: 'attribute' },
  function: { [FUNCTION.node]: 'node' },
  attribute: {
    [ATTRIBUTE.tensor]: 'tensor',
    [ATTRIBUTE.tensors]: 'tensor',
    [ATTRIBUTE.graph]: 'graph',
    [ATTRIBUTE.graphs]: 'graph',
    [ATTRIBUTE.sparseTensor]: 'sparse',
    [ATTRIBUTE.sparseTensors]: 'sparse',
  },
  tensor: {},
  sparse: { [SPARSE.values]: 'tensor', [SPARSE.indices]: 'tensor' },
};
const DEEPEST = 64;

const external = (bytes: Uint8Array, part: Part, from: number, to: number, depth: number): boolean => {
  if (depth > DEEPEST) throw new RangeError('the network is nested too deeply');
  for (const field of fields(bytes, from, to)) {
    if (part === 'tensor' && field.number === TENSOR.externalData) return true;
    if (part === 'tensor' && field.number === TENSOR.dataLocation && field.value !== 0) return true;
    const inner = field.wire === 2 ? PARTS[part][field.number] : undefined;
    if (inner && external(bytes, inner, field.from, field.to, depth + 1)) return true;
  }
  return false;
};

/** Whether weights lie in other files, which the runtime would open by the name that the network gives. RangeError where this is no ONNX. */
export const namesOtherFiles = (onnx: Uint8Array): boolean => external(onnx, 'model', 0, onnx.length, 0);
