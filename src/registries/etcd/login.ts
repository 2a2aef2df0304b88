/** Says to a node who we are: logs in before the first request, and again once its token is no longer known. */
import type { Credentials } from '../../core/access.js';
import { parseObject, refusalText } from './answer.js';
import type { Gateway, Reply, Stream } from './gateway.js';
import { textAt } from './json.js';

const LOGIN = '/v3/auth/authenticate';
/** Checking a password is slow by design; without a quorum it never ends. */
const LOGIN_LIMIT_MS = 5_000;
/** On a node that is slow for lack of CPU, one login after the other would keep it so. */
const RENEWALS_APART_MS = 2_000;

/** A token that ran out, that a restarted node forgot, or that is older than the last change of the rules. */
const TOKEN_GONE = /invalid auth token|revision of auth store is old|auth: revision .* is old|user name is empty/;
const NOT_ENABLED = /authentication is not enabled/;

/** etcd takes a common name for a user, which its gateway cannot pass on: it refuses the certificate instead. */
const COMMON_NAME = /^CommonName of client/;
const WITHOUT_NAME = ' (etcd’s JSON gateway needs a client certificate without a common name)';

type Login = { readonly kind: 'in'; readonly as: Gateway } | { readonly kind: 'refused'; readonly reply: Reply };

/** A request whose login fails has not been sent. */
export function loggedIn(gateway: Gateway, credentials: Credentials): Gateway {
  let current: Promise<Login> | null = null;
  const login = (): Promise<Login> => {
    current ??= logIn(gateway, credentials).then((login) => {
      // The next request tries again.
      if (login.kind === 'refused') current = null;
      return login;
    });
    return current;
  };
  let renewing = false;
  /**
   * Behind the back of the requests: after a restore a node lets an old token wait until its new history is as long as
   * the old one was. Whether that is why nobody answered, only a login tells; without a quorum the old token stays.
   */
  const renew = async (): Promise<void> => {
    if (renewing) return;
    renewing = true;
    const login = await logIn(gateway, credentials);
    if (login.kind === 'in') current = Promise.resolve(login);
    setTimeout(() => {
      renewing = false;
    }, RENEWALS_APART_MS).unref();
  };
  /** All requests share one login, each waits for it only as long as its own signal allows. */
  const asUser = async <R extends Reply | Stream>(
    signal: AbortSignal,
    send: (as: Gateway) => Promise<R>,
  ): Promise<R | Reply> => {
    for (let attempt = 1; ; attempt += 1) {
      const mine = login();
      const got = await Promise.race([mine, cutOff(signal)]);
      if (got.kind === 'refused') return got.reply;
      const reply = await send(got.as);
      if (reply.kind === 'lost') void renew();
      if (attempt === 2 || !isTokenGone(reply)) return reply;
      if (current === mine) current = null;
    }
  };
  return {
    ...gateway,
    post: (path, body, signal) => asUser(signal, (as) => as.post(path, body, signal)),
    stream: (path, body, signal) => asUser(signal, (as) => as.stream(path, body, signal)),
    forgetLogin: () => {
      current = null;
    },
  };
}

async function logIn(gateway: Gateway, { user, password }: Credentials): Promise<Login> {
  const reply = await gateway.post(LOGIN, { name: user, password }, AbortSignal.timeout(LOGIN_LIMIT_MS));
  if (reply.kind !== 'answered') {
    return { kind: 'refused', reply: { kind: 'unsent', reason: `logging in as ${user}: ${reply.reason}` } };
  }
  const token = reply.status === 200 ? textAt(parseObject(reply.body.toString()) ?? {}, 'token') : null;
  if (token !== null) return { kind: 'in', as: gateway.withToken(token) };
  const said = refusalText(reply);
  // Nobody is asked who he is.
  if (NOT_ENABLED.test(said)) return { kind: 'in', as: gateway };
  const error = `user ${user} could not log in: ${said}${COMMON_NAME.test(said) ? WITHOUT_NAME : ''}`;
  return { kind: 'refused', reply: { ...reply, body: Buffer.from(JSON.stringify({ error })) } };
}

const isTokenGone = (reply: Reply | Stream): boolean =>
  reply.kind === 'answered' &&
  (reply.status !== 200 || reply.body.subarray(0, 9).toString() === '{"error":') &&
  TOKEN_GONE.test(refusalText(reply));

const cutOff = (signal: AbortSignal): Promise<Login> =>
  new Promise((resolve) => {
    const end = (): void =>
      resolve({
        kind: 'refused',
        reply: { kind: 'unsent', reason: signal.reason instanceof Error ? signal.reason.message : 'cancelled' },
      });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
