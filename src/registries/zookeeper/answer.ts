/** From a reply to an answer: the list of what is definite is here and nowhere else. */
import type { Answer } from '../../core/registry.js';
import { CODE } from './ops.js';
import type { Lost } from './wire.js';

type Refusal = Exclude<Answer<never>, { readonly outcome: 'ok' }>;

/** Refused by validation, for lack of permission, or by the state of the tree: certainly not applied. */
const DEFINITE: ReadonlyMap<number, string> = new Map([
  [CODE.badArguments, 'BAD_ARGUMENTS'],
  [CODE.noNode, 'NO_NODE'],
  [CODE.badVersion, 'BAD_VERSION'],
  [CODE.noChildrenForEphemerals, 'NO_CHILDREN_FOR_EPHEMERALS'],
  [CODE.nodeExists, 'NODE_EXISTS'],
  [CODE.notEmpty, 'NOT_EMPTY'],
  [CODE.invalidAcl, 'INVALID_ACL'],
  [CODE.authFailed, 'AUTH_FAILED: the server does not know such a way to say who one is'],
  [CODE.authRequired, 'the server serves nobody who does not say who he is: name `credentials` in the target'],
  [CODE.quotaExceeded, 'QUOTA_EXCEEDED'],
]);

export const LEASE_GONE: Refusal = { outcome: 'failed', reason: 'the session has expired', leaseGone: true };

/** A user that nobody knows and one with a wrong password look alike: the server only compares what the rules name. */
const notAllowed = (user: string | null): string =>
  user === null
    ? 'NO_AUTH: the access rules do not allow it to just anybody; name `credentials` in the target'
    : `NO_AUTH: the access rules do not allow it to ${user} with this password`;

/** `user` = whom the server took us for; null = for anybody. */
export function refusalOf(code: number, user: string | null): Refusal {
  if (code === CODE.sessionExpired) return LEASE_GONE;
  if (code === CODE.noAuth) return { outcome: 'failed', reason: notAllowed(user) };
  if (code === CODE.notReadOnly) return { outcome: 'unknown', reason: 'the node has no quorum and is read-only' };
  const name = DEFINITE.get(code);
  if (name === undefined) return { outcome: 'unknown', reason: `error ${code} of ZooKeeper` };
  return { outcome: 'failed', reason: name };
}

export const lostAnswer = ({ kind, reason }: Lost): Refusal => ({
  outcome: kind === 'unsent' ? 'failed' : 'unknown',
  reason,
});
