/** What one run of many has to say of engine and collectors, the next has as well: it is passed on the first time. */
export function onlyOnce(say: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) say(message);
    said.add(message);
  };
}
