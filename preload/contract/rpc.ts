/**
 * The seam between window and backend: four requests (call, cancel, listen, unlisten) over post and onMessage.
 * Every call settles: with a value, with a fault, or with a fault 'closed' when the line goes down.
 */
import { z } from 'zod';

export type FaultCode =
  | 'invalid' // the request is malformed or cannot be meant
  | 'not-found'
  | 'refused' // understood, and not done: the message says why and what to do
  | 'conflict' // made on an older revision
  | 'cancelled'
  | 'closed' // the line went down before the answer
  | 'internal'; // logged where it happened; details do not cross the seam

/** An error with a code and a reader: what, which one, what can be done. Never a patient's name in it. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: FaultCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.details = details;
  }
}

export interface CallShape<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: 'call';
  readonly params: P;
  readonly result: R;
}
export interface EventShape<P extends z.ZodType = z.ZodType, V extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly params: P;
  readonly value: V;
}
export type Shape = CallShape | EventShape;
export type Services = Readonly<Record<string, Readonly<Record<string, Shape>>>>;

export const call = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R): CallShape<P, R> => ({
  kind: 'call',
  params,
  result,
});
export const event = <P extends z.ZodType, V extends z.ZodType>(params: P, value: V): EventShape<P, V> => ({
  kind: 'event',
  params,
  value,
});
/** For calls without parameters or without an answer. */
export const nothing = z.object({});

export interface CallContext {
  /** Aborted by cancel and when the line goes down. */
  readonly signal: AbortSignal;
}

/** What the backend must write: does not compile until every call and event of the contract is there. */
export type Handlers<S extends Services> = {
  readonly [Name in keyof S]: {
    readonly [Method in keyof S[Name]]: S[Name][Method] extends CallShape<infer P, infer R>
      ? (params: z.output<P>, context: CallContext) => z.input<R> | Promise<z.input<R>>
      : S[Name][Method] extends EventShape<infer P, infer V>
        ? /** Emits until the signal aborts; returns at once. */
          (params: z.output<P>, emit: (value: z.input<V>) => void, signal: AbortSignal) => void
        : never;
  };
};

/** What the window sees. */
export type Client<S extends Services> = {
  readonly [Name in keyof S]: {
    readonly [Method in keyof S[Name]]: S[Name][Method] extends CallShape<infer P, infer R>
      ? (params: z.input<P>, options?: { signal?: AbortSignal }) => Promise<z.output<R>>
      : S[Name][Method] extends EventShape<infer P, infer V>
        ? /** Returns unlisten. */ (params: z.input<P>, listener: (value: z.output<V>) => void) => () => void
        : never;
  };
};

/** One end of a line that carries structured-clone or JSON values, in order. */
export interface Line {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

const RequestId = z.number().int().nonnegative();
const Method = z.string().max(100);

export const Request = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: RequestId, method: Method, params: z.unknown() }),
  z.object({ kind: z.literal('cancel'), id: RequestId }),
  z.object({ kind: z.literal('listen'), id: RequestId, method: Method, params: z.unknown() }),
  z.object({ kind: z.literal('unlisten'), id: RequestId }),
]);
export type Request = z.infer<typeof Request>;

export const Answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), id: RequestId, value: z.unknown() }),
  z.object({
    kind: z.literal('fault'),
    id: RequestId,
    code: z.enum(['invalid', 'not-found', 'refused', 'conflict', 'cancelled', 'closed', 'internal']),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('event'), id: RequestId, value: z.unknown() }),
]);
export type Answer = z.infer<typeof Answer>;
