import { describe, expect, it } from 'vitest';
import { renderAll } from '../../src/report/index.js';
import { fixture } from './fixture.js';

describe('what is left on the target', () => {
  const markdown = (target: boolean, checked: boolean): string => {
    const { result, events } = fixture();
    const environment = { ...result.environment, target: target ? result.environment.target : null };
    const changed = { ...result, environment, residue: { ...result.residue, checked } };
    return renderAll({ result: changed, events }).find(({ fileName }) => fileName === 'report.md')?.text ?? '';
  };

  it('is nothing that could be checked where there was no target', () => {
    expect(markdown(false, false)).toContain('there was no target');
    expect(markdown(true, false)).not.toContain('there was no target');
    expect(markdown(true, false)).toContain('not checked');
  });
});

describe('the age of the recovery point', () => {
  const age = (some: object): string => {
    const { result, events } = fixture();
    const loss = result.loss === null ? null : { ...result.loss, recoveryPointAgeMs: null };
    const text = renderAll({ result: { ...result, loss, ...some }, events });
    const report = text.find(({ fileName }) => fileName === 'report.md')?.text ?? '';
    return report.split('\n').find((line) => line.includes('Age of the recovery point')) ?? '';
  };

  it('is unknown after a restore that it could not be told for', () => {
    expect(age({})).toContain('unknown');
    expect(age({ restores: [] })).toContain('no restore');
  });
});

describe('a run that is not valid', () => {
  const files = (valid: boolean): readonly string[] => {
    const { result, events } = fixture();
    const objectives = result.objectives.map((each) => ({ ...each, verdict: 'within' as const }));
    return renderAll({ result: { ...result, objectives, valid }, events })
      .filter(({ fileName }) => /^report\.(html|md)$/.test(fileName))
      .map(({ text }) => text);
  };

  it('shows what it measured, and judges no objective', () => {
    for (const text of files(true)) expect(text).toContain('within target');
    for (const text of files(false)) {
      expect(text).not.toContain('within target');
      expect(text).not.toContain('达标');
      expect(text).toContain('not judged');
    }
  });
});
