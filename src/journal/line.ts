/**
 * One line of the journal. `hash` is always the last member, so that the hash is taken over the very bytes of the line:
 * a reader need not rebuild the JSON, and a change that parses to the same value shows as well.
 */
import { hash } from 'node:crypto';
import type { EventBody, JournalEvent } from '../core/journal.js';
import { type Bilingual, bi } from '../core/text.js';

/** `prev` of the first line. */
const GENESIS = '0'.repeat(64);

/** Where a chain stands: the next line must follow on these. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export const CHAIN_START: ChainHead = { seq: 0, hash: GENESIS };

const SEAL = /,"hash":"[0-9a-f]{64}"\}$/;
const SEAL_LENGTH = ',"hash":""}'.length + 64;

const sha256 = (text: string | Buffer): string => hash('sha256', text);

/** Stamps a body as the line after `head`. */
export function sealLine(
  body: EventBody,
  head: ChainHead,
  time: { readonly at: string; readonly ms: number | null },
): { readonly event: JournalEvent; readonly line: string } {
  // The stamp stands behind the body, so that no body can overwrite it.
  const unsealed = { seq: head.seq + 1, ...body, at: time.at, ms: time.ms, prev: head.hash };
  const json = JSON.stringify(unsealed);
  const event = Object.assign(unsealed, { hash: sha256(json) });
  return { event, line: `${json.slice(0, -1)},"hash":"${event.hash}"}\n` };
}

export type OpenedLine =
  | { readonly sound: true; readonly event: JournalEvent }
  | { readonly sound: false; readonly why: Bilingual };

/** Checks one line (without its line end) against the chain so far. */
export function openLine(bytes: Buffer, head: ChainHead): OpenedLine {
  const value = parseLine(bytes);
  if (!isEvent(value)) return unsound('is not an event of a journal', '不是日志事件');
  const unsealed = Buffer.concat([bytes.subarray(0, bytes.length - SEAL_LENGTH), CLOSING_BRACE]);
  if (!SEAL.test(bytes.toString('latin1', bytes.length - SEAL_LENGTH)) || sha256(unsealed) !== value.hash) {
    return unsound('does not fit its own hash: it was changed', '与自身哈希不符：内容被改动过');
  }
  if (value.prev !== head.hash || value.seq !== head.seq + 1) {
    return unsound(
      `does not follow the line before (number ${value.seq}, expected ${head.seq + 1}): lines are missing, added or swapped`,
      `与上一行不衔接（编号 ${value.seq}，应为 ${head.seq + 1}）：有行缺失、多出或被调换`,
    );
  }
  return { sound: true, event: value };
}

const CLOSING_BRACE = Buffer.from('}');
const unsound = (en: string, zh: string): OpenedLine => ({ sound: false, why: bi(en, zh) });

/** The line's JSON, or undefined when it is none: then it is no event either. */
export function parseLine(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The stamp is checked here and the rest by the hash: only a journal of ours can fit both. */
function isEvent(value: unknown): value is JournalEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, at, ms, type, prev, hash: own } = value as Partial<Record<keyof JournalEvent, unknown>>;
  return (
    typeof seq === 'number' &&
    typeof at === 'string' &&
    (typeof ms === 'number' || ms === null) &&
    typeof type === 'string' &&
    typeof prev === 'string' &&
    typeof own === 'string'
  );
}
