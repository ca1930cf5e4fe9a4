/** The same network with every learned number zero: a test that it passes does not test the network. */

interface Field {
  readonly number: number;
  readonly wire: number;
  /** Of the content (without its length), half-open. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

const varint = (bytes: Uint8Array, at: number): [value: number, next: number] => {
  let value = 0;
  for (let shift = 0, n = at; ; n++, shift += 7) {
    const byte = bytes[n];
    if (byte === undefined || shift > 63) throw new RangeError('this is no protobuf');
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, n + 1];
  }
};

/** Fields of one message, as protobuf lays them out; nothing is copied. */
function* fields(bytes: Uint8Array, from: number, to: number): Generator<Field> {
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

const FLOAT = 1;
// numbers of onnx.proto: ModelProto.graph 7, GraphProto.initializer 5, TensorProto dims 1, data_type 2, float_data 4, raw_data 9
const [GRAPH, INITIALIZER, DIMS, TYPE, FLOATS, RAW] = [7, 5, 1, 2, 4, 9] as const;

/** A copy of the ONNX file with the floats of every weight of more than one element zero; answers how many there were. */
export const zeroTwin = (onnx: Uint8Array): { bytes: Uint8Array; zeroed: number } => {
  const bytes = onnx.slice();
  let zeroed = 0;
  for (const graph of fields(bytes, 0, bytes.length)) {
    if (graph.number !== GRAPH || graph.wire !== 2) continue;
    for (const weight of fields(bytes, graph.from, graph.to)) {
      if (weight.number !== INITIALIZER || weight.wire !== 2) continue;
      const own = [...fields(bytes, weight.from, weight.to)];
      const type = own.find((field) => field.number === TYPE)?.value;
      let count = 1;
      for (const field of own.filter(({ number }) => number === DIMS)) {
        if (field.wire === 0) count *= field.value;
        else for (let at = field.from; at < field.to; ) {
            const [value, next] = varint(bytes, at);
            count *= value;
            at = next;
          }
      }
      // scalars belong to the graph's arithmetic
      if (type !== FLOAT || count <= 1) continue;
      for (const field of own)
        if (field.number === RAW || field.number === FLOATS) {
          bytes.fill(0, field.from, field.to);
          zeroed += count;
        }
    }
  }
  return { bytes, zeroed };
};
