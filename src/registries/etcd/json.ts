/** Reading JSON whose shape nobody has promised. */
export type JsonObject = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function textAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' ? value : null;
}

/** etcd writes int64 as strings, antietcd as numbers; zero is left out. */
export function integerAt(object: JsonObject, key: string): number {
  const value = object[key];
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : 0;
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

export function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
