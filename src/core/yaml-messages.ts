import type { ErrorCode } from 'yaml';
import { type Bilingual, bi } from './text.js';

/** What the YAML parser's codes mean to the person who wrote the file. */
export const YAML_MESSAGES: Readonly<Record<ErrorCode, Bilingual>> = {
  ALIAS_PROPS: bi('an alias cannot have an anchor or a tag', '别名不能再带锚点或标签'),
  BAD_ALIAS: bi('this is not a valid alias or anchor', '别名或锚点写法不正确'),
  BAD_COLLECTION_TYPE: bi('the tag does not fit this list or map', '标签与列表或映射不匹配'),
  BAD_DIRECTIVE: bi('this is not a valid YAML directive', 'YAML 指令写法不正确'),
  BAD_DQ_ESCAPE: bi('unknown escape in a double-quoted text', '双引号文本中有无法识别的转义'),
  BAD_INDENT: bi(
    'the indentation does not fit the lines around it, or a bracket before is not closed',
    '缩进与上下文不一致，或前面的括号没有闭合',
  ),
  BAD_PROP_ORDER: bi('anchor or tag stands in the wrong place', '锚点或标签的位置不对'),
  BAD_SCALAR_START: bi(
    'a plain text cannot begin with this character; put it in quotes',
    '普通文本不能以此字符开头；请加引号',
  ),
  BLOCK_AS_IMPLICIT_KEY: bi(
    'a second “key: value” on one line; put it on its own line or in quotes',
    '一行里出现了第二个“键: 值”；请另起一行或加引号',
  ),
  BLOCK_IN_FLOW: bi('an indented block cannot stand inside […] or {…}', '[…] 或 {…} 内不能放缩进块'),
  DUPLICATE_KEY: bi('the key is there twice', '键重复出现'),
  IMPOSSIBLE: bi('this cannot be read as YAML', '无法按 YAML 读取'),
  KEY_OVER_1024_CHARS: bi('a key on one line may have at most 1024 characters', '单行键最多 1024 个字符'),
  MISSING_CHAR: bi(
    'a character is missing here: quote, comma, colon or bracket',
    '此处缺少字符：引号、逗号、冒号或括号',
  ),
  MULTILINE_IMPLICIT_KEY: bi(
    'a key must stand on one line; is a colon or a quote missing?',
    '键必须写在一行内；是否漏了冒号或引号？',
  ),
  MULTIPLE_ANCHORS: bi('more than one anchor on one value', '一个值上有多个锚点'),
  MULTIPLE_DOCS: bi('only one document per file: remove the “---”', '每个文件只能有一份文档：请删去“---”'),
  MULTIPLE_TAGS: bi('more than one tag on one value', '一个值上有多个标签'),
  NON_STRING_KEY: bi('a key must be a text', '键必须是文本'),
  RESOURCE_EXHAUSTION: bi('the file would grow beyond all limits when read', '文件读取时会无限膨胀'),
  TAB_AS_INDENT: bi('a tab cannot be used to indent; use spaces', '不能用制表符缩进；请用空格'),
  TAG_RESOLVE_FAILED: bi('tags (“!…”) are not used in these files', '这类文件不使用标签（“!…”）'),
  UNEXPECTED_TOKEN: bi('this was not expected here', '此处出现了意外的内容'),
};
