/** Headers that authenticate: their literal value must not reach a plan or a record. */
const sensitive =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token|x-csrf-token)$/i;

export const isSensitiveHeader = (name: string): boolean => sensitive.test(name);
