/**
 * The one door to ONNX Runtime. From 1.29 on its builds for Linux and macOS report sessions, models and a device
 * identifier over the network, from native code that no guard of Node reaches, unless the environment forbids it before
 * the first session is made (https://github.com/microsoft/onnxruntime/pull/27379). Nothing leaves this machine.
 * On Windows the runtime has no such uploader, but events of the system's tracing, which no switch of it turns off.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';

export { InferenceSession, Tensor } from 'onnxruntime-node';
