/** The questions of a review on a real terminal, which `script` makes: each is asked once, and a person sees nothing else. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliHome, cliHome, cliPath, repo } from '../support/cli.js';

const ENTER = '\r';

describe('review on a terminal', () => {
  let home: CliHome;
  let run: string;
  beforeAll(() => {
    home = cliHome(20_700);
    run = join(home.dir, 'sample');
    cpSync(join(repo, 'reports/sample'), run, { recursive: true });
  });
  afterAll(() => home.dispose());

  /** Answers the questions in turn; what comes after the last answer is Enter each time. */
  async function reviewed(answers: readonly string[]): Promise<{ readonly screen: string; readonly asked: number }> {
    const command = `stty cols 200; exec '${process.execPath}' '${cliPath}' review '${run}'`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...home.env, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    let screen = '';
    let asked = 0;
    const answer = (): void => {
      // A question that waits is drawn with ◆ once more than those that were answered.
      const seen = new Set([...screen.matchAll(/◆ {2}([^\r\n]+)/g)].map(([, question]) => question)).size;
      if (seen <= asked) return;
      child.stdin.write(`${answers[asked] ?? ''}${ENTER}`);
      asked += 1;
    };
    child.stdout.on('data', (bytes: Buffer) => {
      screen += bytes.toString('utf8').replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
      answer();
    });
    await new Promise((resolve) => child.once('close', resolve));
    return { screen, asked };
  }

  test('an empty answer leaves each question open; more than ten of them bring no warning of Node', async () => {
    const { screen, asked } = await reviewed([]);
    expect(asked).toBeGreaterThan(11);
    expect(screen).toContain('Who was there?');
    expect(screen).not.toMatch(/Warning/i);
    expect(existsSync(join(run, 'review.jsonl'))).toBe(false);
  });

  test('what is answered is recorded after the last yes', async () => {
    const { screen } = await reviewed(['no rota', 'make one', 'eve', '2026-12-01']);
    expect(screen).toMatch(/Record 2 entries as /);
    const entries = readFileSync(join(run, 'review.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      { type: 'root-cause', text: 'no rota' },
      { type: 'action', action: 'make one', owner: 'eve' },
    ]);
  });
});
