/** Running one command of a node, and the sentence when it does not do what it is for. */
import { systemClock } from '../../core/clock.js';
import type { NodeCommand, NodeCommands, NodeSpec } from '../../core/drill.js';
import { invariant, WorldError } from '../../core/errors.js';
import { type ProgramEnd, runProgram } from '../../core/program.js';
import { type Bilingual, bi } from '../../core/text.js';
import { quoted } from '../../core/visible-text.js';

export interface Ran extends ProgramEnd {
  readonly argv: readonly string[];
  /** It took longer than this and was ended. */
  readonly lateMs: number | null;
}

export function commandsOf(node: NodeSpec): NodeCommands {
  invariant(node.find.by === 'command', `${node.name} is not operated by commands`);
  return node.find.commands;
}

/** Runs it to its end, whatever that is; `moreMs` = beyond the limit of the file. */
export async function runCommand(node: NodeSpec, what: NodeCommand, moreMs = 0): Promise<Ran> {
  const { [what]: argv, limitMs } = commandsOf(node);
  if (argv === undefined) throw commandMissing(node, what);
  const signal = AbortSignal.timeout(limitMs + moreMs);
  const end = await runProgram({
    argv,
    clock: systemClock,
    signal,
    ...(node.cwd === undefined ? {} : { cwd: node.cwd }),
  });
  return { ...end, argv, lateMs: signal.aborted && end.exitCode === null ? limitMs + moreMs : null };
}

/** Why it is no success, with the first line it said on stderr (else on stdout). */
export function howItEnded({ exitCode, failure, lateMs, stderr, stdout }: Ran): Bilingual {
  const said = [stderr, stdout].map((text) => text.trim().split('\n')[0] ?? '').find((line) => line !== '');
  const tail = said === undefined ? bi('', '') : bi(`: ${quoted(said, 200)}`, `：${quoted(said, 200)}`);
  if (failure !== null) return bi(`could not be run: ${failure}`, `无法运行：${failure}`);
  if (lateMs !== null) {
    return bi(
      `did not end within ${lateMs} ms and was stopped${tail.en}`,
      `${lateMs} 毫秒内未结束，已被终止${tail.zh}`,
    );
  }
  if (exitCode === null) return bi(`was ended by a signal${tail.en}`, `被信号终止${tail.zh}`);
  return bi(`ended with code ${exitCode}${tail.en}`, `以退出码 ${exitCode} 结束${tail.zh}`);
}

export const commandFailed = (
  node: NodeSpec,
  what: NodeCommand,
  failed: { readonly ran: Ran; readonly why: Bilingual },
) =>
  new WorldError({
    code: what === 'start' ? 'node-start-failed' : 'command-failed',
    message: bi(
      `${node.name}: its “${what}” command \`${failed.ran.argv.join(' ')}\` ${failed.why.en}`,
      `${node.name}：其“${what}”命令 \`${failed.ran.argv.join(' ')}\` ${failed.why.zh}`,
    ),
    hint: bi(
      `Run it by hand on this machine until it works; it stands under “commands” in the drill’s target.`,
      `请先在本机手工执行该命令直至成功；它写在演练 target 的“commands”下。`,
    ),
  });

const commandMissing = (node: NodeSpec, what: NodeCommand): WorldError =>
  new WorldError({
    code: 'command-missing',
    message: bi(`${node.name} has no “${what}” command`, `${node.name} 没有“${what}”命令`),
    hint: bi(`Add “${what}” under “commands” in the drill’s target.`, `请在演练 target 的“commands”下补充“${what}”。`),
  });
