import type { StepAction, Verb } from '../core/drill.js';
import type { JsonSchema, Place } from '../core/shape.js';
import { type Fields, type ReadFields, readFields } from '../core/shape-object.js';
import type { Bilingual } from '../core/text.js';

/** One row of the verb table: what the step may hold, how it is read, and what the schema says. */
export interface VerbSpec {
  readonly verb: Verb;
  readonly about: Bilingual;
  /** The verb's own key and the keys that only this verb has. */
  readonly fields: Fields;
  readonly read: (place: Place) => StepAction | undefined;
  /** Rules that depend on the value of the verb, for the schema. */
  readonly rules: () => readonly JsonSchema[];
}

export function verbSpec<F extends Fields>(spec: {
  readonly verb: Verb;
  readonly about: Bilingual;
  readonly fields: F;
  readonly build: (read: ReadFields<F>, place: Place) => StepAction | undefined;
  readonly rules?: () => readonly JsonSchema[];
}): VerbSpec {
  const { verb, about, fields, build, rules = () => [] } = spec;
  return {
    verb,
    about,
    fields,
    rules,
    read: (place) => {
      const read = readFields(place, fields);
      return read === undefined ? undefined : build(read, place);
    },
  };
}
