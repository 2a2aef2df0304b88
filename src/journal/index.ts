/** The append-only event log: write, read, verify. The format stands in core/journal.ts. */
export { parseJournal, readJournal, verifyJournal } from './read.js';
export { resumeJournal } from './resume.js';
export { openJournal } from './sink.js';
