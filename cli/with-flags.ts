import type { Argv, InferredOptionTypes, Options } from 'yargs';

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The values of flags as yargs gives them: `--think-time` is `thinkTime`. */
export type FlagValues<O extends Record<string, Options>> = {
  [Name in keyof O & string as CamelCase<Name>]: InferredOptionTypes<O>[Name];
};

/** Adds flags that are named as they are typed (`think-time`), so that help does not list two spellings of each. */
export function withFlags<T, O extends Record<string, Options>>(yargs: Argv<T>, options: O): Argv<T & FlagValues<O>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- yargs adds the other spelling; no flag is there twice
  return yargs.options(options) as unknown as Argv<T & FlagValues<O>>;
}
