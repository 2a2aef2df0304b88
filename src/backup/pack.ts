import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Part } from './archive-parts.js';

/** The higher ones take several times as long for a tenth of the size. */
const LEVEL = 6;
const CHUNK_BYTES = 256 * 1024;

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
  return Buffer.concat(packed);
}
