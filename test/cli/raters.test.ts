import { describe, expect, it } from 'vitest';
import { ratersOf } from '../../src/cli/people/raters.js';

const roles = { assigned: { commander: ['alice'], evaluator: ['eve', 'finn', 'alice'] }, unavailable: ['finn'] };

describe('who rates an answer', () => {
  it('is an evaluator who is there and did not give it', () => {
    expect(ratersOf(roles, 'bob')).toEqual({ people: ['eve', 'alice'] });
    expect(ratersOf(roles, 'alice')).toEqual({ people: ['eve'] });
  });

  it('is nobody when the only evaluator answered, is away, or there is none', () => {
    const only = (people: readonly string[]) => ({ assigned: { evaluator: people }, unavailable: ['finn'] });
    expect(ratersOf(only(['eve']), 'eve')).toMatchObject({ nobody: { en: expect.stringContaining('cannot rate') } });
    const none = { nobody: { en: expect.stringContaining('nobody who is there') } };
    expect(ratersOf(only(['finn']), 'alice')).toMatchObject(none);
    expect(ratersOf({ assigned: { commander: ['alice'] }, unavailable: [] }, 'alice')).toMatchObject(none);
  });
});
