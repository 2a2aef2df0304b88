import type { EventOf } from '../../core/journal.js';
import { type Bilingual, bi, bilingual } from '../../core/text.js';
import { ANSWER } from '../text/words.js';

type PeopleEvent = EventOf<
  'manual.answered' | 'document.reviewed' | 'situation.played' | 'problem.opened' | 'problem.solved'
>;

export function peopleText(event: PeopleEvent): Bilingual {
  switch (event.type) {
    case 'manual.answered': {
      const done = event.done ? bi('done', '已完成') : bi('not done', '未完成');
      const note = event.note === null ? bi('', '') : bi(`: ${event.note}`, `：${event.note}`);
      return bi(
        `${event.answeredBy} on ${event.step}: ${done.en}${note.en}`,
        `${event.answeredBy} 答复 ${event.step}：${done.zh}${note.zh}`,
      );
    }
    case 'document.reviewed': {
      const title = bilingual(event.title);
      const answer = ANSWER[event.answer].text;
      return bi(
        `${event.answeredBy} reviewed ${title.en}: ${answer.en}`,
        `${event.answeredBy} 审阅 ${title.zh}：${answer.zh}`,
      );
    }
    case 'situation.played':
      return situation(event);
    case 'problem.opened': {
      const title = bilingual(event.title);
      return bi(
        `Problem ${event.problem} (${event.priority}) recorded by ${event.by}: ${title.en}`,
        `${event.by} 记录问题 ${event.problem}（${event.priority}）：${title.zh}`,
      );
    }
    case 'problem.solved': {
      const solution = event.solution === null ? bi('', '') : bilingual(event.solution);
      return bi(
        `Problem ${event.problem} solved by ${event.by}${solution.en ? `: ${solution.en}` : ''}`,
        `${event.by} 解决问题 ${event.problem}${solution.zh ? `：${solution.zh}` : ''}`,
      );
    }
  }
}

function situation(event: EventOf<'situation.played'>): Bilingual {
  const tell = bilingual(event.tell);
  if (!event.played) {
    const why = event.notPlayedBecause ?? '';
    return bi(`Situation not played: ${tell.en} (${why})`, `情景未推演：${tell.zh}（${why}）`);
  }
  const who = event.answeredBy ?? '?';
  return bi(`Situation answered by ${who}: ${event.answer ?? ''}`, `${who} 回答情景：${event.answer ?? ''}`);
}
