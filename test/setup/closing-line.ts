/**
 * The last line of a test run, for whoever reads only that: `N passed, N failed, N skipped`, counted from the runner's
 * own results. Every skip is named with its reason; with CI=true a skip is a failure.
 */
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file that could not even be loaded has no tests of its own: it counts as one failure.
    const brokenFiles = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    ).length;
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    for (const test of skipped) console.log(`skipped: ${test.fullName}${noteOf(test.result())}`);
    if (process.env.CI === 'true' && skipped.length > 0) {
      console.log('With CI=true nothing may be skipped.');
      process.exitCode = 1;
    }
    const failed =
      count('failed') +
      brokenFiles +
      (errors.length > 0 || reason === 'failed' ? Number(count('failed') + brokenFiles === 0) : 0);
    console.log(`${count('passed')} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}

const noteOf = (result: { readonly note?: string | undefined } | object): string =>
  'note' in result && result.note ? ` (${result.note})` : '';
