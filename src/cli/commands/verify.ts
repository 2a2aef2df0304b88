import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bilingual, bi } from '../../core/text.js';
import { renderAll } from '../../report/index.js';
import type { Action } from '../command.js';
import { codeOf } from '../failure.js';
import { type Evaluation, evaluate, runDirOf } from '../reports.js';

/** `verify RUN`: is the journal whole and unchanged, and do the reports beside it follow from it? */
export const verify: Action = async ({ ctx, args, options }) => {
  const runDir = runDirOf(String(args[0]), String(options.out), ctx);
  const evaluation = evaluate(runDir);
  const findings = [
    ...journalFindings(evaluation),
    ...reviewFindings(evaluation),
    ...reportFindings(evaluation, runDir),
  ];
  const { reading } = evaluation;
  if (ctx.json)
    ctx.out(
      JSON.stringify(
        {
          schemaVersion: 1,
          runId: evaluation.result.runId,
          sound: findings.length === 0,
          events: reading.events.length,
          findings,
        },
        null,
        2,
      ),
    );
  else if (findings.length === 0)
    ctx.out(
      `✓ ${ctx.say(bi(`${reading.events.length} events, hash chain whole, reports follow from the journal`, `${reading.events.length} 个事件，哈希链完整，报告与日志一致`))}`,
    );
  else for (const finding of findings) ctx.out(`✗ ${ctx.say(finding)}`);
  return findings.length === 0 ? 0 : codeOf('missed');
};

function journalFindings({ reading }: Evaluation): readonly Bilingual[] {
  const broken =
    reading.broken === null
      ? []
      : [
          bi(
            `line ${reading.broken.line}: ${reading.broken.why.en}`,
            `第 ${reading.broken.line} 行：${reading.broken.why.zh}`,
          ),
        ];
  const cut = reading.cut
    ? [bi('the journal is cut off: its closing event is missing', '日志被截断：缺少结束事件')]
    : [];
  return [...broken, ...cut];
}

function reviewFindings({ result: { review } }: Evaluation): readonly Bilingual[] {
  if (review === null || review.broken === null) return [];
  const { line, why } = review.broken;
  return [bi(`review.jsonl, line ${line}: ${why.en}`, `review.jsonl 第 ${line} 行：${why.zh}`)];
}

function reportFindings(evaluation: Evaluation, runDir: string): readonly Bilingual[] {
  return renderAll({ result: evaluation.result, events: evaluation.reading.events }).flatMap(({ fileName, text }) => {
    const path = join(runDir, fileName);
    if (!existsSync(path))
      return [
        bi(
          `${fileName} is missing; \`firedrill report\` writes it again`,
          `缺少 ${fileName}；\`firedrill report\` 可重新生成`,
        ),
      ];
    return readFileSync(path, 'utf8') === text
      ? []
      : [
          bi(
            `${fileName} is not what the journal gives: it was changed, or another version of Firedrill wrote it`,
            `${fileName} 与日志得出的不一致：被改动过，或由其他版本的 Firedrill 写出`,
          ),
        ];
  });
}
