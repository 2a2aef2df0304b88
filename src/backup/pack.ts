import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Part } from './archive-parts.js';

/** The higher ones take several times as long for a tenth of the size. */
const LEVEL = 6;
const CHUNK_BYTES = 256 * 1024;

/**
 * No CRC covers it, so there is only one that we write and read: no name, no time, nothing said of the compression, and
 * Unix as the system, whichever it is.
 */
export const GZIP_HEADER = Buffer.from('1f8b0800000000000003', 'hex');

/** Of format 1.0, which was compressed as strongly as can be. */
export const FIRST_GZIP_HEADER = Buffer.from('1f8b0800000000000203', 'hex');

/** A `.tar.gz` of the parts. Owner, mode, order and times are fixed: equal parts give equal bytes. */
export async function packArchive(parts: readonly Part[], epochSeconds: number): Promise<Uint8Array> {
  const tar = pack();
  const mtime = new Date(epochSeconds * 1_000);
  for (const { name, bytes } of parts) {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    tar.entry({ name, mtime, mode: 0o644, uid: 0, gid: 0, type: 'file' }, whole);
  }
  tar.finalize();
  const packed: Buffer[] = [];
  await pipeline(tar, createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES }), async (stream: AsyncIterable<Buffer>) => {
    for await (const chunk of stream) packed.push(chunk);
  });
  const archive = Buffer.concat(packed);
  archive.set(GZIP_HEADER);
  return archive;
}
