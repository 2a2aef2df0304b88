import type { Command } from 'commander';
import { DRILL_KINDS, REGISTRY_NAMES } from '../../core/drill.js';
import { bi } from '../../core/text.js';
import { addCommand } from '../command.js';

const file = { name: '<file>', text: bi('a drill file (*.drill.yaml)', '演练文件（*.drill.yaml）') };
const out = { flags: '--out <dir>', text: bi('folder for run folders', '运行文件夹所在目录'), fallback: 'reports' };

export function addDrillCommands(program: Command): void {
  addInit(program);
  addLooking(program);
  addRun(program);
}

/** What changes nothing. */
function addLooking(program: Command): void {
  addCommand(
    program,
    {
      name: 'doctor',
      text: bi(
        'check that drills can run here, and say how to fix what cannot',
        '检查此处能否运行演练，并说明如何修复',
      ),
      options: [
        {
          flags: '--target <target>',
          text: bi(
            'also check a registry: a drill file, a target file, or lab:NAME',
            '同时检查注册中心：演练文件、目标文件或 lab:名称',
          ),
        },
      ],
      json: true,
      examples: ['firedrill doctor', 'firedrill doctor --target lab:antietcd-3'],
    },
    async () => (await import('../commands/doctor.js')).doctor,
  );
  addCommand(
    program,
    {
      name: 'validate',
      text: bi('check drill files; shows every problem with its place', '检查演练文件；列出所有问题及其位置'),
      args: [{ name: '<files...>', text: bi('drill files', '演练文件') }],
      json: true,
      examples: ['firedrill validate drills/*.drill.yaml'],
    },
    async () => (await import('../commands/validate.js')).validate,
  );
  addCommand(
    program,
    {
      name: 'plan',
      text: bi(
        'bind a drill to its live target and show exactly what would happen; changes nothing',
        '把演练绑定到真实目标并显示将发生的一切；不做任何改动',
      ),
      args: [file],
      options: [
        { flags: '-o, --output <file>', text: bi('write the plan as JSON', '将计划写成 JSON') },
        {
          flags: '--out <dir>',
          text: bi('folder of earlier runs, for the restore forecast', '以往运行所在目录，用于预测恢复用时'),
          fallback: 'reports',
        },
      ],
      json: true,
      examples: ['firedrill plan drills/etcd-leader-loss.drill.yaml', 'firedrill plan my.drill.yaml -o plan.json'],
    },
    async () => (await import('../commands/plan.js')).plan,
  );
}

function addRun(program: Command): void {
  addCommand(
    program,
    {
      name: 'run',
      text: bi('run a drill: break, recover, measure, score, report', '运行演练：破坏、恢复、测量、评分、报告'),
      args: [
        {
          name: '<file>',
          text: bi(
            'a drill file (*.drill.yaml), or a plan (*.json) that must still hold',
            '演练文件（*.drill.yaml），或必须仍然成立的计划（*.json）',
          ),
        },
      ],
      options: [
        out,
        {
          flags: '--answers <file>',
          text: bi(
            'answers to manual steps and situations (proves the tool, not people)',
            '人工步骤与情景的答案文件（只验证工具，不验证人）',
          ),
        },
        { flags: '--as <name>', text: bi('who is at the terminal', '终端前的人是谁') },
        {
          flags: '--confirm <environment>',
          text: bi(
            'name of the environment that may be broken (needed outside a lab)',
            '允许破坏的环境名称（非练习集群时必需）',
          ),
        },
      ],
      json: true,
      examples: [
        'firedrill run drills/etcd-leader-loss.drill.yaml',
        'firedrill run drills/datacenter-power-loss.drill.yaml --as alice',
        'firedrill run my.drill.yaml --confirm staging --json > result.json',
      ],
    },
    async () => (await import('../commands/run.js')).run,
  );
}

function addInit(program: Command): void {
  addCommand(
    program,
    {
      name: 'init',
      text: bi('write a first drill and a recovery plan to edit', '生成首个演练文件和可编辑的恢复预案'),
      options: [
        { flags: '--yes', text: bi('ask nothing, take the defaults', '不提问，采用默认值') },
        { flags: '--registry <kind>', text: bi('registry', '注册中心'), choices: REGISTRY_NAMES },
        { flags: '--kind <kind>', text: bi('kind of drill', '演练类型'), choices: DRILL_KINDS },
        { flags: '--lab <name>', text: bi('practice cluster to drill on', '用于演练的练习集群') },
        { flags: '--dir <dir>', text: bi('where to write', '写入位置'), fallback: '.' },
      ],
      json: true,
      examples: ['firedrill init', 'firedrill init --yes --registry etcd --kind full-flow --lang zh'],
    },
    async () => (await import('../commands/init.js')).init,
  );
}
