/** Stands in for a domain that is still being written: refuses every call in words. Goes with the last of them. */
import { Fault, type Handlers, type Workstation, workstation } from '../preload/contract/index.ts';
import type { Exports, Inference } from './domains.ts';

const handlersOf = <Name extends keyof Workstation>(name: Name): Pick<Handlers<Workstation>, Name> => {
  const bound: Record<string, unknown> = {};
  for (const [method, shape] of Object.entries(workstation[name])) {
    bound[method] =
      shape.kind === 'call'
        ? () => {
            throw new Fault('refused', `${name}.${method} is not built yet.`);
          }
        : () => {};
  }
  return { [name]: bound } as unknown as Pick<Handlers<Workstation>, Name>;
};
const refuse = (): never => {
  throw new Fault('refused', 'Not built yet.');
};
const close = async (): Promise<void> => {};

export const unbuilt = {
  inference: (): Inference => ({
    handlers: handlersOf('inference'),
    runStudy: refuse,
    findings: () => [],
    embed: async () => null,
    generate: async () => null,
    close,
  }),
  exports: (): Exports => ({ handlers: handlersOf('exports'), media: () => null, write: refuse }),
};
