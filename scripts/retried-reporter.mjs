// Notes which tests passed only at their second attempt: they passed, and somebody has to look at them.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './toolchain.mjs';

/** Where that is noted, beside the JSON report of the same run. */
export const retriedOf = (report) => `${report}.retried`;

export default class RetriedReporter {
  #report = '';
  #retried = [];

  onInit({ config }) {
    this.#report = config.outputFile.json;
  }

  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    const [first] = test.result().errors ?? [];
    const [reason] = (first?.message ?? '').split('\n');
    this.#retried.push(`${relative(root, test.module.moduleId)}: ${test.fullName}\n    ${reason}`);
  }

  onTestRunEnd() {
    writeFileSync(retriedOf(this.#report), JSON.stringify(this.#retried));
  }
}
