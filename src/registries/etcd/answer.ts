/** From a reply to an answer: the list of what is definite is here and nowhere else. */
import type { Answer } from '../../core/registry.js';
import type { Reply } from './gateway.js';
import { isObject, type JsonObject, textAt } from './json.js';

export { within } from '../within.js';

/** Refused by validation or for lack of permission: certainly not applied. 408 and 429 are not among them. */
const DEFINITE = new Set([400, 401, 403, 404, 405, 413, 414, 415]);

/** etcd: code 5 from a put, antietcd: 400, or 503 when a follower passes its leader's refusal on. */
const LEASE_GONE = /^unknown lease|requested lease not found/;

/** The JSON object of a good answer; etcd may also answer 200 and put the error inside. */
export function readAnswer(reply: Reply): Answer<JsonObject> {
  const raw = readBytes(reply);
  if (raw.outcome !== 'ok') return raw;
  const body = parseObject(raw.value.toString());
  if (body === null) return { outcome: 'unknown', reason: 'the answer is not a JSON object' };
  const error = errorText(body);
  return error === null ? { outcome: 'ok', value: body } : refusal(error, false);
}

/** The raw body of a good answer. */
export function readBytes(reply: Reply): Answer<Buffer> {
  if (reply.kind !== 'answered') {
    return { outcome: reply.kind === 'unsent' ? 'failed' : 'unknown', reason: reply.reason };
  }
  if (reply.status === 200) return { outcome: 'ok', value: reply.body };
  const said = refusalText(reply);
  const answer = refusal(said, DEFINITE.has(reply.status));
  return { ...answer, reason: `${reply.status} ${said.slice(0, 300)}`.trim() };
}

/** What an answer that is no good one says. */
export function refusalText({ body: bytes }: Extract<Reply, { readonly kind: 'answered' }>): string {
  const text = bytes.toString().trim();
  const body = parseObject(text);
  return (body === null ? null : errorText(body)) ?? text;
}

type Refusal = Exclude<Answer<never>, { readonly outcome: 'ok' }>;

function refusal(reason: string, definite: boolean): Refusal {
  if (LEASE_GONE.test(reason)) return { outcome: 'failed', reason, leaseGone: true };
  return { outcome: definite ? 'failed' : 'unknown', reason };
}

/** `{error, message, code}` up to 3.5, `{code, message}` from 3.6, `{error: {message}}` from a stream. */
export function errorText(body: JsonObject): string | null {
  if (isObject(body.error)) return textAt(body.error, 'message') ?? 'an error without a message';
  if (typeof body.error === 'string') return body.error;
  return 'code' in body ? textAt(body, 'message') : null;
}

/** null = the text is not a JSON object. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Plain text, as antietcd's errors are: the caller decides what that means.
    return null;
  }
}
