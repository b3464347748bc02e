import type { Scenario } from '../model/scenario.ts';
import { isSensitiveHeader } from '../model/sensitive-header.ts';

/**
 * Takes secrets out of what a person wrote: each becomes a reference `env:PLIMSOLL_SECRET_n`, and `values` is given to the
 * processes that need them, through their environment, and written nowhere.
 */
export class SecretValues {
  readonly values: Record<string, string> = {};

  /** The reference that stands for the value; one that is a reference already stays. */
  hide(value: string): string {
    if (value.startsWith('env:')) return value;
    const name = `PLIMSOLL_SECRET_${Object.keys(this.values).length + 1}`;
    this.values[name] = value;
    return `env:${name}`;
  }

  header(name: string, value: string): string {
    return isSensitiveHeader(name) ? this.hide(value) : value;
  }

  headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, this.header(name, value)]));
  }

  /** The scenario with the headers of its endpoints and admin addresses hidden. (A function's headers are its own.) */
  scenario(scenario: Scenario): Scenario {
    const { traffic, collect } = scenario;
    return {
      ...scenario,
      ...('requests' in traffic || 'k6Script' in traffic
        ? {}
        : {
            traffic:
              'grpc' in traffic
                ? {
                    ...traffic,
                    grpc: traffic.grpc.map((call) =>
                      call.metadata === undefined ? call : { ...call, metadata: this.headers(call.metadata) },
                    ),
                  }
                : {
                    ...traffic,
                    endpoints: traffic.endpoints.map((endpoint) =>
                      endpoint.headers === undefined
                        ? endpoint
                        : { ...endpoint, headers: this.headers(endpoint.headers) },
                    ),
                  },
          }),
      ...(collect?.adminHeaders === undefined
        ? {}
        : { collect: { ...collect, adminHeaders: this.headers(collect.adminHeaders) } }),
    };
  }
}
