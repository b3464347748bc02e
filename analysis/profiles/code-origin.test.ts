import test from 'ava';
import { codeOrigin } from './code-origin.ts';

const functions = {
  'main.main': ['own', 'own'],
  'main.(*shop).names.mapped[go.shape.string,go.shape.string].func1': ['own', 'own'],
  'example.com/orders/shop.(*Store).Price': ['own', 'own'],
  'example.com/orders.init': ['own', 'own'],
  'example.com/ordersapi.Call': ['library', 'own'],
  'github.com/jackc/pgx/v5.(*Conn).Query': ['library', 'own'],
  'gopkg.in/yaml%2ev3.Unmarshal': ['library', 'own'],
  'golang.org/x/sys/unix.Syscall': ['library', 'own'],
  'net/http.(*conn).serve': ['standard', 'standard'],
  'encoding/json.Marshal': ['standard', 'standard'],
  'slices.SortFunc[go.shape.[]example.com/orders/shop.Item,go.shape.int]': ['standard', 'standard'],
  'runtime.mallocgcSmallScanNoHeaderSC7': ['standard', 'standard'],
  'internal/runtime/syscall.Syscall6': ['standard', 'standard'],
  'vendor/golang.org/x/net/http2/hpack.(*Decoder).Write': ['standard', 'standard'],
  'type:.eq.example.com/orders/shop.Key': ['standard', 'standard'],
  memeqbody: ['standard', 'standard'],
  '[libc.so.6]': ['standard', 'standard'],
} as const;

test('functions are told apart by the path of their package', (t) => {
  for (const [name, [known, unknown]] of Object.entries(functions)) {
    t.is(codeOrigin(name, 'example.com/orders'), known, name);
    t.is(codeOrigin(name, null), unknown, `${name}, module not known`);
  }
});

test('a module whose path begins like a package of Go is one’s own all the same', (t) => {
  t.is(codeOrigin('log/shop.Price', 'log/shop'), 'own');
  t.is(codeOrigin('log.Println', 'log/shop'), 'standard');
});
