/** Whether what the plan names is there: paths, key files, and commands in the version it states. */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { describeError } from '../../core/errors.js';
import { findProgram } from '../../core/find-program.js';
import type { TierEncryption } from '../../core/plan-places.js';
import { runProgram } from '../../core/program.js';
import type { Resource } from '../../core/recovery-plan.js';
import { type Bilingual, bi, bilingual } from '../../core/text.js';
import type { CommandReading, PathReading } from '../../readiness/index.js';
import type { Context } from '../context.js';
import type { OwnPlan } from './own-plan.js';

const COMMAND_LIMIT_MS = 10_000;

interface NamedPath {
  readonly what: Bilingual;
  readonly path: string;
  readonly role: PathReading['role'];
}

export function readPaths(own: OwnPlan): readonly PathReading[] {
  const named = new Map(pathsOf(own).map((each) => [each.path, each]));
  return [...named.values()].map((each) => pathReading(each, own.dir));
}

function pathsOf({ plan }: OwnPlan): readonly NamedPath[] {
  const resources = (plan.resources ?? []).flatMap((resource): readonly NamedPath[] =>
    resource.kind === 'path' || resource.kind === 'runbook'
      ? [
          {
            what: bilingual(resource.title),
            path: resource.path,
            role: resource.kind === 'runbook' ? 'runbook' : 'other',
          },
        ]
      : [],
  );
  const tiers = Object.entries(plan.tiers ?? {}).flatMap(([name, tier]): readonly NamedPath[] => {
    const place = tier.kind === 'directory' ? [[bi(`tier ${name}`, `层级 ${name}`), tier.place] as const] : [];
    const credentials =
      tier.kind === 's3' && tier.credentialsFile !== undefined
        ? [[bi(`credentials of tier ${name}`, `层级 ${name} 的凭据`), tier.credentialsFile] as const]
        : [];
    const keys = keyFiles(tier.encryption).map(
      (file) => [bi(`key of tier ${name}`, `层级 ${name} 的密钥`), file] as const,
    );
    return [...place, ...credentials, ...keys].map(([what, path]) => ({ what, path, role: 'other' }));
  });
  // A runbook stays one although a tier names the same path.
  return [...tiers, ...resources];
}

function keyFiles(encryption: TierEncryption): readonly string[] {
  switch (encryption.kind) {
    case 'recipients':
      return [encryption.file, ...(encryption.identityFile === undefined ? [] : [encryption.identityFile])];
    case 'passphrase':
      return [encryption.file];
    case 'none':
      return [];
  }
}

function pathReading({ what, path, role }: NamedPath, dir: string): PathReading {
  try {
    const seen = statSync(resolve(dir, path), { throwIfNoEntry: false });
    return { what, path, role, exists: seen !== undefined, why: null, changedMs: seen?.mtimeMs ?? null };
  } catch (error) {
    return { what, path, role, exists: null, why: describeError(error), changedMs: null };
  }
}

export const readCommands = (own: OwnPlan, ctx: Context): Promise<readonly CommandReading[]> =>
  Promise.all(
    (own.plan.resources ?? []).flatMap((each) => (each.kind === 'command' ? [commandReading(each, own, ctx)] : [])),
  );

async function commandReading(
  { title, argv, version }: Extract<Resource, { kind: 'command' }>,
  own: OwnPlan,
  ctx: Context,
): Promise<CommandReading> {
  const common = { what: bilingual(title), argv, wanted: version };
  const [program = '', ...args] = argv;
  const inFolder = program.includes('/') && !isAbsolute(program) ? resolve(own.dir, program) : program;
  const path = inFolder.includes('/') ? inFolder : await findProgram(program, ctx.env);
  if (path === null) {
    const why = bi(`${program} is not on the PATH`, `PATH 中没有 ${program}`);
    return { ...common, outcome: { ran: false, found: false, why } };
  }
  const signal = AbortSignal.timeout(COMMAND_LIMIT_MS);
  const end = await runProgram({ argv: [path, ...args], cwd: own.dir, env: ctx.env, clock: systemClock, signal });
  if (end.failure !== null) {
    return { ...common, outcome: { ran: false, found: false, why: bi(end.failure, end.failure) } };
  }
  if (end.exitCode === null) {
    const why = bi(
      `ended by a signal, or took longer than ${COMMAND_LIMIT_MS / 1_000} s`,
      `被信号终止，或超过 ${COMMAND_LIMIT_MS / 1_000} 秒`,
    );
    return { ...common, outcome: { ran: false, found: true, why } };
  }
  return { ...common, outcome: { ran: true, output: end.output } };
}
