/** ZooKeeper's requests, each as bytes to send and what its answer says. */
import { bool, int, type JuteReader, text } from './jute.js';

export const OP = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  sync: 9,
  getChildren: 8,
  multi: 14,
  createContainer: 19,
  closeSession: -11,
} as const;

export const CODE = {
  ok: 0,
  badArguments: -8,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildrenForEphemerals: -108,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  invalidAcl: -114,
  authFailed: -115,
  sessionMoved: -118,
  notReadOnly: -119,
  quotaExceeded: -125,
} as const;

export const FLAG = { persistent: 0, ephemeral: 1, container: 4 } as const;

/** Everybody may do everything: who guards a registry sets his own rules on the folders. */
const OPEN_ACL = Buffer.concat([int(1), int(31), text('world'), text('anyone')]);

const ANY_VERSION = -1;

export interface Stat {
  /** Session that the node goes with; null = it stays. */
  readonly owner: bigint | null;
}

export const createBody = (path: string, data: string, flag: number): Buffer =>
  Buffer.concat([text(path), text(data), OPEN_ACL, int(flag)]);
export const deleteBody = (path: string): Buffer => Buffer.concat([text(path), int(ANY_VERSION)]);
export const setDataBody = (path: string, data: string): Buffer =>
  Buffer.concat([text(path), text(data), int(ANY_VERSION)]);
export const syncBody = (path: string): Buffer => text(path);
/** Of exists, getData, getChildren: no watch. */
export const readBody = (path: string): Buffer => Buffer.concat([text(path), bool(false)]);

/** All or nothing. */
export function multiBody(parts: readonly { readonly op: number; readonly body: Buffer }[]): Buffer {
  const header = (op: number, done: boolean): Buffer => Buffer.concat([int(op), bool(done), int(-1)]);
  return Buffer.concat([...parts.flatMap(({ op, body }) => [header(op, false), body]), header(-1, true)]);
}

/** What failed in a multi: the first code that is an error of its own; -2 = “another part failed”. */
export function multiCode(body: JuteReader): number {
  const codes: number[] = [];
  while (!body.isAtEnd()) {
    const type = body.int();
    const done = body.bool();
    const code = body.int();
    if (done) break;
    if (type !== -1) return CODE.ok;
    codes.push(body.int());
    if (code !== codes.at(-1)) break;
  }
  return codes.find((code) => code !== 0 && code !== -2) ?? CODE.ok;
}

export function readStat(body: JuteReader): Stat {
  for (let i = 0; i < 4; i += 1) body.long();
  for (let i = 0; i < 3; i += 1) body.int();
  // A folder that goes by itself has 0 here, too: the server tells its kind only in a snapshot.
  const owner = body.long();
  body.int();
  body.int();
  body.long();
  return { owner: owner === 0n ? null : owner };
}

export function readData(body: JuteReader): { readonly data: string; readonly stat: Stat } {
  const data = body.bytes().toString();
  return { data, stat: readStat(body) };
}
