import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, WorldError } from '../core/errors.js';
import { bi } from '../core/text.js';
import type { StoreLine } from './store.js';

/** Written before new lines when the last one was torn: it says that the fragment above is no line of ours. */
const TORN = 'torn';

export function readLines(path: string): readonly StoreLine[] {
  const lines = textOf(path).split('\n');
  const parsed = lines.map((line) => (line === '' ? null : parseLine(line)));
  const whole: StoreLine[] = [];
  for (const [at, value] of parsed.entries()) {
    if (isStoreLine(value)) whole.push(value);
    const last = at === lines.length - 1;
    if (value === undefined && !last && typeOf(parsed[at + 1]) !== TORN) throw brokenLine(path, at + 1);
  }
  return whole;
}

/** One write and one fsync for all lines, so that a crash leaves whole lines or one torn tail. */
export function appendLines(path: string, lines: readonly StoreLine[]): void {
  if (lines.length === 0) return;
  const tail = textOf(path).split('\n').at(-1) ?? '';
  const torn = tail !== '' && parseLine(tail) === undefined;
  const mend = tail === '' ? '' : `\n${torn ? `${JSON.stringify({ type: TORN })}\n` : ''}`;
  const text = `${mend}${lines.map((line) => `${JSON.stringify(line)}\n`).join('')}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a');
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw cannot('write', path, error);
  }
}

function textOf(path: string): string {
  if (!existsSync(path)) return '';
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannot('read', path, error);
  }
}

/** Undefined = no JSON. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const typeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;

function isStoreLine(value: unknown): value is StoreLine {
  const type = typeOf(value);
  return type === 'seen' || type === 'closed' || type === 'reviewed';
}

const brokenLine = (path: string, line: number): WorldError =>
  new WorldError({
    code: 'issues-broken',
    message: bi(`${path}: line ${line} is not JSON`, `${path}：第 ${line} 行不是 JSON`),
    hint: bi('The file is only ever added to; put that line back from a copy.', '该文件只追加写入；请从副本恢复该行。'),
  });

function cannot(what: 'read' | 'write', path: string, error: unknown): WorldError {
  const why = describeError(error);
  return new WorldError({
    code: `issues-not-${what === 'read' ? 'readable' : 'writable'}`,
    message: bi(
      `cannot ${what} the issue list ${path}: ${why.en}`,
      `无法${what === 'read' ? '读取' : '写入'}问题清单 ${path}：${why.zh}`,
    ),
    cause: error,
  });
}
