import test from 'ava';
import { systemCause } from './system-cause.ts';

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });

test('code, call and path of a system error are left out', (t) => {
  t.is(systemCause(failure('ENOENT', "ENOENT: no such file or directory, open '/a/b'")), 'no such file or directory');
  t.is(systemCause(failure('EACCES', "EACCES: permission denied, mkdir '/root, really'")), 'permission denied');
  t.is(systemCause(failure('ENOSPC', 'ENOSPC: no space left on device, write')), 'no space left on device');
  t.is(systemCause(failure('EISDIR', 'EISDIR: illegal operation on a directory, read')), 'it is a folder');
});

test('what is no such message stays as it is', (t) => {
  t.is(systemCause(failure('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')), 'connect ECONNREFUSED 127.0.0.1:1');
  t.is(systemCause(new Error('Note: that, too')), 'Note: that, too');
  t.is(systemCause('thrown'), 'thrown');
});
