/** Something of the generator itself, or of its job, that ends it; becomes the `failed` line. */
export class GeneratorFailure extends Error {
  readonly hint: string;
  constructor(reason: string, hint: string) {
    super(reason);
    this.name = 'GeneratorFailure';
    this.hint = hint;
  }
}
