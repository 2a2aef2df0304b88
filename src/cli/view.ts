import { styleText } from 'node:util';
import type { EventOf, JournalEvent } from '../core/journal.js';
import type { Outcome } from '../core/outcome.js';
import { type Bilingual, bi } from '../core/text.js';
import type { Context } from './context.js';

const MARK: Readonly<Record<Outcome, readonly [string, Parameters<typeof styleText>[0]]>> = {
  pass: ['✓', 'green'],
  fail: ['✗', 'red'],
  error: ['!', 'red'],
  unknown: ['?', 'yellow'],
  skipped: ['-', 'gray'],
  'not-applicable': ['-', 'gray'],
};

/**
 * The live view: one line an event that a person cares about, the same on a terminal and in a log. On a terminal the
 * last line also shows the time and the counts, rewritten in place.
 */
export function liveView(ctx: Context): { readonly onEvent: (event: JournalEvent) => void; readonly done: () => void } {
  if (ctx.progress === 'quiet') return { onEvent: () => undefined, done: () => undefined };
  if (ctx.progress === 'json')
    return { onEvent: (event) => event.type !== 'attempt' && ctx.err(JSON.stringify(event)), done: () => undefined };
  const live = ctx.progress === 'tty' ? statusLine(ctx) : null;
  return {
    onEvent: (event) => {
      live?.count(event);
      const text = lineOf(event, ctx);
      if (text === null) return;
      live?.clear();
      ctx.err(`${clockOf(event)} ${text}`);
    },
    done: () => live?.end(),
  };
}

const clockOf = (event: JournalEvent): string => `${((event.ms ?? 0) / 1000).toFixed(1).padStart(6)}s`;

type Words = (en: string, zh: string) => string;
type LineOf = { readonly [T in JournalEvent['type']]?: (event: EventOf<T>, ctx: Context, say: Words) => string };

/** The events that a person follows, each as one line; the rest is for the report. */
const LINES: LineOf = {
  'phase.started': (event, ctx, say) =>
    paint(ctx, 'bold', say(`phase ${event.phase}`, `阶段 ${PHASE_ZH[event.phase]}`)),
  'step.started': (event, ctx) => `  → ${event.step}${event.title === null ? '' : `  ${ctx.say(event.title)}`}`,
  'step.ended': (event, ctx) =>
    `  ${mark(ctx, event.outcome)} ${event.step}  ${seconds(event.tookMs)}${event.reason === null ? '' : `  ${ctx.say(event.reason)}`}`,
  'check.sampled': (event, ctx) => `    ${mark(ctx, event.outcome)} ${event.probe}: ${ctx.say(event.detail)}`,
  'fault.confirmed': (event, ctx, say) =>
    `    ${mark(ctx, event.bitten === true ? 'pass' : 'fail')} ${say('effect', '生效')} ${[event.fault, ...event.nodes].join(' ')}: ${ctx.say(event.detail)}`,
  'undo.reverted': (event, ctx, say) =>
    `    ${mark(ctx, event.reverted ? 'pass' : 'error')} ${event.reverted ? say('undone', '已撤销') : say('NOT undone', '未能撤销')} ${event.undoer}: ${ctx.say(event.detail)}`,
  'backup.substep': (event, ctx) => substepLine(event, ctx),
  'restore.substep': (event, ctx) => substepLine(event, ctx),
  'archive.refused': (event, ctx) => `    ${mark(ctx, 'fail')} ${event.file}: ${ctx.say(event.reason)}`,
  'restore.tried': (event, ctx, say) =>
    `    ${mark(ctx, event.outcome === 'taken' ? 'pass' : 'fail')} ${say('from', '来源')} ${ctx.say(event.where)}: ${event.reason === null ? (event.file ?? '') : ctx.say(event.reason)}`,
  'traffic.started': ({ spec }, _ctx, say) =>
    `  ${say(`canary clients: ${spec.instances} instances, ${spec.writesPerSecond} writes/s, ${spec.readsPerSecond} reads/s`, `探针客户端：${spec.instances} 个实例，每秒 ${spec.writesPerSecond} 次写、${spec.readsPerSecond} 次读`)}`,
  'run.stopping': (event, ctx, say) =>
    paint(ctx, 'yellow', say(`stopping: ${event.detail.en}`, `正在停止：${event.detail.zh}`)),
  'run.error': (event, ctx) => `${mark(ctx, 'error')} ${event.where}: ${ctx.say(event.message)}`,
  'problem.opened': (event, ctx, say) =>
    `    ${say('problem', '问题')} ${event.problem} [${event.priority}] ${ctx.say(event.title)}`,
  'residue.checked': (event, ctx) =>
    residueLine(
      ctx,
      event.left.map((left) => left.what),
    ),
};

function lineOf<T extends JournalEvent['type']>(event: EventOf<T>, ctx: Context): string | null {
  const line = LINES[event.type as T];
  return line === undefined ? null : line(event, ctx, (en, zh) => ctx.say(bi(en, zh)));
}

const substepLine = (event: EventOf<'backup.substep'> | EventOf<'restore.substep'>, ctx: Context): string =>
  `    ${mark(ctx, event.outcome)} ${event.name}  ${seconds(event.endedMs - event.startedMs)}  ${ctx.say(event.detail)}`;

const residueLine = (ctx: Context, left: readonly Bilingual[]): string =>
  left.length === 0
    ? `  ${mark(ctx, 'pass')} ${ctx.say(bi('0 left on', '残留 0'))}`
    : `  ${mark(ctx, 'error')} ${left.map((what) => ctx.say(what)).join('; ')}`;

const PHASE_ZH: Readonly<Record<string, string>> = {
  prepare: '准备',
  kickoff: '启动',
  execute: '执行',
  verify: '验证',
  review: '总结',
};

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

export function mark(ctx: Pick<Context, 'color'>, outcome: Outcome): string {
  const [sign, style] = MARK[outcome];
  return paint(ctx, style, sign);
}

const paint = (ctx: Pick<Context, 'color'>, style: Parameters<typeof styleText>[0], text: string): string =>
  ctx.color ? styleText(style, text, { validateStream: false }) : text;

/** The counting line of a terminal. Never more than one write every 200 ms. */
function statusLine(ctx: Context): {
  readonly count: (event: JournalEvent) => void;
  readonly clear: () => void;
  readonly end: () => void;
} {
  let ok = 0;
  let bad = 0;
  let shown = false;
  let lastMs = 0;
  const clear = (): void => {
    if (shown) process.stderr.write('\r\x1b[K');
    shown = false;
  };
  return {
    clear,
    end: clear,
    count: (event) => {
      if (event.type !== 'attempt') return;
      if (event.outcome === 'ok') ok += 1;
      else bad += 1;
      if (event.ms === null || event.ms - lastMs < 200) return;
      lastMs = event.ms;
      process.stderr.write(
        `\r\x1b[K${clockOf(event)} ${ctx.say(bi(`canary: ${ok} ok, ${bad} not`, `探针：成功 ${ok}，未成功 ${bad}`))}`,
      );
      shown = true;
    },
  };
}
