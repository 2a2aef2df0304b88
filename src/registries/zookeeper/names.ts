/** Any name as the name of a node: ZooKeeper allows neither slashes nor control characters in it, nor `.` and `..`. */
const ILLEGAL = '/\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\uf8ff\\ufff0-\\uffff\\u{10000}-\\u{10ffff}';
const REFUSED = new RegExp(`^\\.\\.?$|[${ILLEGAL}]`, 'u');
const ESCAPED = new RegExp(`[%${ILLEGAL}]`, 'gu');

export function toNodeName(name: string): string {
  if (/^\.\.?$/.test(name)) return name.replaceAll('.', '%2E');
  return name.replace(ESCAPED, (character) => encodeURIComponent(character));
}

/** What is no escape of ours is the name itself. */
export function fromNodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Whether ZooKeeper takes the name as it is. */
export const isNodeName = (name: string): boolean => name !== '' && !REFUSED.test(name);
