/** One line of `review.jsonl`, chained by hash like the journal; `hash` is the last member, over the bytes before it. */
import { hash } from 'node:crypto';
import type { ReviewBody, ReviewEntry } from '../core/review.js';
import { type Bilingual, bi } from '../core/text.js';

/** Where the chain stands. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export interface Signature {
  readonly at: string;
  readonly by: string;
  readonly runId: string;
  /** Head of the journal that was looked at. */
  readonly journal: string;
}

const SEAL = /,"hash":"[0-9a-f]{64}"\}$/;
const SEAL_LENGTH = ',"hash":""}'.length + 64;

/** The line after `head`, with its line end. */
export function sealEntry(body: ReviewBody, head: ChainHead, signature: Signature): string {
  const json = JSON.stringify({ seq: head.seq + 1, ...body, ...signature, prev: head.hash });
  return `${json.slice(0, -1)},"hash":"${hash('sha256', json)}"}\n`;
}

export type OpenedEntry =
  | { readonly sound: true; readonly entry: ReviewEntry }
  | { readonly sound: false; readonly why: Bilingual };

/** Checks one line (without its line end) against the chain so far. */
export function openEntry(line: string, head: ChainHead): OpenedEntry {
  const value = parse(line);
  if (!isEntry(value)) return unsound('is not an entry of a review', '不是复盘记录');
  if (!SEAL.test(line) || hash('sha256', `${line.slice(0, -SEAL_LENGTH)}}`) !== value.hash) {
    return unsound('does not fit its own hash: it was changed', '与自身哈希不符：内容被改动过');
  }
  if (value.prev === head.hash && value.seq === head.seq + 1) return { sound: true, entry: value };
  return head.seq === 0
    ? unsound('belongs to another run', '属于另一次运行')
    : unsound(
        'does not follow the line before: lines are missing, added or swapped',
        '与上一行不衔接：有行缺失、多出或被调换',
      );
}

const unsound = (en: string, zh: string): OpenedEntry => ({ sound: false, why: bi(en, zh) });

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // No JSON is no entry either: the caller says so.
    return undefined;
  }
}

/** The stamp is checked here and the rest by the hash: only a line of ours can fit both. */
function isEntry(value: unknown): value is ReviewEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, type, at, by, prev, hash: own } = value as Partial<Record<keyof ReviewEntry, unknown>>;
  return typeof seq === 'number' && [type, at, by, prev, own].every((part) => typeof part === 'string');
}
