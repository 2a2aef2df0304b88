import type { Command } from 'commander';
import { bi } from '../../core/text.js';
import { addCommand } from '../command.js';
import { addBackupRun, emptyIsRight } from './backup-run.js';
import { ENCRYPTING_KEYS, OPENING_KEYS } from './keys.js';
import { addTierCommands, planOption } from './tiers.js';

const target = {
  flags: '--target <target>',
  text: bi('a drill file, a file with only a target, or lab:NAME', '演练文件、只含 target 的文件，或 lab:名称'),
};

export function addRegistryCommands(program: Command): void {
  addLab(program);
  addBackup(program);
  addCommand(
    program,
    {
      name: 'restore',
      text: bi(
        'restore a registry from an archive, or a chain of them, in the six steps; or some services of it',
        '按六个步骤从备份（或备份链）恢复注册中心；或只恢复其中部分服务',
      ),
      args: [
        {
          name: '<archive>',
          text: bi(
            'a registry-backup-*.tar.gz, full or incremental, or a folder of them: the newest',
            'registry-backup-*.tar.gz（全量或增量），或其目录：取最新的',
          ),
        },
      ],
      options: [
        target,
        {
          flags: '--at <time>',
          text: bi(
            'of a folder the newest that was made by then, like 2026-11-22T02:00:00+08:00',
            '目录中在该时刻之前最近的一个，如 2026-11-22T02:00:00+08:00',
          ),
        },
        {
          flags: '--service <names>',
          text: bi(
            'only this service, or some with commas between, into the running cluster',
            '只恢复该服务（多个以逗号分隔），写入运行中的集群',
          ),
        },
        {
          flags: '--into-non-empty',
          text: bi('allow it although the registry holds data', '即使注册中心已有数据也允许'),
        },
        {
          flags: '--into-other-cluster',
          text: bi('allow it although the archive is of another cluster', '即使备份来自其他集群也允许'),
        },
        ...OPENING_KEYS,
      ],
      json: true,
      examples: [
        'firedrill restore backups/registry-backup-20261122-101500.tar.gz --target lab:antietcd-3 --into-non-empty',
      ],
    },
    async () => (await import('../commands/restore.js')).restore,
  );
}

function addLab(program: Command): void {
  const lab = addCommand(
    program,
    {
      name: 'lab',
      text: bi('practice clusters to drill on', '用于演练的练习集群'),
      examples: ['firedrill lab up antietcd-3'],
    },
    null,
  );
  const name = { name: '<name>', text: bi('the lab', '练习集群') };
  addCommand(
    lab,
    {
      name: 'list',
      text: bi('which labs there are, and whether they can run here', '有哪些练习集群，此处能否运行'),
      json: true,
      examples: ['firedrill lab list'],
    },
    async () => (await import('../commands/lab.js')).list,
  );
  addCommand(
    lab,
    {
      name: 'up',
      text: bi('start a lab; returns when it takes writes', '启动练习集群；可写入时返回'),
      args: [name],
      options: [
        {
          flags: '--driver <driver>',
          text: bi(
            'process or docker (default: docker where the image is in the engine, else process)',
            'process 或 docker（默认：引擎中已有镜像时用 docker，否则 process）',
          ),
        },
      ],
      json: true,
      examples: ['firedrill lab up antietcd-3', 'firedrill lab up etcd-3 --driver docker'],
    },
    async () => (await import('../commands/lab.js')).up,
  );
  addCommand(
    lab,
    {
      name: 'down',
      text: bi('stop a lab and remove its files', '停止练习集群并删除其文件'),
      args: [name],
      json: true,
      examples: ['firedrill lab down antietcd-3'],
    },
    async () => (await import('../commands/lab.js')).down,
  );
}

function addBackup(program: Command): void {
  const backup = addCommand(
    program,
    {
      name: 'backup',
      text: bi('registry backups outside a drill', '演练之外的注册中心备份'),
      examples: ['firedrill backup full --target lab:antietcd-3 --to backups'],
    },
    null,
  );
  addCommand(
    backup,
    {
      name: 'full',
      text: bi('write a full backup; prints its path', '写出全量备份；打印其路径'),
      options: [
        target,
        { flags: '--to <place>', text: bi('folder, or tier of the plan', '目录，或预案中的层级'), fallback: 'backups' },
        planOption,
        ...ENCRYPTING_KEYS,
        emptyIsRight,
      ],
      json: true,
      examples: [
        'firedrill backup full --target lab:antietcd-3 --to backups',
        'firedrill backup full --target lab:etcd-3 --to backups --encrypt-to recipients.txt',
      ],
    },
    async () => (await import('../commands/backup.js')).full,
  );
  addCommand(
    backup,
    {
      name: 'incremental',
      text: bi(
        'write what changed since the newest archive of the folder; where that cannot be known, a full one',
        '写出自该目录最近归档以来的变更；无法得知时改为全量备份',
      ),
      options: [
        target,
        {
          flags: '--to <place>',
          text: bi('folder with the chain, or tier of the plan that is one', '备份链所在目录，或作为目录的层级'),
          fallback: 'backups',
        },
        planOption,
        ...ENCRYPTING_KEYS,
        emptyIsRight,
      ],
      json: true,
      examples: ['firedrill backup incremental --target lab:etcd-3 --to backups'],
    },
    async () => (await import('../commands/backup.js')).incremental,
  );
  addArchives(backup);
}

function addArchives(backup: Command): void {
  addCommand(
    backup,
    {
      name: 'list',
      text: bi('the archives of a folder, newest first', '目录中的备份，最新的在前'),
      args: [{ name: '[dir]', text: bi('folder (default: backups)', '目录（默认 backups）') }],
      options: [
        ...OPENING_KEYS,
        {
          flags: '--tiers',
          text: bi('what the tiers of the recovery plan hold, by its labels', '按标签列出恢复预案各层级中的备份'),
        },
        { flags: '--tier <name>', text: bi('only this tier', '只列出该层级') },
        planOption,
      ],
      json: true,
      examples: ['firedrill backup list backups', 'firedrill backup list --tiers --plan recovery-plan.yaml'],
    },
    async () => (await import('../commands/backup-list.js')).list,
  );
  addCommand(
    backup,
    {
      name: 'verify',
      text: bi(
        'check an archive and all that it stands on: hashes, structure, chain, native copy; exit 0 only if sound',
        '检查备份及其所依赖的整条链：哈希、结构、链接、原生副本；完好才退出 0',
      ),
      args: [{ name: '<archive>', text: bi('a registry-backup-*.tar.gz', 'registry-backup-*.tar.gz 备份') }],
      options: [
        {
          flags: '--out <dir>',
          text: bi('folder that keeps what was verified, for `readiness`', '保存校验记录的目录，供 `readiness` 使用'),
          fallback: 'reports',
        },
        {
          flags: '--restore-into <lab>',
          text: bi(
            'restore it into a practice cluster (lab:NAME) and compare by count, hash and function: only this says restorable',
            '恢复到练习集群（lab:名称）并按数量、哈希与功能比对：只有这样才算可恢复',
          ),
        },
        ...OPENING_KEYS,
      ],
      json: true,
      examples: [
        'firedrill backup verify backups/registry-backup-20261122-101500.tar.gz',
        'firedrill backup verify backups/registry-backup-20261122-101500.tar.gz --restore-into lab:etcd-3',
      ],
    },
    async () => (await import('../commands/backup.js')).verify,
  );
  addTierCommands(backup);
  addBackupRun(backup, target);
}
