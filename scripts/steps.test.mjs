import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from './process.mjs';
import RetriedReporter from './retried-reporter.mjs';
import { runSteps, summary } from './steps.mjs';
import { countReport } from './vitest.mjs';

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

describe('runSteps', () => {
  test('counts an exit code as one check and adds the counts of test runs', async () => {
    const total = await runSteps([
      { name: 'lint', run: async () => 0 },
      { name: 'size', run: async () => 2 },
      { name: 'unit', run: async () => ({ passed: 5, failed: 1, skipped: 2 }) },
    ]);
    expect(total).toEqual({ passed: 6, failed: 2, skipped: 2 });
  });

  test('fails a step whose need has failed, without running it, and goes on', async () => {
    const e2e = vi.fn();
    const total = await runSteps([
      {
        name: 'redis',
        run: async () => {
          throw new Error('Redis is missing');
        },
      },
      { name: 'e2e', needs: ['redis'], run: e2e },
      { name: 'size', needs: ['build'], run: async () => 0 },
    ]);
    expect(e2e).not.toHaveBeenCalled();
    expect(total).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  test('runs a step beside the one that it names, and prints what it said in one piece', async () => {
    const both = Promise.withResolvers();
    const examples = async () => {
      await run(process.execPath, ['-e', 'console.log("a program")']);
      // The other one is under way until this has run.
      both.resolve(0);
      return 1;
    };
    const total = await runSteps([
      { name: 'hosts', run: () => both.promise },
      { name: 'examples', beside: 'hosts', run: examples },
      { name: 'workflow', needs: ['examples'], beside: 'hosts', run: async () => 0 },
      { name: 'site', run: async () => 0 },
    ]);
    const written = vi.mocked(process.stdout.write).mock.calls.map(([text]) => String(text));
    const printed = written.join('').replaceAll(/ \(.*\)/g, '');
    const piece = ['▸ examples', 'a program', '✘ examples', '', '▸ workflow'].join('\n');
    expect(printed).toContain(piece);
    expect(printed).toMatch(/^\n▸ hosts\n.*✔ hosts\n.*▸ site\n✔ site\n$/s);
    expect(total).toEqual({ passed: 2, failed: 2, skipped: 0 });
  });

  test('runs a step by itself where the one that it could run beside is not there', async () => {
    const total = await runSteps([{ name: 'examples', beside: 'hosts', run: async () => 0 }]);
    expect(total).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  test('ends with what failed in each step, for those who see only the end of a log', async () => {
    await runSteps([
      {
        name: 'unit',
        run: async () => ({ passed: 5, failed: 1, skipped: 0, failures: ['a log keeps'] }),
      },
      { name: 'size', run: async () => 2 },
    ]);
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => line);
    expect(lines.slice(-2)).toEqual(['Failed: unit\n  a log keeps', 'Failed: size']);
  });

  test('names what passed only when it was tried again, though nothing failed', async () => {
    const counts = { passed: 5, failed: 0, skipped: 0 };
    await runSteps([{ name: 'unit', run: async () => ({ ...counts, retried: ['a log keeps'] }) }]);
    expect(console.log).toHaveBeenLastCalledWith('Passed only when tried again:\n  a log keeps');
  });
});

describe('summary', () => {
  test('names skipped tests only when there are some', () => {
    expect(summary({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(summary({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});

describe('countReport', () => {
  const name = join(import.meta.dirname, '..', 'packages', 'log', 'test', 'a.test.ts');
  const report = (content) => {
    const file = join(mkdtempSync(join(tmpdir(), 'report-')), 'unit.json');
    const empty = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
    writeFileSync(file, JSON.stringify({ testResults: [], ...empty, ...content }));
    return file;
  };

  test('counts tests that were skipped or are still to be written', () => {
    const file = report({ numPassedTests: 7, numPendingTests: 1, numTodoTests: 1 });
    expect(countReport(file, 0)).toEqual({
      passed: 7,
      failed: 0,
      skipped: 2,
      failures: [],
      retried: [],
    });
  });

  test('counts a file that did not load as one failure', () => {
    const file = report({
      numPassedTests: 7,
      testResults: [{ name, status: 'failed', message: 'no such file\nat', assertionResults: [] }],
    });
    expect(countReport(file, 1)).toEqual({
      passed: 7,
      failed: 1,
      skipped: 0,
      failures: ['packages/log/test/a.test.ts\n    no such file'],
      retried: [],
    });
  });

  test('names what failed, with the first line of its reason', () => {
    const failed = {
      status: 'failed',
      fullName: 'a log keeps',
      failureMessages: ['expected 1\nat'],
    };
    const file = report({
      numPassedTests: 7,
      numFailedTests: 1,
      testResults: [{ name, status: 'failed', assertionResults: [{ status: 'passed' }, failed] }],
    });
    expect(countReport(file, 1).failures).toEqual([
      'packages/log/test/a.test.ts: a log keeps\n    expected 1',
    ]);
  });

  test('names what passed only at its second attempt, which its run has noted', () => {
    const file = report({ numPassedTests: 7 });
    const reporter = new RetriedReporter();
    reporter.onInit({ config: { outputFile: { json: file } } });
    const test = (fullName, flaky) => ({
      fullName,
      module: { moduleId: name },
      diagnostic: () => ({ flaky }),
      result: () => ({ errors: flaky ? [{ message: 'expected 1\nto be 2' }] : [] }),
    });
    for (const each of [test('a log keeps', true), test('a log ends', false)])
      reporter.onTestCaseResult(each);
    reporter.onTestRunEnd();
    expect(countReport(file, 0)).toMatchObject({
      passed: 7,
      failed: 0,
      retried: ['packages/log/test/a.test.ts: a log keeps\n    expected 1'],
    });
  });

  test('counts a run that failed outside of its tests as one failure', () => {
    const file = report({ numPassedTests: 7 });
    expect(countReport(file, 1)).toMatchObject({ passed: 7, failed: 1, skipped: 0 });
  });

  test('counts a folder that has fewer tests than it had as one failure', () => {
    const passed = { status: 'passed' };
    const file = report({
      numPassedTests: 2,
      testResults: [{ name, status: 'passed', assertionResults: [passed, passed] }],
    });
    const least = { 'packages/log': 2 };
    expect(countReport(file, 0, least)).toMatchObject({ passed: 2, failed: 0, skipped: 0 });
    const more = { 'packages/log': 3, 'packages/gone': 1 };
    expect(countReport(file, 0, more)).toMatchObject({ passed: 2, failed: 2, skipped: 0 });
  });

  test('throws when there is no report', () => {
    expect(() => countReport('/nowhere/unit.json', 1)).toThrow('no report');
  });
});
