import { UnreadableProfile } from './unreadable-profile.ts';

const groupBits = 28;
const group = 2 ** groupBits;
const groupMask = group - 1;

/**
 * Reads the fields of one protobuf message out of a buffer (https://protobuf.dev/programming-guides/encoding/). Every
 * read is checked against the end.
 *
 * Integers come as numbers: exact to 2^53 either way, which no count or time in a profile exceeds.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;
  /** Number of the field that `next` moved to. */
  field = 0;
  /** Its wire type: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
  wireType = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /** Moves to the next field, whose value has to be read or skipped before the next call; false at the end. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    const tag = this.unsigned();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0) throw new UnreadableProfile('a field without a number');
    return true;
  }

  unsigned(): number {
    const byte = this.#byte();
    return byte < 0x80 ? byte : this.#long(byte, false);
  }

  /** Two's complement of 64 bits. */
  signed(): number {
    const byte = this.#byte();
    return byte < 0x80 ? byte : this.#long(byte, true);
  }

  /** A message, a text or packed numbers: where in the buffer it is. */
  range(): { start: number; end: number } {
    if (this.wireType !== 2) throw new UnreadableProfile(`field ${this.field} has the wrong type`);
    const length = this.unsigned();
    const start = this.#position;
    const end = start + length;
    if (end > this.#end) throw new UnreadableProfile('it was cut short');
    this.#position = end;
    return { start, end };
  }

  message(): ProtobufReader {
    const { start, end } = this.range();
    return new ProtobufReader(this.#bytes, start, end);
  }

  /** The integers of a repeated field, whether packed or one by one: read while there is `more`. */
  repeated(): ProtobufReader {
    if (this.wireType === 2) return this.message();
    const start = this.#position;
    this.integer();
    return new ProtobufReader(this.#bytes, start, this.#position);
  }

  get more(): boolean {
    return this.#position < this.#end;
  }

  /** How many integers are left: each ends with a byte below 128. */
  get integersLeft(): number {
    let count = 0;
    for (let position = this.#position; position < this.#end; position++)
      if ((this.#bytes[position] ?? 0) < 0x80) count++;
    return count;
  }

  integer(signed = false): number {
    if (this.wireType !== 0) throw new UnreadableProfile(`field ${this.field} has the wrong type`);
    return signed ? this.signed() : this.unsigned();
  }

  skip(): void {
    if (this.wireType === 0) this.unsigned();
    else if (this.wireType === 2) this.range();
    else if (this.wireType === 1) this.#advance(8);
    else if (this.wireType === 5) this.#advance(4);
    else throw new UnreadableProfile(`a field of unknown type ${this.wireType}`);
  }

  #advance(length: number): void {
    if (this.#position + length > this.#end) throw new UnreadableProfile('it was cut short');
    this.#position += length;
  }

  #byte(): number {
    const byte = this.#position < this.#end ? this.#bytes[this.#position++] : undefined;
    if (byte === undefined) throw new UnreadableProfile('it was cut short');
    return byte;
  }

  /** 64 bits as three groups of 28, 28 and 8, which a double holds exactly one by one. */
  #long(first: number, signed: boolean): number {
    let byte = this.#byte();
    let low = (first & 0x7f) | ((byte & 0x7f) << 7);
    for (let shift = 14; byte >= 0x80 && shift < groupBits; shift += 7) {
      byte = this.#byte();
      low |= (byte & 0x7f) << shift;
    }
    if (byte < 0x80) return low;
    let middle = 0;
    for (let shift = 0; byte >= 0x80 && shift < groupBits; shift += 7) {
      byte = this.#byte();
      middle |= (byte & 0x7f) << shift;
    }
    let high = 0;
    for (let shift = 0; byte >= 0x80; shift += 7) {
      if (shift > 7) throw new UnreadableProfile('a number of more than 64 bits');
      byte = this.#byte();
      high |= (byte & 0x7f) << shift;
    }
    high &= 0xff;
    if (!signed || high < 0x80) return low + middle * group + high * group * group;
    // −x − 1 of the inverted bits, since 2^64 − n itself is more than a double can hold exactly.
    return -((low ^ groupMask) + (middle ^ groupMask) * group + (high ^ 0xff) * group * group) - 1;
  }
}
