import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { mebibytes } from '../../model/units.ts';
import { profileRefusal } from './profile-refusal.ts';

const captureOf = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../fixtures/captures/${name}`, import.meta.url));
const answer = (body: Buffer, code = 200, headers: Record<string, string> = {}) =>
  profileRefusal({ code, body, headers, contentType: headers['content-type'] ?? null });

test('real profiles are accepted', async (t) => {
  for (const name of ['cpu-loaded', 'heap-idle', 'allocs-delta', 'goroutine-loaded', 'mutex-before', 'block-off'])
    t.is(await answer(await captureOf(`${name}.pb.gz`)), null, name);
});

test('a profile that lost its end or was changed is refused', async (t) => {
  const profile = await captureOf('cpu-loaded.pb.gz');
  const changed = Buffer.from(profile);
  changed[profile.length - 6] = (changed[profile.length - 6] ?? 0) ^ 0xff;
  for (const damaged of [profile.subarray(0, -1), profile.subarray(0, 100), profile.subarray(0, 10), changed])
    t.regex((await answer(damaged)) ?? 'accepted', /damaged or was cut off/);
  t.regex((await answer(Buffer.alloc(0))) ?? 'accepted', /empty/);
  t.regex((await answer(gzipSync(''))) ?? 'accepted', /empty/);
});

test('what is no profile is refused', async (t) => {
  const page = { 'content-type': 'text/html; charset=utf-8' };
  t.regex((await answer(Buffer.from('<html>'), 200, page)) ?? 'accepted', /page of HTML/);
  t.regex((await answer(Buffer.from('goroutine profile: total 4'))) ?? 'accepted', /not compressed/);
});

test('a decompression bomb is refused', async (t) => {
  t.regex((await answer(gzipSync(Buffer.alloc(mebibytes(257))))) ?? 'accepted', /unpacks to more than 256 MiB/);
});

test("net/http/pprof's own words explain its refusals; those of other servers are not repeated", async (t) => {
  const go = { 'x-go-pprof': '1' };
  const inUse = Buffer.from('Could not enable CPU profiling: cpu profiling already in use\n');
  t.regex((await answer(inUse, 500, go)) ?? '', /already running in the target, and Go runs only one at a time/);
  t.regex((await answer(Buffer.from('Unknown profile\n'), 404, go)) ?? '', /no such profile/);
  const timeout = Buffer.from("profile duration exceeds server's WriteTimeout\n");
  t.regex(
    (await answer(timeout, 400, go)) ?? '',
    /400 instead of 200 \("profile duration exceeds server's WriteTimeout"\)/,
  );
  t.is(await answer(Buffer.from('hunter2'), 500), 'the target answered 500: it failed while making the answer');
});
