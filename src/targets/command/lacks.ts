/** What has no command cannot be done; told by `plan`, before anything is broken. */
import type { AbilityName } from '../../core/abilities.js';
import type { NodeCommand, NodeSpec } from '../../core/drill.js';
import { type Bilingual, bi } from '../../core/text.js';
import { commandsOf } from './run.js';
import { statusOf } from './status.js';

/** The act's own command and the one that undoes it. */
const NEEDED: Partial<Readonly<Record<AbilityName, readonly NodeCommand[]>>> = {
  kill: ['kill', 'start'],
  killInPlace: ['killInPlace', 'start'],
  end: ['stop', 'start'],
  stop: ['stop', 'start'],
  start: ['start'],
  freeze: ['freeze', 'thaw'],
  renew: ['stop', 'start'],
};

export async function lacksCommand(node: NodeSpec, ability: AbilityName): Promise<Bilingual | null> {
  const commands = commandsOf(node);
  const whole = ability === 'renew' && commands.restart !== undefined;
  const missing = whole ? [] : (NEEDED[ability] ?? []).filter((name) => commands[name] === undefined);
  if (missing.length > 0) {
    const names = missing.join(', ');
    return bi(
      `it has no command for ${names}; add it under “commands” in the drill’s target`,
      `没有用于 ${names} 的命令；请在演练 target 的“commands”下补充`,
    );
  }
  return ability === 'renew' ? noIdentity(node) : null;
}

/** Without it a restarted node looks like one that was never touched. */
async function noIdentity(node: NodeSpec): Promise<Bilingual | null> {
  const { node: seen } = await statusOf(node);
  if (seen.state === 'gone' || seen.pid !== 0 || seen.startTicks !== 0) return null;
  return bi(
    'its “status” command tells neither pid nor start, so a restart cannot be confirmed; let it print pid=… start=… too',
    '其“status”命令既未给出 pid 也未给出 start，无法确认重启；请让它同时输出 pid=… start=…',
  );
}
