import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';

/**
 * k6 cannot be told when to begin. But its script's setup can wait for an answer: when it asks, k6 has read everything and
 * made its users; when it is answered, the load begins.
 */
export class Gate {
  readonly url: string;
  /** k6 is ready. */
  readonly reached: Promise<void>;
  readonly #server: Server;
  #waiting: ServerResponse | null = null;
  #isOpen = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}/`;
    this.reached = new Promise((resolve) => {
      server.on('request', (_, response: ServerResponse) => {
        this.#waiting = response;
        if (this.#isOpen) this.open();
        resolve();
      });
    });
  }

  static async make(): Promise<Gate> {
    // It waits as long as it takes.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the gate has no port');
    return new Gate(server, address.port);
  }

  open(): void {
    this.#isOpen = true;
    this.#waiting?.end();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
