import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildRunRecord } from '../../fixtures/records/build-run-record.ts';
import { signOffRuns } from '../../fixtures/records/sign-off-runs.ts';
import type { CheckId, SignOff } from '../../model/sign-off.ts';
import { type EpochMilliseconds, after, bytes, epochMilliseconds, perSecond, seconds } from '../../model/units.ts';
import { type Envelope, decodeEnvelope, envelopeText, sealed } from '../../runners/sign-off/envelope.ts';
import { type Statement, decodeStatement, encodeStatement } from '../../runners/sign-off/statement.ts';
import { saveRun } from '../../runners/store/save-run.ts';
import { UnreadableRun } from '../../runners/store/unreadable-run.ts';
import { parseGatePolicy } from '../../scenarios/parse-gate-policy.ts';
import { makeSignOff } from './make-sign-off.ts';
import { type SignOffFiles, filesFor } from './sign-off-files.ts';
import { type Circumstances, type RefusalCode, type Verification, verifySignOff } from './verify-sign-off.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

const now = epochMilliseconds(Date.UTC(2026, 10, 21, 12));
const later = (days: number): EpochMilliseconds => after(now, seconds(days * 86_400));
const iso = (instant: EpochMilliseconds): string => new Date(instant).toISOString();
const usual: Circumstances = { now: later(1), commit: null, subjectSha256: null, forecast: null, run: null };

const commit = '0123456789abcdef0123456789abcdef01234567';
const digest = 'd'.repeat(64);

/** A sign-off of five tests and a stair that passes, the search waived; made once, copied for each case. */
const made = makeOne();

async function makeOne(): Promise<SignOffFiles & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  const runsDirectory = join(folder, 'runs');
  const runs: string[] = [];
  for (const [index, description] of Object.values(signOffRuns).entries()) {
    const record = buildRunRecord(description);
    const id = `20261121-091300-run-000${index}`;
    await saveRun({ ...record, id }, runsDirectory, () => null);
    runs.push(id);
  }
  const policy =
    'policy: orders\nevidence: { steady: 5s, metrics: false, profiles: [] }\nobjectives: [p90<200ms, errors<5%]\n';
  await writeFile(join(folder, 'policy.yaml'), policy);
  await writeFile(join(folder, 'comparison.json'), '{}');
  const files = filesFor(join(folder, 'signoff'));
  await mkdir(join(folder, 'signoff'));
  const { statement } = await makeSignOff(
    {
      runs,
      runsDirectory,
      asked: {
        now,
        trafficTarget: { ratePerSecond: perSecond(300), source: 'forecast', date: '2026-11-01' },
        instances: { planned: 4, survive: 1 },
        recommended: new Map(),
        approvers: ['Ada'],
        openRegressions: [],
        oldestEvidence: seconds(30 * 86_400),
        leastSoak: seconds(10),
        expires: iso(later(30)),
      },
      given: [{ subject: { name: 'orders', digest: { sha256: digest } }, buildId: null }],
      commit,
      service: 'orders',
      waivers: [{ owner: 'Ada', reason: 'a stair will do', scope: 'search-certificate', expires: iso(later(10)) }],
      regressions: { comparison: { file: 'comparison.json', verdict: 'same' }, open: [] },
      policy: { file: join(folder, 'policy.yaml'), rules: parseGatePolicy('policy.yaml', policy) },
      comparisonFile: join(folder, 'comparison.json'),
      waiversFile: null,
      key: privateKey,
    },
    files,
  );
  const open = statement.predicate.checklist.filter(({ status }) => status === 'fail' || status === 'inconclusive');
  if (open.length > 0) throw new Error(open.map(({ id, evidence }) => `${id}: ${evidence}`).join('\n'));
  return { ...files, folder };
}

test.after.always(async () => rm((await made).folder, { recursive: true, force: true }));

/** A copy that may be spoilt. */
async function copied(t: ExecutionContext): Promise<SignOffFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await cp(join((await made).folder, 'signoff'), join(folder, 'signoff'), { recursive: true });
  return filesFor(join(folder, 'signoff'));
}

async function readStatement(files: SignOffFiles): Promise<Statement> {
  const envelope = await readEnvelope(files);
  const statement = decodeStatement(Buffer.from(envelope.payload, 'base64'));
  if (typeof statement === 'string') throw new Error(statement);
  return statement;
}

async function readEnvelope({ envelope }: SignOffFiles): Promise<Envelope> {
  const read = decodeEnvelope(await readFile(envelope, 'utf8'));
  if (read === null) throw new Error('no envelope');
  return read;
}

const verify = (
  files: SignOffFiles,
  changes: Partial<Circumstances> = {},
  keys: readonly KeyObject[] = [publicKey],
): Promise<Verification> => verifySignOff(files, keys, { ...usual, ...changes });

/** What is done to a copy, the refusal that has to come of it, and what has to be named in it. */
interface Tampering {
  readonly name: string;
  readonly does: (files: SignOffFiles) => Promise<unknown>;
  readonly code: RefusalCode;
  readonly names?: string;
}

/** The envelope written anew, its payload still signed by the first key. */
const withEnvelope =
  (change: (envelope: Envelope) => Envelope) =>
  async (files: SignOffFiles): Promise<void> =>
    writeFile(files.envelope, envelopeText(change(await readEnvelope(files))));

/** The statement changed, and signed again by the same key: what a careless or dishonest signer could do. */
const signedAgain =
  (change: (signOff: SignOff) => SignOff, key: KeyObject = privateKey) =>
  async (files: SignOffFiles): Promise<void> => {
    const { subject, predicate } = await readStatement(files);
    await writeFile(
      files.envelope,
      envelopeText(sealed(encodeStatement({ subject, predicate: change(predicate) }), key)),
    );
  };

const payloadChanged = (change: (text: string) => string): ((files: SignOffFiles) => Promise<void>) =>
  withEnvelope((envelope) => ({
    ...envelope,
    payload: Buffer.from(change(Buffer.from(envelope.payload, 'base64').toString())).toString('base64'),
  }));

const flip = async (file: string, place: number): Promise<void> => {
  const content = await readFile(file);
  const at = Math.min(content.length - 1, Math.floor(place * content.length));
  content[at] = (content[at] ?? 0) ^ 1;
  await writeFile(file, content);
};

const firstRun = 'runs/20261121-091300-run-0000';
const secondRun = 'runs/20261121-091300-run-0001';
const kept = [
  `${firstRun}/run.json`,
  `${firstRun}/manifest.json`,
  `${firstRun}/traffic.jsonl.gz`,
  `${secondRun}/metrics.jsonl.gz`,
  'policy/policy.yaml',
  'report.html',
  'report.md',
];

const inArtifacts =
  (name: string, does: (file: string, outside: string) => Promise<unknown>) =>
  async ({ artifacts }: SignOffFiles): Promise<unknown> =>
    does(join(artifacts, name), `${artifacts}.outside`);

const ofEachFile = (name: string): readonly Tampering[] => [
  { name: `${name}: first byte`, does: inArtifacts(name, (file) => flip(file, 0)), code: 'altered', names: name },
  {
    name: `${name}: a byte in its middle`,
    does: inArtifacts(name, (file) => flip(file, 0.5)),
    code: 'altered',
    names: name,
  },
  { name: `${name}: last byte`, does: inArtifacts(name, (file) => flip(file, 1)), code: 'altered', names: name },
  {
    name: `${name}: one byte more`,
    does: inArtifacts(name, (file) => writeFile(file, ' ', { flag: 'a' })),
    code: 'altered',
    names: name,
  },
  { name: `${name}: emptied`, does: inArtifacts(name, (file) => truncate(file, 0)), code: 'altered', names: name },
  { name: `${name}: gone`, does: inArtifacts(name, (file) => unlink(file)), code: 'missing', names: name },
  {
    name: `${name}: a link to the same bytes`,
    does: inArtifacts(name, async (file, outside) => {
      await rename(file, outside);
      await symlink(outside, file);
    }),
    code: 'link',
    names: name,
  },
];

const badNames = [
  '../signoff.json',
  '/etc/hostname',
  'runs/../../signoff.json',
  './report.md',
  'runs//x',
  '',
  'a\\..\\b',
  'report.md\u0000',
  '..',
  'runs/',
];

const empty = { bytes: bytes(0), sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' };

const tamperings: readonly Tampering[] = [
  ...kept.flatMap(ofEachFile),
  {
    name: 'a folder where a file was',
    does: inArtifacts('report.md', async (file) => {
      await unlink(file);
      await mkdir(file);
    }),
    code: 'not-a-file',
    names: 'report.md',
  },
  {
    name: 'a file more',
    does: inArtifacts('report-2.html', (file) => writeFile(file, 'PASS')),
    code: 'unlisted',
    names: 'report-2.html',
  },
  {
    name: 'a run folder that is a link to itself elsewhere',
    does: inArtifacts(firstRun, async (folder, outside) => {
      await rename(folder, outside);
      await symlink(outside, folder);
    }),
    code: 'link',
    names: `${firstRun}/run.json`,
  },
  {
    name: 'two runs that changed places',
    does: async ({ artifacts }) => {
      await rename(join(artifacts, firstRun), join(artifacts, 'x'));
      await rename(join(artifacts, secondRun), join(artifacts, firstRun));
      await rename(join(artifacts, 'x'), join(artifacts, secondRun));
    },
    code: 'altered',
    names: `${firstRun}/run.json`,
  },
  {
    name: 'no artefacts at all',
    does: ({ artifacts }) => rm(artifacts, { recursive: true }),
    code: 'missing',
    names: '.',
  },
  {
    name: 'artefacts behind a link',
    does: async ({ artifacts }) => {
      await rename(artifacts, `${artifacts}.real`);
      await symlink(`${artifacts}.real`, artifacts);
    },
    code: 'link',
    names: '.',
  },
  { name: 'a result edited', does: payloadChanged((text) => text.replace('"WARNED"', '"PASSED"')), code: 'signature' },
  {
    name: 'a rate edited',
    does: payloadChanged((text) => text.replace('"ratePerSecond":300', '"ratePerSecond":900')),
    code: 'signature',
  },
  {
    name: 'an end edited',
    does: payloadChanged((text) => text.replace(iso(later(30)), iso(later(300)))),
    code: 'signature',
  },
  {
    name: 'a hash edited',
    does: payloadChanged((text) => text.replace(/"sha256":"./, '"sha256":"0')),
    code: 'signature',
  },
  {
    name: 'an artefact taken off the list',
    does: payloadChanged((text) => text.replace(/\{"name":"report.md"[^}]+\},?/, '')),
    code: 'signature',
  },
  { name: 'a blank in the statement', does: payloadChanged((text) => text.replace('{', '{ ')), code: 'signature' },
  { name: 'another subject', does: payloadChanged((text) => text.replace(digest, 'e'.repeat(64))), code: 'signature' },
  { name: 'no signature', does: withEnvelope((envelope) => ({ ...envelope, signatures: [] })), code: 'signature' },
  {
    name: 'an empty signature',
    does: withEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((each) => ({ ...each, sig: '' })),
    })),
    code: 'signature',
  },
  {
    name: 'a signature twice as long',
    does: withEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map(({ keyid, sig }) => ({
        keyid,
        sig: Buffer.concat([Buffer.from(sig, 'base64'), Buffer.from(sig, 'base64')]).toString('base64'),
      })),
    })),
    code: 'signature',
  },
  {
    name: 'the name of another key',
    does: withEnvelope((envelope) => ({
      ...envelope,
      signatures: envelope.signatures.map((each) => ({ ...each, keyid: 'ada' })),
    })),
    code: 'signature',
  },
  { name: 'signed by a stranger', does: signedAgain((signOff) => signOff, stranger.privateKey), code: 'signature' },
  {
    name: 'something else that is signed',
    does: (files) => writeFile(files.envelope, envelopeText(sealed(Buffer.from('{"_type":"other"}'), privateKey))),
    code: 'statement',
  },
  {
    name: 'bytes that are signed',
    does: (files) => writeFile(files.envelope, envelopeText(sealed(Buffer.from([0xff, 0xfe]), privateKey))),
    code: 'statement',
  },
  ...badNames.map((name): Tampering => ({
    name: `an artefact called ${JSON.stringify(name)}`,
    does: signedAgain((signOff) => ({ ...signOff, artifacts: [...signOff.artifacts, { name, ...empty }] })),
    code: 'unsafe-name',
    names: name,
  })),
  {
    name: 'an artefact listed twice',
    does: signedAgain((signOff) => ({
      ...signOff,
      artifacts: [...signOff.artifacts, ...signOff.artifacts.slice(0, 1)],
    })),
    code: 'listed-twice',
  },
  {
    name: 'runs signed under one another’s name',
    does: signedAgain((signOff) => ({
      ...signOff,
      runs: signOff.runs.map((run) => ({ ...run, folder: run.folder === firstRun ? secondRun : firstRun })),
    })),
    code: 'swapped-run',
  },
  {
    name: 'a run without its record',
    does: signedAgain((signOff) => ({
      ...signOff,
      runs: signOff.runs.map((run) => ({ ...run, folder: 'runs/none' })),
    })),
    code: 'missing',
  },
  {
    name: 'a pass that its checklist does not bear out',
    does: signedAgain((signOff) => ({
      ...signOff,
      checklist: signOff.checklist.map((line) => (line.id === 'spike' ? { ...line, status: 'fail' as const } : line)),
    })),
    code: 'checklist',
  },
  {
    name: 'a checklist without a line',
    does: signedAgain((signOff) => ({ ...signOff, checklist: signOff.checklist.filter(({ id }) => id !== 'restart') })),
    code: 'checklist',
  },
  {
    name: 'a line waived by nobody',
    does: signedAgain((signOff) => ({ ...signOff, waivers: [] })),
    code: 'checklist',
  },
  {
    name: 'a waiver that is over',
    does: signedAgain((signOff) => ({
      ...signOff,
      waivers: signOff.waivers.map((waiver) => ({ ...waiver, expires: iso(now) })),
    })),
    code: 'waiver-expired',
    names: 'search-certificate',
  },
  {
    name: 'an end that is over',
    does: signedAgain((signOff) => ({ ...signOff, validity: { ...signOff.validity, expires: iso(now) } })),
    code: 'expired',
  },
  {
    name: 'made in the future',
    does: signedAgain((signOff) => ({ ...signOff, validity: { ...signOff.validity, from: iso(later(2)) } })),
    code: 'not-yet-valid',
  },
];

test('as it was made it is valid and passes', async (t) => {
  const verification = await verify(await made);
  t.deepEqual(verification.refusals, []);
  t.is(verification.status, 'valid');
  t.is(verification.statement?.predicate.verdict, 'PASS');
  t.is(verification.statement?.predicate.result, 'WARNED');
  const elsewhere = await copied(t);
  t.is((await verify(elsewhere)).status, 'valid', 'it can be carried elsewhere');
});

test('at least fifty ways to spoil one: each is refused, with its reason and its place', async (t) => {
  t.true(tamperings.length >= 50, `${tamperings.length}`);
  const all = await Promise.all(
    tamperings.map(async ({ name, does, code, names }) => {
      const files = await copied(t);
      await does(files);
      const { status, refusals } = await verify(files);
      const named = refusals.some(
        (refusal) => refusal.code === code && (names === undefined || refusal.where === names),
      );
      return status === 'refused' && named ? [] : [`${name}: ${status} ${JSON.stringify(refusals)}`];
    }),
  );
  t.deepEqual(all.flat(), []);
});

test('with time it ends, and so do its waivers', async (t) => {
  const files = await made;
  t.is((await verify(files, { now: later(9.9) })).status, 'valid');
  const waived = await verify(files, { now: later(10) });
  t.deepEqual(
    waived.refusals.map(({ code, where }) => [code, where]),
    [['waiver-expired', 'search-certificate' satisfies CheckId]],
  );
  t.true((await verify(files, { now: later(30) })).refusals.some(({ code }) => code === 'expired'));
  t.true((await verify(files, { now: later(-1) })).refusals.some(({ code }) => code === 'not-yet-valid'));
});

test('what is to go live has to be what was signed off', async (t) => {
  const files = await made;
  const { environment, settings } = (await readStatement(files)).predicate;
  const today = { environment, settings: new Map(settings.map(({ name, value }) => [name, value])) };
  const fitting = { commit: commit.slice(0, 7), subjectSha256: digest, forecast: perSecond(300), run: today };
  t.deepEqual((await verify(files, fitting)).refusals, []);
  const others: readonly (readonly [RefusalCode, Partial<Circumstances>])[] = [
    ['commit', { commit: 'fedcba9' }],
    ['subject', { subjectSha256: 'e'.repeat(64) }],
    ['forecast', { forecast: perSecond(301) }],
    ['environment', { run: { ...today, environment: { ...environment, kernel: '7.0.0' } } }],
    ['settings', { run: { ...today, settings: new Map([...today.settings, ['GOGC', '400']]) } }],
  ];
  for (const [code, changes] of others) {
    const { status, refusals } = await verify(files, { ...fitting, ...changes });
    t.is(status, 'refused');
    t.deepEqual(
      refusals.map((refusal) => refusal.code),
      [code],
    );
  }
});

test('without a key nothing is valid, but what is altered is still found', async (t) => {
  t.is((await verify(await made, {}, [])).status, 'unverified');
  const files = await copied(t);
  await flip(join(files.artifacts, 'report.html'), 0.5);
  t.is((await verify(files, {}, [])).status, 'refused');
  t.is((await verify(await made, {}, [stranger.publicKey])).status, 'refused');
});

test('what is no sign-off is said to be none', async (t) => {
  const files = await copied(t);
  for (const text of ['', '{}', 'PASS', '{"payloadType":"text/plain","payload":"","signatures":[]}']) {
    await writeFile(files.envelope, text);
    await t.throwsAsync(verify(files), { instanceOf: UnreadableRun, message: /is no sign-off/ });
  }
  await unlink(files.envelope);
  await t.throwsAsync(verify(files), { instanceOf: UnreadableRun });
});
