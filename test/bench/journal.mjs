import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../dist/journal/index.js';
import { cli, median, seconds } from './measure.mjs';
import { bodiesOf } from './synthetic.mjs';

const PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'\\n'))`;

/** A journal of 100,000 events → all reports, in a process of its own; its peak memory with it. */
export async function journal() {
  const dir = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  try {
    const run = join(dir, 'run');
    mkdirSync(run);
    let now = 0;
    const clock = { monotonicMs: () => now++, wallIso: () => new Date(Date.UTC(2026, 0, 1) + now).toISOString(), sleep: () => Promise.resolve() };
    const sink = openJournal({ path: join(run, 'journal.jsonl'), clock });
    let events = 0;
    for (const body of bodiesOf({ entries: 10_000, nodes: 5, reads: 89_890 })) {
      sink.append(body);
      if (++events % 5_000 === 0) await sink.flush();
    }
    await sink.close();
    const once = () => {
      const started = performance.now();
      const done = spawnSync(process.execPath, ['--import', PEAK, cli, 'report', run], { encoding: 'utf8' });
      if (done.status !== 0) throw new Error(done.stderr);
      return { ms: performance.now() - started, peakKiB: Number(/peak (\d+)/.exec(done.stderr)?.[1]) };
    };
    const samples = Array.from({ length: 3 }, once);
    const ms = median(samples.map((sample) => sample.ms));
    const peakMiB = median(samples.map((sample) => sample.peakKiB)) / 1024;
    return [
      { work: `journal of ${events} events → all reports`, must: '< 3 s', measured: seconds(ms), ok: ms < 3000 },
      { work: 'the same: peak memory', must: '< 300 MB', measured: `${Math.round(peakMiB)} MB`, ok: peakMiB < 300 },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
