/** The gateways to one node: as who administers it, and as its clients. */
import type { Secrets } from '../../core/access.js';
import { type Gateway, openGateway } from './gateway.js';
import { loggedIn } from './login.js';

export interface Gateways {
  readonly admin: Gateway;
  /** The same, unless the credentials name another user for the clients. */
  readonly client: Gateway;
}

export function openGateways(url: string, secrets: Secrets): Gateways {
  const { credentials, clients } = secrets;
  const plain = openGateway(url, secrets);
  const admin = credentials === undefined ? plain : loggedIn(plain, credentials);
  return { admin, client: clients === undefined ? admin : loggedIn(plain, clients) };
}
