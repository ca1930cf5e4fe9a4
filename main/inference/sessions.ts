/** Sessions of ONNX Runtime; only the inference process imports this. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Network, TensorShape } from '../../models/kit/manifest.ts';
import { namesOtherFiles } from '../../models/kit/onnx.ts';
import { InferenceSession, Tensor } from '../../models/onnxruntime.ts';
import type { Outputs } from '../../models/tasks/answer.ts';
import type { Provider } from '../../preload/contract/index.ts';
import type { PackageRef } from './messages.ts';

/** The package or what it is to be run on cannot be used; the message is for the reader. */
export class Unusable extends Error {}

const KEPT = 3;
const loaded = new Map<string, { session: InferenceSession; provider: Provider }>();

/** y = x + x over [1], ONNX opset 13. */
const PROBE = 'CAc6OQoOCgF4CgF4EgF5IgNBZGQSBXByb2JlWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQDQ==';

const options = (provider: Provider): InferenceSession.SessionOptions => ({
  executionProviders: [provider],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: Math.min(8, availableParallelism()),
  interOpNumThreads: 1,
  // fatal only: the runtime's own log would name files
  logSeverityLevel: 4,
});

/** Throws where the provider cannot run the smallest network there is. */
export const probe = async (provider: Provider): Promise<void> => {
  const session = await InferenceSession.create(Buffer.from(PROBE, 'base64'), options(provider));
  const { y } = await session.run({ x: new Tensor('float32', new Float32Array([1.5]), [1]) });
  const value = (y?.data as Float32Array | undefined)?.[0];
  await session.release();
  if (value !== 3) throw new Error('it computed a wrong number');
};

const checkShape = (
  what: string,
  declared: Readonly<Record<string, TensorShape>>,
  found: readonly InferenceSession.ValueMetadata[],
  all: boolean,
): void => {
  const names = new Map(found.map((value) => [value.name, value]));
  for (const [name, shape] of Object.entries(declared)) {
    const value = names.get(name);
    if (!value?.isTensor) throw new Unusable(`The network has no ${what} ${name} as the manifest says.`);
    if (value.type !== shape.type) throw new Unusable(`The ${what} ${name} is ${value.type}, not ${shape.type}.`);
    const agrees =
      value.shape.length === shape.dims.length &&
      shape.dims.every((count, n) => {
        const own = value.shape[n];
        return typeof count === 'string'
          ? typeof own === 'string' || own === -1
          : typeof own === 'string' || own === -1 || own === count;
      });
    if (!agrees)
      throw new Unusable(
        `The ${what} ${name} has the shape [${value.shape.join(', ')}], not [${shape.dims.join(', ')}].`,
      );
  }
  const extra = all ? found.find((value) => !Object.hasOwn(declared, value.name)) : undefined;
  if (extra) throw new Unusable(`The network wants an ${what} ${extra.name} that the manifest does not name.`);
};

/** Bytes of a package's file, held against its size and hash. */
export const packageFile = ({ folder, manifest }: PackageRef, path: string): Buffer => {
  const entry = manifest.files.find((file) => file.path === path);
  if (!entry) throw new Unusable(`The manifest does not list ${path}.`);
  const full = join(folder, path);
  if (statSync(full, { throwIfNoEntry: false })?.size !== entry.bytes)
    throw new Unusable(`The package's file ${path} is missing or has another size than its manifest says.`);
  const bytes = readFileSync(full);
  if (createHash('sha256').update(bytes).digest('hex') !== entry.sha256)
    throw new Unusable(`The package's file ${path} was changed: its hash is not the manifest's.`);
  return bytes;
};

const keepsWeightsElsewhere = (bytes: Uint8Array): boolean => {
  try {
    return namesOtherFiles(bytes);
  } catch {
    throw new Unusable('The network cannot be loaded: it is no ONNX file.');
  }
};

/**
 * Session of a package on the wanted provider, or on the processor where that cannot run this network. The file is
 * held against its hash right before it is loaded.
 */
export const openSession = async (
  ref: PackageRef,
  network: Network,
  wanted: Provider,
): Promise<{ session: InferenceSession; provider: Provider }> => {
  const hash = ref.manifest.files.find((file) => file.path === network.file)?.sha256 ?? '';
  const key = `${ref.folder}\n${hash}\n${wanted}`;
  const known = loaded.get(key);
  if (known) {
    loaded.delete(key);
    loaded.set(key, known);
    return known;
  }
  const bytes = packageFile(ref, network.file);
  // weights in other files would be outside the manifest's hashes
  if (keepsWeightsElsewhere(bytes)) throw new Unusable('The network keeps weights in other files; that is not read.');
  const path = join(ref.folder, network.file);
  let opened: { session: InferenceSession; provider: Provider };
  try {
    opened = { session: await InferenceSession.create(path, options(wanted)), provider: wanted };
  } catch (error) {
    if (wanted === 'cpu') throw new Unusable(`The network cannot be loaded: ${reasonOf(error)}`);
    try {
      opened = { session: await InferenceSession.create(path, options('cpu')), provider: 'cpu' };
    } catch (second) {
      throw new Unusable(`The network cannot be loaded: ${reasonOf(second)}`);
    }
  }
  try {
    checkShape('input', network.inputs, opened.session.inputMetadata, true);
    checkShape('output', network.outputs, opened.session.outputMetadata, false);
  } catch (error) {
    await opened.session.release();
    throw error;
  }
  loaded.set(key, opened);
  while (loaded.size > KEPT) {
    const oldest = loaded.entries().next().value;
    if (!oldest) break;
    loaded.delete(oldest[0]);
    await oldest[1].session.release();
  }
  return opened;
};

/** The runtime's message without paths. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replaceAll(/(?:[A-Za-z]:)?[\\/][^\s"']*[\\/]/g, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);

export const tensor = {
  float32: (data: Float32Array, dims: readonly number[]): Tensor => new Tensor('float32', data, dims),
  int64: (data: BigInt64Array, dims: readonly number[]): Tensor => new Tensor('int64', data, dims),
};

/** Runs and answers the named outputs as float32, finite, in the shape the manifest declares. */
export const runNetwork = async (
  session: InferenceSession,
  network: Network,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Outputs> => {
  let answers: InferenceSession.ReturnType;
  try {
    answers = await session.run(feeds, Object.keys(network.outputs));
  } catch (error) {
    throw new Unusable(`The network could not be run: ${reasonOf(error)}`);
  }
  const out: Record<string, { data: Float32Array; dims: readonly number[] }> = {};
  for (const [name, { dims }] of Object.entries(network.outputs)) {
    const answer = answers[name];
    const data = answer?.data;
    if (!answer || !(data instanceof Float32Array)) throw new Unusable(`The output ${name} is no float32 tensor.`);
    const agrees =
      answer.dims.length === dims.length && dims.every((d, n) => typeof d === 'string' || d === answer.dims[n]);
    if (!agrees)
      throw new Unusable(`The output ${name} has the shape [${answer.dims.join(', ')}], not [${dims.join(', ')}].`);
    for (let n = 0; n < data.length; n++)
      if (!Number.isFinite(data[n])) throw new Unusable(`The output ${name} holds a number that is not finite.`);
    out[name] = { data, dims: answer.dims };
  }
  return out;
};
