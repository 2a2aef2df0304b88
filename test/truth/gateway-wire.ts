/** The wire of etcd's JSON gateway: what a request writes, and passing it on. */
import http from 'node:http';
import { canaryVersion } from '../../src/core/canary.js';
import { decode } from './read-lies.js';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Write {
  readonly op: 'put' | 'delete';
  readonly key: string;
  readonly value: string | null;
  readonly version: number | null;
  readonly leased: boolean;
}

/** Null = this request writes no key. */
export function readWrite(path: string, body: string): Write | null {
  if (path !== '/v3/kv/put' && path !== '/v3/kv/deleterange') return null;
  const asked: { key: string; value?: string; lease?: string } = JSON.parse(body);
  const value = asked.value === undefined ? null : decode(asked.value);
  return {
    op: path === '/v3/kv/put' ? 'put' : 'delete',
    key: decode(asked.key),
    value,
    version: value === null ? null : canaryVersion(value),
    leased: asked.lease !== undefined,
  };
}

export interface Upstream {
  readonly target: URL;
  readonly agent: http.Agent;
}

export function forward(to: Upstream, path: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(new URL(path, to.target), { method: 'POST', agent: to.agent, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    request.end(body);
  });
}
