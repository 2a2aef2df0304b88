import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { WorldError } from '../../core/errors.js';
import type { Put, PutOptions, Source } from '../../core/store.js';
import { farEndDiffers, fileDiffers, sourceChanged, stopped } from '../failure.js';
import { type Pace, paceOf } from '../pace.js';
import type { Body } from './client.js';
import { type Bucket, findObject, keyOf, putObject, readObject, removeObject, type S3Object } from './objects.js';
import { type Piece, partBytesOf, piecesOf } from './pieces.js';
import { abortUpload, completeUpload, createUpload, listParts, listUploads, uploadPart } from './uploads.js';

interface Job {
  readonly bucket: Bucket;
  readonly file: string;
  readonly key: string;
  readonly source: Source;
  readonly options: PutOptions;
  readonly pace: Pace;
}

export async function putFile(
  bucket: Bucket,
  file: string,
  work: { readonly source: Source; readonly options: PutOptions; readonly clock: Clock },
): Promise<Put> {
  const { source, options, clock } = work;
  const job: Job = { bucket, file, key: keyOf(bucket, file), source, options, pace: paceOf(clock, options) };
  try {
    const there = await compareWithThere(job);
    if (there !== null) return there;
    return await (source.bytes <= partBytesOf(source.bytes) ? putWhole(job) : putInParts(job));
  } catch (error) {
    if (options.signal?.aborted) throw stopped(file, bucket.place);
    // Another put of the same bytes was quicker: it completed our upload, or gave its own the name.
    const there = isOvertaken(error) ? await compareWithThere(job) : null;
    if (there !== null) return there;
    throw error;
  }
}

/** Null = there is no such file yet; one with other bytes throws. */
async function compareWithThere(job: Job): Promise<Put | null> {
  const { bucket, file, key, source, options } = job;
  const found = await findObject(bucket, key, options.signal);
  if (found === null) return null;
  const pieces = piecesOf(source, options.signal);
  for await (const _ of pieces.each);
  if (!pieces.promised()) throw sourceChanged(file);
  const checked = await checkFarEnd(job, found, pieces.etag());
  if (checked === null) throw fileDiffers(file, bucket.place);
  return { keptBytes: source.bytes, checked };
}

async function putWhole(job: Job): Promise<Put> {
  const { bucket, file, key, source, options } = job;
  const pieces = piecesOf(source, options.signal);
  const piece = await firstOf(pieces.each);
  if (piece === null || !pieces.promised()) throw sourceChanged(file);
  const body = bodyOf(job, piece);
  await putObject(bucket, { key, body, md5: piece.md5.toString('base64'), signal: options.signal });
  return { keptBytes: 0, checked: await requireFarEnd(job, pieces.etag()) };
}

async function firstOf(pieces: AsyncIterable<Piece>): Promise<Piece | null> {
  let first: Piece | null = null;
  // To the end: only then the source is known to be what was promised.
  for await (const piece of pieces) first ??= piece;
  return first;
}

/** Parts that an earlier put brought there stay, if they are the same; the others are sent. */
async function putInParts(job: Job): Promise<Put> {
  const { bucket, file, key, source, options } = job;
  const { signal } = options;
  const [earlier, ...others] = (await listUploads(bucket, key, signal)).filter((upload) => upload.key === key);
  const upload = earlier ?? (await createUpload(bucket, key, signal));
  const held = new Map((await listParts(bucket, upload, signal)).map((part) => [part.number, part]));
  const pieces = piecesOf(source, signal);
  const etags: string[] = [];
  let keptBytes = 0;
  for await (const piece of pieces.each) {
    const part = held.get(piece.number);
    const same = part?.bytes === piece.bytes.length && part.etag === piece.md5.toString('hex');
    if (same) {
      keptBytes += piece.bytes.length;
      progress(job, piece, piece.bytes.length);
    }
    etags.push(same ? part.etag : await send(job, piece, upload));
  }
  if (!pieces.promised()) {
    await abortUpload(bucket, upload, signal);
    throw sourceChanged(file);
  }
  await completeUpload(bucket, upload, { etags, signal });
  for (const other of others) await abortUpload(bucket, other, signal);
  return { keptBytes, checked: await requireFarEnd(job, pieces.etag()) };
}

const send = (job: Job, piece: Piece, upload: Awaited<ReturnType<typeof createUpload>>): Promise<string> =>
  uploadPart(job.bucket, upload, {
    number: piece.number,
    body: bodyOf(job, piece),
    md5: piece.md5.toString('base64'),
    signal: job.options.signal,
  });

function bodyOf(job: Job, piece: Piece): Body {
  async function* slices(): AsyncGenerator<Uint8Array, void, undefined> {
    let sent = 0;
    for await (const slice of job.pace(piece.bytes)) {
      yield slice;
      sent += slice.length;
      progress(job, piece, sent);
    }
  }
  const sha256 = createHash('sha256').update(piece.bytes).digest('hex');
  return { bytes: piece.bytes.length, sha256, slices: slices() };
}

const progress = ({ source, options }: Job, { number }: Piece, bytesOfPiece: number): void =>
  options.onProgress?.({
    doneBytes: (number - 1) * partBytesOf(source.bytes) + bytesOfPiece,
    totalBytes: source.bytes,
  });

/** What was just put and is not what was sent is taken away again: it would never be listed, and would be in the way. */
async function requireFarEnd(job: Job, etag: string): Promise<Put['checked']> {
  const { bucket, file, key, options } = job;
  const found = await findObject(bucket, key, options.signal);
  const checked = found === null ? null : await checkFarEnd(job, found, etag);
  if (checked !== null) return checked;
  if (found !== null) await removeObject(bucket, key, options.signal);
  throw farEndDiffers(file, bucket.place);
}

/**
 * An ETag that is the MD5 of the parts is the server's own checksum of what it holds; a server that makes other ETags
 * (encryption with its own keys) is read back. Null = it holds something else.
 */
async function checkFarEnd(
  { bucket, file, source, options }: Job,
  found: S3Object,
  etag: string,
): Promise<Put['checked'] | null> {
  if (found.bytes !== source.bytes) return null;
  if (found.etag === etag) return 'server-checksum';
  const hash = createHash('sha256');
  const signal = options.signal;
  for await (const chunk of readObject(bucket, file, signal === undefined ? {} : { signal })) hash.update(chunk);
  return hash.digest('hex') === source.sha256 ? 'read-back' : null;
}

const isOvertaken = (error: unknown): boolean =>
  error instanceof WorldError && (error.code === 's3-no-upload' || error.code === 's3-exists');
