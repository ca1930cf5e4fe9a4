/** The same network with every learned number zero: a test that it passes does not test the network. */

import { fields, varint } from '../kit/onnx.ts';

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
        else
          for (let at = field.from; at < field.to; ) {
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
