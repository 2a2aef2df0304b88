/** What people add to a run after its end: read, checked, appended; the format stands in core/review.ts. */
export { readReviewAnswers } from './answers.js';
export { checkDraft, isOpen, type ReviewDraft, type ReviewFacts } from './check.js';
export { currentReview } from './current.js';
export { appendReview, readReview } from './file.js';
