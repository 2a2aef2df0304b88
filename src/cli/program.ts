import { Command } from 'commander';
import { bi, type Lang, textIn } from '../core/text.js';
import { setLang } from './command.js';
import { localizeHelp } from './localize.js';
import { addDrillCommands } from './specs/drill.js';
import { addLiveCommands } from './specs/live.js';
import { addOtherCommands } from './specs/other.js';
import { addReadinessCommands } from './specs/readiness.js';
import { addRegistryCommands } from './specs/registry.js';
import { addResultCommands } from './specs/results.js';
import { version } from './version.js';

/** The whole command line; help texts in `lang`. */
export function buildProgram(lang: Lang, parts: { readonly completion: boolean } = { completion: true }): Command {
  const say = (text: ReturnType<typeof bi>): string => textIn(text, lang);
  const program = localizeHelp(new Command('firedrill'), lang)
    .description(
      say(
        bi(
          'Chaos-engineering and disaster-recovery drills for service registries.\nBreaks a real one, times its recovery from the clients’ side, finds every lost write, restores, scores.',
          '面向服务注册中心的混沌工程与灾备演练工具。\n真实地破坏、从客户端计量恢复时间、找出每一条丢失的写入、恢复并评分。',
        ),
      ),
    )
    .version(version(), '-V, --version', say(bi('show the version', '显示版本')))
    .helpCommand(false);
  setLang(program, lang);
  addDrillCommands(program);
  addLiveCommands(program);
  addResultCommands(program);
  addRegistryCommands(program);
  addReadinessCommands(program);
  addOtherCommands(program, parts);
  program.addHelpText(
    'after',
    `\n${say(bi('Start here:', '从这里开始：'))}\n  $ firedrill lab list\n  $ firedrill plan drills/etcd-leader-loss.drill.yaml\n  $ firedrill run drills/etcd-leader-loss.drill.yaml`,
  );
  return program;
}
