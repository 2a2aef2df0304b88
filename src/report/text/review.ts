import type { ReviewAction, RootCause } from '../../core/review.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { Dates } from './format.js';

export const causeText = ({ text }: Pick<RootCause, 'text'>): Bilingual => bi(text, text);

export function actionText(
  { action, owner, due }: Pick<ReviewAction, 'action' | 'owner' | 'due'>,
  dates: Dates,
): Bilingual {
  const until = dates.full(due);
  return bi(`${action} (${owner}, until ${until.en})`, `${action}（${owner}，截止 ${until.zh}）`);
}
