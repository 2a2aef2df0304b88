import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { bi } from '../../core/text.js';
import type { Action } from '../command.js';
import { showPath } from '../context.js';
import { evaluate, runDirOf, writeReports } from '../reports.js';

/** `report RUN`: renders the same journal again; the same bytes on any machine. */
export const report: Action = async ({ ctx, args, options }) => {
  const runDir = runDirOf(String(args[0]), String(options.out), ctx);
  const to = typeof options.to === 'string' ? resolve(ctx.cwd, options.to) : runDir;
  const evaluation = evaluate(runDir);
  const files = writeReports(evaluation, to).map((name) => showPath(join(to, name), ctx));
  if (evaluation.result.endedEarly !== null) ctx.err(ctx.say(evaluation.result.endedEarly));
  ctx.out(
    ctx.json ? JSON.stringify({ schemaVersion: 1, runId: evaluation.result.runId, files }, null, 2) : files.join('\n'),
  );
  if (options.open === true) openInBrowser(join(to, 'report.html'), (text) => ctx.err(ctx.say(text)));
  return 0;
};

function openInBrowser(path: string, say: (text: ReturnType<typeof bi>) => void): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [path], { detached: true, stdio: 'ignore' });
  child.on('error', () =>
    say(bi(`Could not start ${opener}; open the file yourself: ${path}`, `无法启动 ${opener}；请自行打开：${path}`)),
  );
  child.unref();
}
