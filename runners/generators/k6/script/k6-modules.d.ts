/*
 * What plimsoll's own script uses of k6 and of the engine's module, no more: a user's script takes @types/k6.
 */

declare module 'k6/http' {
  export interface Response {
    readonly status: number;
    /** Null where bodies are discarded. */
    readonly body: string | null;
    /** 0: none. */
    readonly error_code: number;
    readonly error: string;
    /** Milliseconds. */
    readonly timings: {
      readonly connecting: number;
      readonly sending: number;
      readonly waiting: number;
      /** From the first byte sent to the last one received. */
      readonly duration: number;
    };
  }
  export interface Parameters {
    readonly headers: Readonly<Record<string, string>>;
    /** Milliseconds. */
    readonly timeout: number;
    readonly redirects: number;
    readonly responseType: 'text' | 'none';
  }
  /** @throws what the transport says, where the script's options have `throw` */
  export function request(method: string, url: string, body: string | null, parameters: Parameters): Response;
  /** Null: no metric of expected and unexpected answers. */
  export function setResponseCallback(callback: null): void;
}

declare module 'k6/metrics' {
  export class Trend {
    constructor(name: string);
    add(value: number, tags: Readonly<Record<string, string>>): void;
  }
}

declare module 'k6/execution' {
  export const scenario: {
    readonly name: string;
    /** Milliseconds since 1970. */
    readonly startTime: number;
    readonly iterationInTest: number;
  };
}

/** The engine's own module: engine/traffic/traffic.go. */
declare module 'k6/x/plimsoll' {
  /** Number of the request that is due; −1 where none is wanted now, −2 where all calls are to be looked at. */
  export function turn(): number;
  /** Its stage. */
  export function stage(): number;
  /** It is built and goes out now; false where only its endpoint's name was wanted. */
  export function send(endpoint: string): boolean;
  /** What the complete answer counts as; `status` is 0 or '' unless it decided. */
  export function judge(outcome: string, failure: string, status: number | string): void;
  /** A request, ready to be sent any number of times. */
  export interface Request {
    readonly kind: 'request';
  }
  export function request(
    endpoint: string,
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
    timeoutMs: number,
  ): Request;
  /**
   * Says its endpoint, as `send` does, sends it and reads the answer: its status, to be judged. 0 where there is nothing
   * to judge: no answer, only the name was wanted, or that status of this very request was judged before.
   */
  export function exchange(request: Request): number;
  /** A gRPC call, ready to be made any number of times. */
  export interface Call {
    readonly kind: 'call';
  }
  /** @throws what is wrong with it: the method, or the message (JSON) */
  export function call(
    method: string,
    message: string,
    metadata: Readonly<Record<string, string>>,
    deadlineMs: number,
  ): Call;
  /** Makes it: the code that the service ended it with, by name; '' where it did not. */
  export function invoke(call: Call): string;
  /** What the last one answered, in JSON without white space. */
  export function text(): string;
}
