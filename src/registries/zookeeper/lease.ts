/**
 * A lease is a session of its own. It is kept alive by attaching to it for a moment, at any server: so it lives exactly
 * as long as its owner renews it, and whoever knows its id may do that, also another process.
 */
import type { Session } from './wire.js';

export const leaseIdOf = ({ id, password, timeoutMs }: Session): string =>
  `${BigInt.asUintN(64, id).toString(16)}:${Buffer.from(password).toString('hex')}:${timeoutMs}`;

/** A text that is no lease of ours becomes a session that no server knows: it says so itself. */
export function sessionOf(leaseId: string): Session {
  const [id = '', password = '', timeoutMs = ''] = leaseId.split(':');
  return {
    id: /^[0-9a-f]{1,16}$/.test(id) ? BigInt.asIntN(64, BigInt(`0x${id}`)) : 1n,
    password: /^[0-9a-f]{32}$/.test(password) ? Buffer.from(password, 'hex') : Buffer.alloc(16),
    timeoutMs: /^\d{1,9}$/.test(timeoutMs) ? Number(timeoutMs) : 10_000,
  };
}
