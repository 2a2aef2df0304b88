import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { Part } from './archive-parts.js';
import { FIRST_GZIP_HEADER, GZIP_HEADER } from './pack.js';

/** An archive is held in memory: a registry's content is small, and a larger one is not ours. */
export const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 1024 * 1024 * 1024;
const MAX_PARTS = 16;
/** No folders, no hidden files: nothing that unpacking could put anywhere else. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The files of a `.tar.gz`, in order. Throws with the reason when it is damaged or holds what it must not. */
export async function unpackArchive(packed: Uint8Array): Promise<readonly Part[]> {
  const parts: Part[] = [];
  const tar = extract();
  tar.end(await decompress(packed));
  for await (const entry of tar) {
    const refusal = refused(entry.header, parts);
    if (refusal !== null) throw new Error(refusal);
    parts.push({ name: entry.header.name, bytes: await buffer(entry) });
  }
  return parts;
}

/** gzip guards its content with a CRC, but not its own header, and ignores what stands after the end. */
async function decompress(packed: Uint8Array): Promise<Buffer> {
  if (![GZIP_HEADER, FIRST_GZIP_HEADER].some((header) => beginsWith(packed, header)))
    throw new Error('it does not begin as our gzip files do');
  const gunzip = createGunzip();
  gunzip.end(packed);
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > MAX_UNPACKED_BYTES) throw new Error(`it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (gunzip.bytesWritten !== packed.length) {
    throw new Error(`${packed.length - gunzip.bytesWritten} bytes stand after its end`);
  }
  return Buffer.concat(chunks);
}

export const beginsWith = (bytes: Uint8Array, header: Buffer): boolean =>
  header.equals(bytes.subarray(0, header.length));

function refused({ name, type }: Header, before: readonly Part[]): string | null {
  if (type !== 'file') return `"${name}" is a ${type}, not a file`;
  if (!PLAIN_NAME.test(name)) return `the file name "${name}" is not allowed`;
  if (before.some((part) => part.name === name)) return `"${name}" is in it twice`;
  return before.length >= MAX_PARTS ? `it holds more than ${MAX_PARTS} files` : null;
}
