import { Lexer } from 'yaml';
import { type Bilingual, bi } from './text.js';

export const MAX_YAML_BYTES = 1_000_000;
const MAX_DEPTH = 64;
const MAX_INDENT = 256;

export interface TextRefusal {
  readonly offset: number;
  readonly message: Bilingual;
  readonly hint?: Bilingual;
}

/** Why a text must not even be given to the YAML parser; null = go on. One reason is enough: nothing else can be told. */
export function refuseText(text: string): TextRefusal | null {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_YAML_BYTES) return tooLarge(bytes);
  const binary = text.search(/[\u0000\ufffd]/);
  if (binary >= 0) {
    return {
      offset: binary,
      message: bi(
        'this is not a text file: it holds bytes that are not UTF-8 text',
        '这不是文本文件：含有不属于 UTF-8 文本的字节',
      ),
      hint: bi('save the file as UTF-8', '请以 UTF-8 编码保存'),
    };
  }
  return tooDeep(text);
}

export const tooLarge = (bytes: number): TextRefusal => ({
  offset: 0,
  message: bi(
    `the file has ${megabytes(bytes)} MB; at most 1 MB is read`,
    `文件大小为 ${megabytes(bytes)} MB；最多读取 1 MB`,
  ),
});

const megabytes = (bytes: number): string => (Math.ceil(bytes / 100_000) / 10).toFixed(1);

/** The parser recurses: thousands of open brackets would take the whole process down with them. */
function tooDeep(text: string): TextRefusal | null {
  let offset = 0;
  let depth: Depth = { brackets: 0, indicators: 0 };
  for (const token of new Lexer().lex(text)) {
    depth = after(token, depth);
    const indent = token.length > MAX_INDENT && token.trim() === '';
    if (depth.brackets > MAX_DEPTH || depth.indicators > MAX_DEPTH || indent) return { offset, ...TOO_DEEP };
    if (!LEXER_MARKS.has(token)) offset += token.length;
  }
  return null;
}

const TOO_DEEP = {
  message: bi('nested too deeply to be read', '嵌套过深，无法读取'),
  hint: bi(`at most ${MAX_DEPTH} levels are read`, `最多读取 ${MAX_DEPTH} 层`),
};

interface Depth {
  /** Open `[` and `{`. */
  readonly brackets: number;
  /** `-`, `?` and `:` so far on this line, outside brackets: each may open a level. */
  readonly indicators: number;
}

/** Marks of the lexer's own (document start, flow cut off, scalar follows): they stand for no characters. */
const FLOW_END = '\u0018';
const LEXER_MARKS = new Set(['\u0002', FLOW_END, '\u001f']);

function after(token: string, { brackets, indicators }: Depth): Depth {
  switch (token) {
    case '[':
    case '{':
      return { brackets: brackets + 1, indicators };
    case ']':
    case '}':
      return { brackets: Math.max(0, brackets - 1), indicators };
    case FLOW_END:
      return { brackets: 0, indicators };
    case '\n':
    case '\r\n':
      return { brackets, indicators: 0 };
    case '-':
    case '?':
    case ':':
      return { brackets, indicators: indicators + (brackets === 0 ? 1 : 0) };
    default:
      return { brackets, indicators };
  }
}
