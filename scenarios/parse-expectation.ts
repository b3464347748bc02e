import type { Expectation } from '../model/traffic.ts';
import { UnitError } from '../model/units.ts';

const hint = "write status codes and classes joined by commas, '201,204' or '2xx,3xx', or 'body~REGEX' for the body";

/** Codes of a class such as `2xx`. */
const classCodes = (first: number): number[] => Array.from({ length: 100 }, (_, index) => first * 100 + index);

/** `201,204`, `2xx`, `body~REGEX`, or both kinds → Expectation; empty → any status of 200 to 399. @throws UnitError */
export function parseExpectation(text: string): Expectation {
  const statuses: number[] = [];
  const [codes = '', body] = text.split(/(?:^|,)body~(.*)$/s);
  for (const part of codes.split(',').map((item) => item.trim())) {
    if (part === '') continue;
    const family = /^([1-5])xx$/i.exec(part)?.[1];
    if (family !== undefined) statuses.push(...classCodes(Number(family)));
    else if (/^[1-5]\d\d$/.test(part)) statuses.push(Number(part));
    else throw new UnitError(`"${part}" is not a status to expect`, hint);
  }
  if (body !== undefined) checkRegularExpression(body);
  return { statuses, body: body ?? null };
}

/** The expression itself. @throws UnitError where the text is none */
export function checkRegularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UnitError(
      `"${text}" is not a regular expression${error instanceof Error ? `: ${error.message}` : ''}`,
      'see JavaScript regular expressions; special characters are escaped by \\',
    );
  }
}
