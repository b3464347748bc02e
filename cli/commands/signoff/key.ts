import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Options } from 'yargs';
import { systemCause } from '../../../model/system-cause.ts';
import type { Document } from '../../../reports/document.ts';
import { newKeyPair } from '../../../runners/sign-off/signing-keys.ts';
import type { Command } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { UsageError } from '../../present-failure.ts';
import { printFigures } from '../../print-figures.ts';
import { type FlagValues, withFlags } from '../../with-flags.ts';

const options = {
  out: { type: 'string', default: 'signoff-key', describe: 'beginning of the names of both files' },
} as const satisfies Record<string, Options>;

type Flags = FlagValues<typeof options>;

interface KeyFigures {
  readonly keyId: string;
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

export const signOffKeyCommand: Command<Flags> = {
  examples: [
    ['signoff key --out key', 'key.pem to sign with, key.pub.pem to verify with'],
    ['signoff verify signoff --key key.pub.pem', 'what the second one is for'],
  ],
  flags: (yargs) => withFlags(yargs, options),
  run: async ({ out }, { terminal }) => {
    const { privatePem, publicPem, keyId } = newKeyPair();
    const [privateKeyFile, publicKeyFile] = [`${out}.pem`, `${out}.pub.pem`];
    await writeNew(privateKeyFile, privatePem, 0o600);
    await writeNew(publicKeyFile, publicPem, 0o644);
    printFigures(terminal, 'plimsoll/signoff-key/1', { keyId, privateKeyFile, publicKeyFile }, composeKey);
    return exitCodes.done;
  },
};

/** A key is never written over. */
async function writeNew(file: string, content: string, mode: number): Promise<void> {
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${systemCause(error)}`, 'choose another name with --out NAME');
  }
}

const composeKey = ({ keyId, privateKeyFile, publicKeyFile }: KeyFigures): Document => ({
  title: 'A new pair of keys, Ed25519',
  subtitle: keyId,
  blocks: [
    { kind: 'text', brief: true, text: `${privateKeyFile} signs: keep it secret` },
    { kind: 'text', brief: true, text: `${publicKeyFile} verifies: give it to everybody` },
  ],
});
