/** A source cut into the parts of an upload: always the same ones for the same length, so that another process finds them again. */
import { createHash } from 'node:crypto';
import type { Source } from '../../core/store.js';

const MIB = 1024 * 1024;
/** Larger than S3's least (5 MiB); a killed copy loses at most one. */
const LEAST_PART_BYTES = 8 * MIB;
const MOST_PARTS = 10_000;

export const partBytesOf = (totalBytes: number): number =>
  Math.max(LEAST_PART_BYTES, Math.ceil(totalBytes / MOST_PARTS / MIB) * MIB);

export interface Piece {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly md5: Buffer;
}

export interface Pieces {
  readonly each: AsyncIterable<Piece>;
  /** Once all were taken: are they the bytes that were promised? */
  readonly promised: () => boolean;
  /** Once all were taken: the ETag that S3 makes of one upload in these parts. */
  readonly etag: () => string;
}

/** At least one piece, if an empty one. */
export function piecesOf(source: Source, signal: AbortSignal | undefined): Pieces {
  const whole = createHash('sha256');
  const md5s: Buffer[] = [];
  let total = 0;
  async function* each(): AsyncGenerator<Piece, void, undefined> {
    for await (const bytes of cut(source.read(signal), partBytesOf(source.bytes))) {
      whole.update(bytes);
      total += bytes.length;
      const md5 = createHash('md5').update(bytes).digest();
      md5s.push(md5);
      yield { number: md5s.length, bytes, md5 };
    }
  }
  return {
    each: each(),
    promised: () => total === source.bytes && whole.digest('hex') === source.sha256,
    etag: () => etagOf(md5s, source.bytes),
  };
}

function etagOf(md5s: readonly Buffer[], totalBytes: number): string {
  if (totalBytes <= partBytesOf(totalBytes)) return Buffer.concat(md5s).toString('hex');
  return `${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-${md5s.length}`;
}

async function* cut(chunks: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Buffer, void, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let any = false;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (heldBytes + rest.length >= partBytes) {
      const head = rest.subarray(0, partBytes - heldBytes);
      yield Buffer.concat([...held, head]);
      rest = rest.subarray(head.length);
      held = [];
      heldBytes = 0;
      any = true;
    }
    if (rest.length > 0) held.push(rest);
    heldBytes += rest.length;
  }
  if (heldBytes > 0 || !any) yield Buffer.concat(held);
}
