/** Jute: how ZooKeeper's protocol writes numbers, texts and lists as bytes (big-endian, lengths as int32, -1 = null). */
export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export const bool = (value: boolean): Buffer => Buffer.from([value ? 1 : 0]);
export const bytes = (value: Uint8Array): Buffer => Buffer.concat([int(value.length), value]);
export const text = (value: string): Buffer => bytes(Buffer.from(value));

/** Reads one value after the other; throws a RangeError when the bytes end before the value does. */
export interface JuteReader {
  readonly int: () => number;
  readonly long: () => bigint;
  readonly bool: () => boolean;
  readonly bytes: () => Buffer;
  readonly text: () => string;
  readonly texts: () => readonly string[];
  readonly isAtEnd: () => boolean;
  /** Bytes read so far. */
  readonly position: () => number;
}

export function juteReader(from: Buffer): JuteReader {
  let at = 0;
  const int32 = (): number => {
    at += 4;
    return from.readInt32BE(at - 4);
  };
  const buffer = (): Buffer => {
    const length = Math.max(0, int32());
    if (at + length > from.length)
      throw new RangeError(`${length} bytes were announced, ${from.length - at} are there`);
    at += length;
    return from.subarray(at - length, at);
  };
  return {
    int: int32,
    long: () => {
      at += 8;
      return from.readBigInt64BE(at - 8);
    },
    bool: () => {
      at += 1;
      return from.readInt8(at - 1) !== 0;
    },
    bytes: buffer,
    text: () => buffer().toString(),
    texts: () => Array.from({ length: Math.max(0, int32()) }, () => buffer().toString()),
    isAtEnd: () => at >= from.length,
    position: () => at,
  };
}
