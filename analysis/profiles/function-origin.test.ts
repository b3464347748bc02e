import test from 'ava';
import type { FunctionOrigin } from '../analysis.ts';
import { functionOrigin } from './function-origin.ts';

const functions: readonly (readonly [string, FunctionOrigin])[] = [
  ['main.(*orders).place', 'own'],
  ['example.com/shop/stock.Take', 'own'],
  ['example.com/shopping.Cart', 'library'],
  ['github.com/jackc/pgx/v5/pgconn.(*PgConn).receiveMessage', 'library'],
  ['net/http.(*conn).serve', 'standard'],
  ['runtime/pprof.profileWriter', 'runtime'],
  ['runtime.mallocgc', 'runtime'],
  ['internal/runtime/syscall.Syscall6', 'runtime'],
  ['internal/poll.(*FD).Read', 'standard'],
  ['aeshashbody', 'runtime'],
  ['[libc.so.6]', 'runtime'],
  ['<unknown>', 'runtime'],
];

for (const [name, origin] of functions)
  test(`${name}: ${origin}`, (t) => {
    t.is(functionOrigin(name, 'example.com/shop'), origin);
  });
