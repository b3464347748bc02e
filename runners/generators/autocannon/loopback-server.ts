import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server in this very process that answers everything after a pause: for the self-test and the warm-up. */
export class LoopbackServer {
  requests = 0;
  connections = 0;
  readonly #server: Server;

  private constructor(pauseMs: number) {
    this.#server = createServer((request, response) => {
      this.requests++;
      request.resume();
      const answer = (): void => {
        response.end('a body of some length\n');
      };
      if (pauseMs > 0) setTimeout(answer, pauseMs);
      else answer();
    });
    this.#server.on('connection', () => this.connections++);
    // A busy machine may let them wait for long; a closed one would be counted twice.
    this.#server.keepAliveTimeout = 0;
  }

  static async listen(pauseMs: number): Promise<LoopbackServer> {
    const loopback = new LoopbackServer(pauseMs);
    await new Promise<void>((resolve, reject) => {
      loopback.#server.once('error', reject);
      loopback.#server.listen(0, '127.0.0.1', resolve);
    });
    return loopback;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
