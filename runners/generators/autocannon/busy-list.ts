import type { DueRequest } from './due-request.ts';
import type { WireConnection } from './wire-connection.ts';

/** Connections in the order in which they became busy; linked through themselves, so that any one leaves at no cost. */
export class BusyList {
  oldest: WireConnection | null = null;
  length = 0;
  #newest: WireConnection | null = null;

  add(connection: WireConnection, now: number): void {
    connection.busySince = now;
    connection.older = this.#newest;
    connection.newer = null;
    if (this.#newest === null) this.oldest = connection;
    else this.#newest.newer = connection;
    this.#newest = connection;
    this.length++;
  }

  /** The connection must be in the list. */
  remove(connection: WireConnection): void {
    const { older, newer } = connection;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    connection.older = null;
    connection.newer = null;
    this.length--;
  }

  /** Destroys those that became busy at `limit` or before; `lost` is told of each and must remove it. */
  giveUp(limit: number, lost: (late: WireConnection) => void): void {
    for (let late = this.oldest; late !== null && late.busySince <= limit; late = this.oldest) {
      late.destroy();
      lost(late);
    }
  }

  /** Destroys all of them; gives the requests they had. They stay in the list. */
  destroyAll(): DueRequest[] {
    const cut: DueRequest[] = [];
    for (let connection = this.oldest; connection !== null; connection = connection.newer) {
      if (connection.request !== null) cut.push(connection.request);
      connection.destroy();
    }
    return cut;
  }
}
