import type { EventOf } from '../../core/journal.js';
import { type Bilingual, bi, bilingual } from '../../core/text.js';
import { ANSWER } from '../text/words.js';

type DecisionEvent = EventOf<'decision.answered' | 'decision.made' | 'degrade.entered' | 'degrade.left'>;

export function decisionText(event: DecisionEvent): Bilingual {
  switch (event.type) {
    case 'decision.answered': {
      const ask = bilingual(event.ask);
      const answer = ANSWER[event.answer].text;
      return bi(`${ask.en} ${answer.en}: ${event.why.en}`, `${ask.zh} ${answer.zh}：${event.why.zh}`);
    }
    case 'decision.made': {
      const title = bilingual(event.outcomeTitle);
      if (event.outcome === event.treeOutcome) {
        return bi(`${event.step} decided: ${title.en}`, `${event.step} 的决策：${title.zh}`);
      }
      const [who, why] = [event.answeredBy ?? '?', event.reason ?? ''];
      return bi(
        `${event.step} decided by ${who} instead of ${event.treeOutcome}: ${title.en} (${why})`,
        `${event.step} 由 ${who} 改判（决策树结果为 ${event.treeOutcome}）：${title.zh}（${why}）`,
      );
    }
    case 'degrade.entered': {
      const title = bilingual(event.title);
      return bi(`Degradation level ${event.level} entered: ${title.en}`, `进入降级级别 ${event.level}：${title.zh}`);
    }
    case 'degrade.left':
      return bi(`Degradation level ${event.level} left`, `退出降级级别 ${event.level}`);
  }
}
