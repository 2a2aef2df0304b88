/** The append-only event log: write, read, verify. The format stands in core/journal.ts. */
export { type JournalVerdict, parseJournal, readJournal, verifyJournal } from './read.js';
export { resumeJournal } from './resume.js';
export { type OpenJournalOptions, openJournal } from './sink.js';
