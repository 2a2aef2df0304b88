/** Signed requests to one endpoint. Every request can be cut off; what goes wrong is one WorldError. */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { S3Credentials } from './credentials.js';
import type { Asked } from './failure.js';
import { unreachable } from './failure.js';

/** Nothing was sent and nothing came for so long: the connection is given up. */
const SILENCE_MS = 30_000;

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Key inside the bucket; empty = the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly signal?: AbortSignal | undefined;
}

export interface Body {
  readonly bytes: number;
  /** The server checks it: it is part of what is signed. */
  readonly sha256: string;
  readonly slices: AsyncIterable<Uint8Array>;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

export interface S3Client {
  readonly asked: Asked;
  readonly send: (request: S3Request) => Promise<S3Answer>;
  readonly close: () => void;
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function openClient(asked: Asked, credentials: S3Credentials): S3Client {
  const base = new URL(asked.endpoint);
  const transport = base.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({ keepAlive: true });
  const derivedKeys = new Map<string, ArrayBuffer>();
  const { from: _from, ...keys } = credentials;
  const signed = async ({ method, key = '', query = {}, headers = {}, body }: S3Request) => {
    // Loaded only here: most commands speak to no S3.
    const { AwsV4Signer } = await import('aws4fetch');
    const path = ['', asked.bucket, ...(key === '' ? [] : key.split('/'))].map(encodeURIComponent).join('/');
    const url = new URL(base.href.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': body?.sha256 ?? EMPTY_SHA256 },
      ...keys,
      service: 's3',
      region: asked.region,
      cache: derivedKeys,
    }).sign();
  };
  return {
    asked,
    send: async (request) => {
      request.signal?.throwIfAborted();
      const { method, url, headers: toSend } = await signed(request);
      const headers: Record<string, string> = {};
      toSend.forEach((value, name) => {
        headers[name] = value;
      });
      const length = { 'content-length': request.body?.bytes ?? 0 };
      const outgoing = transport.request(url, {
        agent,
        method,
        headers: { ...headers, ...(method === 'GET' ? {} : length) },
        timeout: SILENCE_MS,
        ...(request.signal && { signal: request.signal }),
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`silent for ${SILENCE_MS / 1_000} s`)));
      return exchange(outgoing, request, asked);
    },
    close: () => agent.destroy(),
  };
}

/** An answer may come before the body is out: then it is a refusal, and the rest need not be sent. */
async function exchange(outgoing: http.ClientRequest, { body, signal }: S3Request, asked: Asked): Promise<S3Answer> {
  const failed = (error: unknown): unknown =>
    signal?.aborted ? signal.reason : unreachable(asked, reasonOf(error), error);
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
  });
  try {
    if (body === undefined) outgoing.end();
    else await Promise.race([answered, pour(outgoing, body)]);
    const response = await answered;
    return { status: response.statusCode ?? 0, headers: response.headers, body: partsOf(response, failed) };
  } catch (error) {
    outgoing.destroy();
    throw failed(error);
  }
}

async function pour(outgoing: http.ClientRequest, { slices }: Body): Promise<void> {
  for await (const slice of slices) {
    if (!outgoing.write(slice)) await once(outgoing, 'drain');
  }
  outgoing.end();
}

async function* partsOf(
  response: http.IncomingMessage,
  failed: (error: unknown) => unknown,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw failed(error);
  }
}

/** Lists and refusals; larger is neither. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

export async function textOf({ body }: S3Answer): Promise<string> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of body) {
    total += part.length;
    if (total <= MAX_TEXT_BYTES) parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join('; ');
  return error instanceof Error ? error.message : String(error);
}
