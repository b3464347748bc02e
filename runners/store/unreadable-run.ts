/** A saved run that cannot be found, read or trusted: misuse, one line, with what to do about it. */
export class UnreadableRun extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'UnreadableRun';
    this.hint = hint;
  }
}
