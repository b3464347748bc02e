import { stat } from 'node:fs/promises';
import { type Misuse, misuse } from '../scenarios/misuse.ts';

const hint = 'write http://host:port/path, or the path of a .ts or .js scenario file';

/** Why an argument is neither the URL of a service nor a scenario file. @throws MisuseError */
export async function refuseArgument(argument: string): Promise<void> {
  const reason = await reasonAgainst(argument);
  if (reason !== null) throw misuse(reason.where, reason.message, reason.hint);
}

async function reasonAgainst(argument: string): Promise<Misuse | null> {
  if (/^https?:\/\//i.test(argument)) {
    if (URL.canParse(argument.replaceAll(/\{\{.*?\}\}/g, 'x'))) return null;
    return { where: '', message: `"${argument}" is not a URL that can be called`, hint: 'write http://host:port/path' };
  }
  const there = await stat(argument).catch(() => null);
  if (there?.isFile() === true) {
    if (/\.[cm]?[jt]s$/.test(argument)) return null;
    return { where: '', message: `${argument} is not a scenario: those are .ts or .js files`, hint };
  }
  if (there !== null) return { where: '', message: `${argument} is a folder, not a scenario file`, hint };
  const neither = `"${argument}" is neither a URL nor a scenario file:`;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(argument)?.[1];
  if (scheme !== undefined)
    return { where: '', message: `${neither} ${scheme} is not spoken here`, hint: 'write http://host:port/path' };
  if (/\.[cm]?[jt]s$/.test(argument)) return { where: '', message: `${neither} there is no file of this name`, hint };
  const address =
    /^(?:localhost|\[[0-9a-f:]+\]|[\w-]+(?:\.[\w-]+)*):\d+(?:[/?].*)?$/i.test(argument) ||
    /^(?:localhost|\d+(?:\.\d+){3})(?:[/?].*)?$/i.test(argument);
  if (address) return { where: '', message: `${neither} a URL begins with http://`, hint: `write http://${argument}` };
  return { where: '', message: `${neither} there is no file of this name, and a URL begins with http://`, hint };
}
