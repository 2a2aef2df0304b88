/** The JSON gateway, which etcd and antietcd both speak, as the labs use it while they come up. */
import { randomUUID } from 'node:crypto';
import type { NodeSpec } from '../core/drill.js';
import type { LabClient } from './kind.js';

/** Before there is a leader etcd lets a write hang: soon try again. */
const REQUEST_LIMIT_MS = 500;
/** Outside of what a drill lists; written while the lab comes up, and removed when it is. */
const READY_FOLDER = '/firedrill-lab/';

export const etcdLabClient: LabClient = {
  writeAndSeeLeader: async (node) => {
    // A different value each time: antietcd acknowledges an unchanged one without asking anybody.
    await post(node, '/v3/kv/put', { key: b64(READY_FOLDER + node.name), value: b64(randomUUID()) });
    const status = await post(node, '/v3/maintenance/status', {});
    return `${status.leader} in term ${status.raftTerm}`;
  },
  seed: async (node, entries) => {
    for (const { key, value } of entries) await post(node, '/v3/kv/put', { key: b64(key), value: b64(value) });
  },
  removeMarks: async (node) => {
    const range_end = b64(`${READY_FOLDER.slice(0, -1)}0`);
    await post(node, '/v3/kv/deleterange', { key: b64(READY_FOLDER), range_end });
  },
  close: () => {},
};

async function post(node: NodeSpec, path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${node.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text.trim()}`);
  return JSON.parse(text);
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');
