/** Thrown where bytes are not what they should be: the message is one line for people. */
export class UnreadableProfile extends Error {
  constructor(reason: string) {
    super(`unreadable profile: ${reason}`);
    this.name = 'UnreadableProfile';
  }
}
