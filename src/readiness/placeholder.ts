/** Words that say that nobody has filled this in yet: those of the built-in plan, and the usual ones. */
const PLACEHOLDERS = ['to be named', 'to be filled in', '待定', '待填写', 'todo', 'tbd', 'xxx', 'n/a'];

export const isPlaceholder = (text: string): boolean =>
  text.trim() === '' ||
  PLACEHOLDERS.some((word) =>
    text
      .toLowerCase()
      .split(/\s*\/\s*/)
      .includes(word),
  );
