/** What S3 can do with one object or a list of them, said in our words. */

import { fileMissing } from '../failure.js';
import { requirePlainName } from '../names.js';
import { type Body, type S3Answer, type S3Client, type S3Request, textOf } from './client.js';
import { refusal } from './failure.js';
import { blocksOf, fieldOf } from './xml.js';

export interface Bucket {
  readonly client: S3Client;
  /** Before each file name: empty, or ends in `/`. */
  readonly prefix: string;
  /** For people. */
  readonly place: string;
}

export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly changedUtc: string;
}

type Signal = AbortSignal | undefined;

export const keyOf = ({ prefix }: Bucket, file: string): string => {
  requirePlainName(file);
  return prefix + file;
};

/** The text of a good answer; throws what a bad one says. S3 sometimes says 200 and means an error. */
export async function must(
  client: S3Client,
  request: S3Request,
): Promise<{ readonly answer: S3Answer; readonly text: string }> {
  const answer = await client.send(request);
  const text = await textOf(answer);
  if (answer.status < 200 || answer.status > 299 || /^(?:<\?xml[^>]*>)?\s*<Error[\s>]/.test(text)) {
    throw refusal(client.asked, nameOf(request), { status: answer.status, body: text });
  }
  return { answer, text };
}

const nameOf = ({ method, query = {} }: S3Request): string => [method, ...Object.keys(query).slice(0, 1)].join(' ');

/** Objects whose key begins so, without those in deeper folders. */
export async function listObjects({ client }: Bucket, prefix: string, signal: Signal): Promise<readonly S3Object[]> {
  const found: S3Object[] = [];
  let token: string | null = null;
  do {
    const query = {
      'list-type': '2',
      prefix,
      delimiter: '/',
      ...(token === null ? {} : { 'continuation-token': token }),
    };
    const { text }: { readonly text: string } = await must(client, { method: 'GET', query, signal });
    found.push(...blocksOf(text, 'Contents').map(objectOf));
    token = fieldOf(text, 'IsTruncated') === 'true' ? fieldOf(text, 'NextContinuationToken') : null;
  } while (token !== null);
  return found;
}

const objectOf = (block: string): S3Object => ({
  key: fieldOf(block, 'Key') ?? '',
  bytes: Number(fieldOf(block, 'Size')),
  etag: plainEtag(fieldOf(block, 'ETag') ?? ''),
  changedUtc: utcOf(fieldOf(block, 'LastModified')),
});

export const plainEtag = (etag: string): string => etag.replaceAll('"', '');

export const utcOf = (time: string | null): string => new Date(time ?? 0).toISOString();

/** Asked by a list, whose answer says why when it is no; null = there is none. */
export async function findObject(bucket: Bucket, key: string, signal: Signal): Promise<S3Object | null> {
  return (await listObjects(bucket, key, signal)).find((object) => object.key === key) ?? null;
}

export async function* readObject(
  bucket: Bucket,
  file: string,
  { fromByte = 0, signal }: { readonly fromByte?: number; readonly signal?: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { client, place } = bucket;
  const request = { method: 'GET', key: keyOf(bucket, file), signal } as const;
  const answer = await client.send({
    ...request,
    ...(fromByte > 0 ? { headers: { range: `bytes=${fromByte}-` } } : {}),
  });
  if (answer.status === 200 || answer.status === 206) {
    // Who does not know ranges gives the whole.
    yield* answer.status === 206 || fromByte === 0 ? answer.body : from(answer.body, fromByte);
    return;
  }
  const body = await textOf(answer);
  // Nothing is left after that byte.
  if (answer.status === 416) return;
  if (fieldOf(body, 'Code') === 'NoSuchKey') throw fileMissing(file, place);
  throw refusal(client.asked, 'GET', { status: answer.status, body });
}

async function* from(parts: AsyncIterable<Buffer>, fromByte: number): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for await (const part of parts) {
    const start = Math.max(0, fromByte - at);
    at += part.length;
    if (start < part.length) yield part.subarray(start);
  }
}

export const putObject = async (
  { client }: Bucket,
  {
    key,
    body,
    md5,
    signal,
  }: { readonly key: string; readonly body: Body; readonly md5: string; readonly signal: Signal },
): Promise<void> => {
  const headers = { 'content-md5': md5, 'if-none-match': '*' };
  await must(client, { method: 'PUT', key, headers, body, signal });
};

export const removeObject = async ({ client }: Bucket, key: string, signal: Signal): Promise<void> => {
  await must(client, { method: 'DELETE', key, signal });
};
