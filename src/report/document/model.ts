/**
 * The report as neutral facts: sections of tables, charts and texts. Markdown and HTML print the same document, so they
 * cannot tell different stories.
 */
import type { JournalEvent } from '../../core/journal.js';
import type { Evidence } from '../../core/measurement.js';
import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import type { SvgNode } from '../svg/element.js';
import type { Dates } from '../text/format.js';
import type { Mark } from '../text/words.js';

export interface Cell {
  readonly mark?: Mark;
  readonly text?: Bilingual;
  /** Smaller, under the text. */
  readonly note?: Bilingual;
  readonly evidence?: Evidence;
  readonly code?: boolean;
}

export interface Column {
  readonly title: Bilingual;
  readonly number?: boolean;
  /** Sentences: the column that may grow. */
  readonly wide?: boolean;
}

export type Block =
  | { readonly kind: 'text'; readonly text: Bilingual; readonly strong?: boolean }
  | { readonly kind: 'facts'; readonly rows: readonly { readonly label: Bilingual; readonly cell: Cell }[] }
  | {
      readonly kind: 'table';
      readonly caption: Bilingual;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
      /** Why there are no rows. */
      readonly empty: Bilingual;
    }
  | {
      readonly kind: 'chart';
      readonly id: string;
      readonly caption: Bilingual;
      /** Null = nothing to draw; then `empty` says why. */
      readonly image: SvgNode | null;
      readonly empty: Bilingual;
    }
  | { readonly kind: 'list'; readonly items: readonly Cell[]; readonly empty: Bilingual }
  | { readonly kind: 'fold'; readonly summary: Bilingual; readonly blocks: readonly Block[] };

export interface Section {
  readonly id: string;
  readonly title: Bilingual;
  readonly blocks: readonly Block[];
}

/** What a section is made from. */
export interface Facts {
  readonly result: Result;
  readonly events: readonly JournalEvent[];
  readonly dates: Dates;
}

export const same = (text: string): Bilingual => bi(text, text);
export const cell = (text: Bilingual | string, more: Omit<Cell, 'text'> = {}): Cell => ({
  text: typeof text === 'string' ? same(text) : text,
  ...more,
});
export const code = (text: string): Cell => cell(text, { code: true });
export const marked = (mark: Mark, more: Omit<Cell, 'mark'> = {}): Cell => ({ mark, ...more });
export const proof = (evidence: Evidence): Cell => ({ evidence });
export const column = (en: string, zh: string, more: Omit<Column, 'title'> = {}): Column => ({
  title: bi(en, zh),
  ...more,
});

export const EVIDENCE_COLUMN = column('Evidence', '证据');
