/** How gRPC names the ends of a call, in the order of their numbers. */
export const grpcCodes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

const shed: ReadonlySet<string> = new Set(['429', '503', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE']);

/** 429 and 503, and what gRPC has for them, are the service's refusals: no failures, unless they were expected. */
export const isShedStatus = (status: string): boolean => shed.has(status);
