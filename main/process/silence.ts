/** In the environment of every worker: native libraries tell their makers nothing. models/onnxruntime.ts says why. */
export const SILENCE = { ORT_DISABLE_TELEMETRY: '1' } as const;
