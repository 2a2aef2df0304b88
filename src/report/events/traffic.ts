import type { EventOf } from '../../core/journal.js';
import { type Bilingual, bi } from '../../core/text.js';
import { formatNumber, span } from '../text/format.js';
import { OPERATION, SERVED_BY } from '../text/words.js';

type TrafficEvent = EventOf<
  | 'attempt'
  | 'degraded.attempt'
  | 'traffic.started'
  | 'traffic.lag'
  | 'traffic.writers'
  | 'traffic.rebased'
  | 'traffic.stopped'
  | 'ledger.settled'
  | 'ledger.read'
>;

const ATTEMPT: Readonly<Record<EventOf<'attempt'>['outcome'], Bilingual>> = {
  ok: bi('ok', '成功'),
  failed: bi('failed', '失败'),
  unknown: bi('outcome unknown', '结果未知'),
};
const WRITERS: Readonly<Record<EventOf<'traffic.writers'>['state'], Bilingual>> = {
  paused: bi('paused', '暂停'),
  resumed: bi('resumed', '恢复'),
  stopped: bi('stopped', '停止'),
};

export function trafficText(event: TrafficEvent): Bilingual {
  switch (event.type) {
    case 'attempt':
      return attempt(event);
    case 'degraded.attempt':
      return degraded(event);
    case 'traffic.started':
      return bi(
        `Canary traffic begins on ${event.services.length} services, ${event.spec.instances} leased instances`,
        `探针流量开始：${event.services.length} 个服务，${event.spec.instances} 个租约实例`,
      );
    case 'traffic.lag':
      return bi(`The schedule was late by ${span(event.lagMs).en}`, `调度滞后 ${span(event.lagMs).zh}`);
    case 'traffic.writers':
      return bi(
        `Canary writers ${WRITERS[event.state].en}: ${event.why.en}`,
        `探针写入${WRITERS[event.state].zh}：${event.why.zh}`,
      );
    case 'traffic.rebased':
      return bi(
        `Expected from now on: what ${event.file} holds; ${formatNumber(event.kept)} kept, ${formatNumber(event.dropped)} not in it`,
        `此后以 ${event.file} 的内容为准：保留 ${formatNumber(event.kept)} 条，其中缺 ${formatNumber(event.dropped)} 条`,
      );
    case 'traffic.stopped':
      return bi('Canary traffic ended', '探针流量结束');
    case 'ledger.settled':
      return bi(
        `Waited ${span(event.waitedMs).en} for the nodes to settle`,
        `等待各节点稳定 ${span(event.waitedMs).zh}`,
      );
    case 'ledger.read':
      return ledgerRead(event);
  }
}

function attempt(event: EventOf<'attempt'>): Bilingual {
  const operation = OPERATION[event.op];
  const outcome = ATTEMPT[event.outcome];
  const took = span(event.endedMs - event.issuedMs);
  const why = event.reason === null ? '' : ` (${event.reason})`;
  const at = event.node ?? '?';
  return bi(
    `${operation.en} ${event.entry} at ${at}: ${outcome.en} in ${took.en}${why}`,
    `${operation.zh} ${event.entry}，节点 ${at}：${outcome.zh}，${took.zh}${why}`,
  );
}

function ledgerRead(event: EventOf<'ledger.read'>): Bilingual {
  const part = event.parts > 1 ? ` ${event.part}/${event.parts}` : '';
  if (!event.readable) {
    return bi(
      `Node ${event.node} could not be read: ${event.reason ?? '?'}`,
      `节点 ${event.node} 无法读取：${event.reason ?? '?'}`,
    );
  }
  const amount = formatNumber(event.entries.length);
  return bi(`Node ${event.node} read${part}: ${amount} entries`, `已读取节点 ${event.node}${part}：${amount} 条`);
}

function degraded(event: EventOf<'degraded.attempt'>): Bilingual {
  const operation = OPERATION[event.op];
  const outcome = ATTEMPT[event.outcome];
  const by = SERVED_BY[event.servedBy];
  const reason = event.reason === null ? bi('', '') : bi(`: ${event.reason}`, `：${event.reason}`);
  return bi(
    `Level ${event.level}, ${operation.en} of ${event.entry}, served by ${by.en}: ${outcome.en}${reason.en}`,
    `级别 ${event.level}，${operation.zh} ${event.entry}，由${by.zh}提供：${outcome.zh}${reason.zh}`,
  );
}
