import type { Result } from '../../core/result.js';
import { type Bilingual, bi } from '../../core/text.js';
import { span } from '../text/format.js';
import { ANSWER, bad, good, plain, unsure, warn } from '../text/words.js';
import { decisionTrees } from './decisions.js';
import {
  type Block,
  type Cell,
  cell,
  code,
  column,
  EVIDENCE_COLUMN,
  type Facts,
  marked,
  proof,
  type Section,
  same,
} from './model.js';

/** What people answered, decided and rated; only what this drill has. */
export function peopleSection({ result }: Facts): readonly Section[] {
  const blocks = [
    ...manual(result),
    ...decisionTrees(result),
    ...decisions(result),
    ...documents(result),
    ...situations(result),
  ];
  if (blocks.length === 0) return [];
  const scripted: readonly Block[] = result.people.scripted
    ? [
        {
          kind: 'text',
          strong: true,
          text: bi(
            'The answers came from a file: they prove the tool, not people.',
            '回答来自文件：只能证明工具，不能证明人。',
          ),
        },
      ]
    : [];
  return [{ id: 'people', title: bi('People and decisions', '人员与决策'), blocks: [...scripted, ...blocks] }];
}

function manual({ people }: Result): readonly Block[] {
  if (people.manual.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Manual steps', '人工步骤'),
      columns: [
        column('Step', '步骤'),
        column('Role', '角色'),
        column('Answered by', '答复人'),
        column('Done', '完成'),
        column('Right person', '人员相符'),
        column('Note', '备注', { wide: true }),
        EVIDENCE_COLUMN,
      ],
      rows: people.manual.map((row) => [
        code(row.step),
        cell(row.by ?? '–'),
        cell(row.answeredBy),
        marked(row.done ? good(bi('yes', '是')) : bad(bi('no', '否'))),
        marked(rightPerson(row.rightPerson)),
        cell(row.note ?? '–'),
        proof(row.evidence),
      ]),
      empty: bi('No manual step.', '没有人工步骤。'),
    },
  ];
}

const rightPerson = (right: boolean | null) => {
  if (right === null) return plain(bi('not told', '无从判断'));
  return right ? good(bi('yes', '是')) : warn(bi('no', '否'));
};

function decisions({ decisions: made }: Result): readonly Block[] {
  if (made.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Decisions', '决策'),
      columns: [
        column('By', '决策人'),
        column('What', '内容', { wide: true }),
        column('Reason', '理由', { wide: true }),
        EVIDENCE_COLUMN,
      ],
      rows: made.map((row) => [cell(row.by), cell(row.what), cell(row.reason), proof(row.evidence)]),
      empty: bi('No decision was recorded.', '没有记录决策。'),
    },
  ];
}

function documents({ people }: Result): readonly Block[] {
  if (people.documents.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Documents reviewed', '文档审阅'),
      columns: [
        column('Document', '文档'),
        column('Exists', '存在'),
        column('Question', '问题', { wide: true }),
        column('Answer', '回答'),
        column('By', '回答人'),
        EVIDENCE_COLUMN,
      ],
      rows: people.documents.map((row) => [
        row.path === null ? cell(row.title) : cell(row.title, { note: same(row.path) }),
        marked(exists(row.exists)),
        cell(row.question),
        row.note === null ? marked(ANSWER[row.answer]) : marked(ANSWER[row.answer], { note: same(row.note) }),
        cell(row.answeredBy),
        proof(row.evidence),
      ]),
      empty: bi('No document was reviewed.', '没有审阅文档。'),
    },
  ];
}

const exists = (found: boolean | null) => {
  if (found === null) return plain(bi('not a file', '非文件'));
  return found ? good(bi('yes', '是')) : bad(bi('no', '否'));
};

function situations({ situations: played }: Result): readonly Block[] {
  if (played.length === 0) return [];
  return [
    {
      kind: 'table',
      caption: bi('Tabletop situations', '桌面推演情景'),
      columns: [
        column('When', '时刻'),
        column('Told', '情景', { wide: true }),
        column('Expected', '预期回答', { wide: true }),
        column('Answer', '实际回答', { wide: true }),
        column('Rating', '评分'),
        column('Estimate', '估计', { number: true }),
        EVIDENCE_COLUMN,
      ],
      rows: played.map((row) => [
        row.channel === null ? cell(row.at ?? '–') : cell(same(row.at ?? '–'), { note: row.channel }),
        cell(row.tell),
        cell(row.expected),
        answerCell(row),
        ratingCell(row),
        cell(row.estimateMs === null ? bi('–', '–') : span(row.estimateMs)),
        proof(row.evidence),
      ]),
      empty: bi('No situation was played.', '没有推演情景。'),
    },
  ];
}

type Situation = Result['situations'][number];

function answerCell(row: Situation): Cell {
  if (!row.played) return marked(unsure(bi('not played', '未推演')), { note: same(row.notPlayedBecause ?? '?') });
  const by = row.answeredBy ?? '?';
  return cell(row.answer ?? '–', { note: bi(`by ${by}`, `回答人：${by}`) });
}

const RATING: Readonly<Record<1 | 3 | 5, Bilingual>> = {
  1: bi('1 weak', '1 较差'),
  3: bi('3 fair', '3 一般'),
  5: bi('5 good', '5 良好'),
};

function ratingCell(row: Situation): Cell {
  if (row.rating === null) return cell(bi('not rated', '未评'));
  return row.ratedBy === null
    ? cell(RATING[row.rating])
    : cell(RATING[row.rating], { note: bi(`by ${row.ratedBy}`, `评分人：${row.ratedBy}`) });
}
