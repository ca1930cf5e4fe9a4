import { Fault, type Handlers, type Workstation, workstation } from '../../preload/contract/index.ts';

/** What a test sees of the calls that reached the backend. */
export interface Seen {
  readonly aborted: string[];
  /** Events listened to now. */
  listening: number;
  emit: ((value: { studyId: string | null }) => void) | null;
}

/**
 * A small real backend for the seam itself: a few calls that answer, wait, fail or answer wrongly; every other call of
 * the contract refuses, so that its path is exercised too.
 */
export const scripted = (): { handlers: Handlers<Workstation>; seen: Seen } => {
  const seen: Seen = { aborted: [], listening: 0, emit: null };
  const refusing: Record<string, Record<string, unknown>> = {};
  for (const [name, methods] of Object.entries(workstation)) {
    const bound: Record<string, unknown> = {};
    refusing[name] = bound;
    for (const [method, shape] of Object.entries(methods)) {
      bound[method] = () => {
        if (shape.kind === 'call') throw new Fault('refused', `${name}.${method}`);
      };
    }
  }
  const base = refusing as unknown as Handlers<Workstation>;
  const handlers: Handlers<Workstation> = {
    ...base,
    settings: {
      ...base.settings,
      get: ({ key }) => {
        if (key === 'broken') throw new TypeError('secret detail');
        if (key === 'refused') throw new Fault('conflict', 'Made on an older revision.', { revision: 3 });
        if (key === 'wrong') return { value: 7 } as unknown as { value: string };
        return { value: `value of ${key}` };
      },
      set: ({ key }, { signal }) =>
        new Promise((resolve) => {
          if (key === 'quick') return resolve({});
          // Deaf to its signal, as a handler may be by mistake: the caller must get an answer all the same.
          signal.addEventListener('abort', () => seen.aborted.push(key));
        }),
    },
    studies: {
      ...base.studies,
      changed: (_params, emit, signal) => {
        seen.listening += 1;
        seen.emit = emit;
        signal.addEventListener('abort', () => {
          seen.listening -= 1;
        });
      },
    },
  };
  return { handlers, seen };
};
