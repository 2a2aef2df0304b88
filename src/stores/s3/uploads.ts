/** Uploads in parts: they stay on the server until they are completed or aborted. */
import { createHash } from 'node:crypto';
import type { Body } from './client.js';
import { type Bucket, must, plainEtag, utcOf } from './objects.js';
import { blocksOf, fieldOf } from './xml.js';

export interface Upload {
  readonly key: string;
  readonly id: string;
  readonly startedUtc: string;
}

export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  readonly changedUtc: string;
}

type Signal = AbortSignal | undefined;

/** Of keys that begin so; the newest first. */
export async function listUploads({ client }: Bucket, prefix: string, signal: Signal): Promise<readonly Upload[]> {
  const found: Upload[] = [];
  let marker: Readonly<Record<string, string>> | null = {};
  while (marker !== null) {
    const query: Readonly<Record<string, string>> = { uploads: '', prefix, ...marker };
    const { text } = await must(client, { method: 'GET', query, signal });
    const uploads = blocksOf(text, 'Upload').map((block) => ({
      key: fieldOf(block, 'Key') ?? '',
      id: fieldOf(block, 'UploadId') ?? '',
      startedUtc: utcOf(fieldOf(block, 'Initiated')),
    }));
    found.push(...uploads);
    const [key, id] = [fieldOf(text, 'NextKeyMarker'), fieldOf(text, 'NextUploadIdMarker')];
    const more = fieldOf(text, 'IsTruncated') === 'true' && key !== null && id !== null;
    marker = more ? { 'key-marker': key, 'upload-id-marker': id } : null;
  }
  return found.sort((a, b) => (a.startedUtc < b.startedUtc ? 1 : -1));
}

export async function createUpload({ client }: Bucket, key: string, signal: Signal): Promise<Upload> {
  const { text } = await must(client, { method: 'POST', key, query: { uploads: '' }, signal });
  const id = fieldOf(text, 'UploadId');
  if (id === null) throw new Error(`S3 began an upload and did not say which: ${text.slice(0, 200)}`);
  return { key, id, startedUtc: new Date().toISOString() };
}

export async function listParts({ client }: Bucket, upload: Upload, signal: Signal): Promise<readonly UploadedPart[]> {
  const found: UploadedPart[] = [];
  let marker: string | null = '0';
  while (marker !== null) {
    const query = { uploadId: upload.id, 'part-number-marker': marker };
    const { text }: { readonly text: string } = await must(client, { method: 'GET', key: upload.key, query, signal });
    const parts = blocksOf(text, 'Part').map((block) => ({
      number: Number(fieldOf(block, 'PartNumber')),
      bytes: Number(fieldOf(block, 'Size')),
      etag: plainEtag(fieldOf(block, 'ETag') ?? ''),
      changedUtc: utcOf(fieldOf(block, 'LastModified')),
    }));
    found.push(...parts);
    marker = fieldOf(text, 'IsTruncated') === 'true' ? fieldOf(text, 'NextPartNumberMarker') : null;
  }
  return found;
}

/** Resolves to the part's ETag. */
export async function uploadPart(
  { client }: Bucket,
  upload: Upload,
  part: { readonly number: number; readonly body: Body; readonly md5: string; readonly signal: Signal },
): Promise<string> {
  const query = { partNumber: String(part.number), uploadId: upload.id };
  const headers = { 'content-md5': part.md5 };
  const { answer } = await must(client, {
    method: 'PUT',
    key: upload.key,
    query,
    headers,
    body: part.body,
    signal: part.signal,
  });
  return plainEtag(String(answer.headers.etag));
}

export async function completeUpload(
  { client }: Bucket,
  upload: Upload,
  { etags, signal }: { readonly etags: readonly string[]; readonly signal: Signal },
): Promise<void> {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${etag}"</ETag></Part>`);
  const text = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  const body = { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex'), slices: once(text) };
  await must(client, { method: 'POST', key: upload.key, query: { uploadId: upload.id }, body, signal });
}

async function* once(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}

export async function abortUpload(
  { client }: Bucket,
  upload: Pick<Upload, 'key' | 'id'>,
  signal: Signal,
): Promise<void> {
  await must(client, { method: 'DELETE', key: upload.key, query: { uploadId: upload.id }, signal });
}
