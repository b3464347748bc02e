import type { Milliseconds } from '../model/units.ts';

/** Lines of Go that set up such a client; what is null is left as it is. */
export function clientSettings({
  connections,
  maxIdlePerHost,
  maxIdle,
  idleTimeMs,
  timeout,
}: {
  readonly connections: number;
  readonly maxIdlePerHost: number;
  readonly maxIdle: number;
  readonly idleTimeMs: Milliseconds | null;
  readonly timeout: Milliseconds | null;
}): readonly string[] {
  return [
    'transport := http.DefaultTransport.(*http.Transport).Clone()',
    `transport.MaxConnsPerHost = ${connections}`,
    `transport.MaxIdleConnsPerHost = ${maxIdlePerHost}`,
    `transport.MaxIdleConns = ${maxIdle}`,
    ...(idleTimeMs === null ? [] : [`transport.IdleConnTimeout = ${goDuration(idleTimeMs)}`]),
    // A dial goes on when its call was given up, and holds one of the connections until it ends.
    ...(timeout === null ? [] : [`transport.DialContext = (&net.Dialer{Timeout: ${goDuration(timeout)}}).DialContext`]),
    `client := &http.Client{Transport: transport${timeout === null ? '' : `, Timeout: ${goDuration(timeout)}`}}`,
  ];
}

const goDuration = (duration: Milliseconds): string => `${Math.ceil(duration)} * time.Millisecond`;
