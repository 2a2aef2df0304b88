/**
 * Leaves a degradation level from its undo record alone, by the recovery plan's own commands, in any process. Whether they
 * have run is written down in the run's state folder; they are run again when that cannot be told, so they must bear it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../core/durable-file.js';
import { invariant } from '../core/errors.js';
import type { RevertResult, UndoData, Undoer, World } from '../core/fault.js';
import { ordinaryEnv, runProgram, whyFailed } from '../core/program.js';
import { type Bilingual, bi } from '../core/text.js';

interface Recorded {
  readonly step: string;
  readonly level: number;
  readonly cwd: string;
  readonly leave: readonly (readonly string[])[];
}

export const degradationUndoer: Undoer = {
  name: 'degrade',
  revert: async (world, data) => {
    const recorded = read(data);
    const { level, leave } = recorded;
    if (hasLeft(world, recorded)) {
      const detail = bi(`degradation level ${level} was left already`, `降级级别 ${level} 此前已退出`);
      return { reverted: true, nothingToDo: true, detail };
    }
    const failure = await runAll(world, recorded);
    if (failure !== null) return notLeft(level, failure);
    await writeDurably(markerOf(world, recorded), `${JSON.stringify({ level })}\n`);
    const commands = leave.length;
    const detail = bi(
      `degradation level ${level} left, ${commands} command(s) of the plan`,
      `已退出降级级别 ${level}，执行预案命令 ${commands} 条`,
    );
    return { reverted: true, nothingToDo: false, detail };
  },
  residue: async (world, data) => {
    const recorded = read(data);
    const { level } = recorded;
    if (hasLeft(world, recorded)) return [];
    return [bi(`degradation level ${level} was not left`, `降级级别 ${level} 尚未退出`)];
  },
};

const notLeft = (level: number, why: Bilingual): RevertResult => ({
  reverted: false,
  detail: bi(
    `degradation level ${level} could not be left: ${why.en}; correct it, then run \`firedrill recover\``,
    `无法退出降级级别 ${level}：${why.zh}；请排除原因后运行 \`firedrill recover\``,
  ),
});

/** One after the other, and no further than the first that fails. */
async function runAll(world: World, { leave, cwd }: Recorded): Promise<Bilingual | null> {
  const signal = world.signal ?? new AbortController().signal;
  for (const argv of leave) {
    const end = await runProgram({ argv, cwd, env: ordinaryEnv(), clock: world.clock, signal });
    const failure = whyFailed(argv, end);
    if (failure !== null) return failure;
  }
  return null;
}

const markerOf = ({ stateDir }: World, { step }: Recorded): string => join(stateDir, `left-${step}.json`);
const hasLeft = (world: World, recorded: Recorded): boolean => existsSync(markerOf(world, recorded));

function read(data: UndoData): Recorded {
  const { step, level, cwd, leave } = data;
  invariant(
    typeof step === 'string' && typeof level === 'number' && typeof cwd === 'string' && Array.isArray(leave),
    'the undo record of a degradation level names step, level, folder and commands',
  );
  const commands = leave.map((argv: unknown) => {
    invariant(Array.isArray(argv) && argv.every((word) => typeof word === 'string'), 'a command is a list of texts');
    return argv;
  });
  return { step, level, cwd, leave: commands };
}
