import { existsSync, mkdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingEngine } from '../../core/container-engine.js';
import { describeError } from '../../core/errors.js';
import { bi } from '../../core/text.js';
import { listRuns } from '../../run/state/index.js';
import { catalogs } from '../catalogs.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { codeOf } from '../failure.js';
import { mark } from '../view.js';
import type { Finding } from './doctor-finding.js';
import { targetFindings } from './doctor-target.js';

/** `doctor`: every failed check has a fix. Exit 1 when one fails. */
export const doctor: Action = async ({ ctx, options }) => {
  const findings = [
    nodeVersion(),
    platform(),
    disk(ctx),
    clock(),
    leftovers(ctx),
    await dockerFinding(),
    ...(await labFindings(ctx)),
    ...(options.target === undefined ? [] : await targetFindings(options.target, ctx)),
  ];
  if (ctx.json)
    ctx.out(JSON.stringify({ schemaVersion: 1, ok: findings.every((finding) => finding.ok), findings }, null, 2));
  else for (const finding of findings) print(finding, ctx);
  return findings.every((finding) => finding.ok) ? 0 : codeOf('missed');
};

function print(finding: Finding, ctx: Context): void {
  ctx.out(
    `${mark(ctx, finding.optional === true ? 'skipped' : finding.ok ? 'pass' : 'fail')} ${finding.check}: ${ctx.say(finding.text)}`,
  );
  if (finding.fix !== null) ctx.out(`    ${ctx.say(bi('fix', '修复'))}: ${ctx.say(finding.fix)}`);
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    check: 'node',
    ok,
    text: bi(`Node ${process.versions.node}`, `Node ${process.versions.node}`),
    fix: ok ? null : bi('Install Node 20.19 or newer.', '请安装 Node 20.19 或更新版本。'),
  };
}

function platform(): Finding {
  const ok = process.platform === 'linux' && existsSync('/proc/self/stat');
  return {
    check: 'platform',
    ok,
    text: ok
      ? bi('Linux with /proc: processes can be found and their state read', 'Linux 且有 /proc：可以查找进程并读取状态')
      : bi(
          `${process.platform} has no /proc: processes cannot be drilled`,
          `${process.platform} 没有 /proc：无法对进程做演练`,
        ),
    fix: ok
      ? null
      : bi(
          'Run drills on Linux; validate, score and report work here.',
          '请在 Linux 上运行演练；validate、score 与 report 在此可用。',
        ),
  };
}

function disk(ctx: Context): Finding {
  const existed = existsSync(ctx.stateRoot);
  try {
    mkdirSync(ctx.stateRoot, { recursive: true });
    const probe = join(ctx.stateRoot, `.doctor-${process.pid}`);
    writeFileSync(probe, 'x');
    rmSync(probe);
    const { bavail, bsize } = statfsSync(ctx.stateRoot);
    const freeMiB = Math.floor((bavail * bsize) / 1_048_576);
    if (!existed) rmdirSync(ctx.stateRoot);
    const ok = freeMiB >= 200;
    return {
      check: 'disk',
      ok,
      text: bi(`the state folder can be written; ${freeMiB} MiB free`, `状态目录可写；剩余 ${freeMiB} MiB`),
      fix: ok
        ? null
        : bi('Free at least 200 MiB: a full disk stops a drill.', '请至少腾出 200 MiB：磁盘写满会使演练停止。'),
    };
  } catch (error) {
    return {
      check: 'disk',
      ok: false,
      text: describeError(error),
      fix: bi('Set FIREDRILL_STATE to a folder that you may write.', '请将 FIREDRILL_STATE 设为可写的目录。'),
    };
  }
}

/** The wall clock is for people only; a clock that is years off still makes due dates wrong. */
function clock(): Finding {
  const year = new Date().getUTCFullYear();
  const ok = year >= 2025 && year < 2100;
  return {
    check: 'clock',
    ok,
    text: bi(
      `the date is ${new Date().toISOString()}; times are measured on the monotonic clock`,
      `日期为 ${new Date().toISOString()}；计时使用单调时钟`,
    ),
    fix: ok ? null : bi('Set the clock (NTP): due dates depend on it.', '请校准时钟（NTP）：到期时间依赖它。'),
  };
}

function leftovers(ctx: Context): Finding {
  const left = listRuns(ctx.stateRoot).filter((run) => run.stillOn);
  const names = left.map((run) => run.runId).join(', ');
  return {
    check: 'left-over faults',
    ok: left.length === 0,
    text: left.length === 0 ? bi('none', '无') : bi(`left on by ${names}`, `由 ${names} 残留`),
    fix: left.length === 0 ? null : bi('firedrill recover', 'firedrill recover'),
  };
}

/** Only drills on containers need it. */
async function dockerFinding(): Promise<Finding> {
  const missing = await missingEngine();
  return {
    check: 'docker',
    ok: true,
    optional: missing !== null,
    text: missing?.text ?? bi('a container engine answers', '容器引擎可用'),
    fix: missing?.hint ?? null,
  };
}

/** A lab that cannot run is told, but only one must be there to practise on. */
async function labFindings(ctx: Context): Promise<readonly Finding[]> {
  const labs = await Promise.all(catalogs(ctx).labs.all.map(async (lab) => ({ lab, missing: await lab.missing() })));
  const some = labs.some(({ missing }) => missing === null);
  return labs.map(({ lab, missing }) => ({
    check: `lab ${lab.name}`,
    ok: missing === null || some,
    optional: missing !== null && some,
    text:
      missing === null
        ? bi(`${lab.product} can run here`, `${lab.product} 可在此运行`)
        : bi(`not here: ${missing.en}`, `不可用：${missing.zh}`),
    fix: some ? null : missing,
  }));
}
