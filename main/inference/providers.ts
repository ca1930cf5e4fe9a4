/** Which execution provider runs the networks, and why not the ones before it. */
import { existsSync, readdirSync } from 'node:fs';
import { Fault, type Provider, type ProviderReport } from '../../preload/contract/index.ts';
import type { InferenceProcess } from './process.ts';

const PREFERENCE: readonly Provider[] = ['cuda', 'tensorrt', 'dml', 'coreml', 'webgpu', 'cpu'];
/** What onnxruntime-node can hold at all, by system. */
const SYSTEMS: Readonly<Record<Provider, readonly NodeJS.Platform[]>> = {
  cuda: ['linux', 'win32'],
  tensorrt: ['linux'],
  dml: ['win32'],
  coreml: ['darwin'],
  webgpu: ['linux', 'win32', 'darwin'],
  cpu: ['linux', 'win32', 'darwin'],
};
/** A software adapter takes far longer to make a session: it would be slower than the processor, and is not taken. */
const PROBE_MS = 12_000;

const listed = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Device files that a GPU driver makes on Linux. */
const gpuDevices = (): { nvidia: boolean; any: boolean } => {
  const nvidia = existsSync('/dev/nvidiactl') || listed('/dev').some((name) => /^nvidia\d+$/.test(name));
  return { nvidia, any: nvidia || listed('/dev/dri').some((name) => /^renderD\d+$/.test(name)) };
};

/** Why a provider is not even tried; null where it is. */
export const notTried = (
  provider: Provider,
  platform: NodeJS.Platform,
  devices: { nvidia: boolean; any: boolean },
): string | null => {
  if (!SYSTEMS[provider].includes(platform)) return 'not available on this system';
  if (platform !== 'linux' || provider === 'cpu') return null;
  if (!devices.any) return 'no GPU device found';
  if (!devices.nvidia && (provider === 'cuda' || provider === 'tensorrt')) return 'no NVIDIA device found';
  return null;
};

/** Tries them once with the smallest network there is; the answer is kept. */
export const createProviders = (process: InferenceProcess, platform: NodeJS.Platform = globalThis.process.platform) => {
  let report: Promise<ProviderReport> | null = null;
  const look = async (): Promise<ProviderReport> => {
    const devices = platform === 'linux' ? gpuDevices() : { nvidia: false, any: false };
    const tried: ProviderReport['tried'] = [];
    let inUse: Provider | null = null;
    for (const provider of PREFERENCE) {
      const why = inUse ? `${inUse} is used` : notTried(provider, platform, devices);
      if (why) {
        tried.push({ provider, usable: false, reason: why });
        continue;
      }
      try {
        await process.ask({ kind: 'probe', provider }, { signal: new AbortController().signal, limitMs: PROBE_MS });
        tried.push({ provider, usable: true, reason: '' });
        inUse = provider;
      } catch (error) {
        if (error instanceof Fault && error.code === 'closed') throw error;
        tried.push({
          provider,
          usable: false,
          reason: error instanceof Fault ? error.message : 'it could not be started',
        });
      }
    }
    return { inUse, tried };
  };
  return {
    report: (): Promise<ProviderReport> => {
      report ??= look().catch((error: unknown) => {
        report = null;
        throw error;
      });
      return report;
    },
  };
};
export type Providers = ReturnType<typeof createProviders>;
