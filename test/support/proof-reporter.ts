import { relative } from "node:path";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";
import { coverageRows, type Ran, unproved } from "./coverage.ts";
import { ROOT } from "./toolchain.ts";

/** Set by .ci/run: the run is of everything, and a row of docs/coverage.md without proof fails it. */
const ASKED = "BUCKETWORKS_EVERY_PROOF";

/** Says at the end of a run which rows of docs/coverage.md rely on tests that were skipped. */
export default class ProofReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const isWhole = Boolean(process.env[ASKED]);
    const ran = modules.flatMap((module) => [...module.children.allTests()].map(outcome));
    const lines = unproved(coverageRows(), ran, isWhole);
    for (const line of lines) process.stderr.write(`${line}\n`);
    if (isWhole && lines.length > 0) process.exitCode = 1;
  }
}

function outcome(test: TestCase): Ran {
  const titles = [test.name];
  for (let at: TestSuite | TestModule = test.parent; at.type === "suite"; at = at.parent) titles.push(at.name);
  // Python's tests stand below a title that is their file.
  const file = titles.find((title) => title.endsWith(".py")) ?? relative(ROOT, test.module.moduleId);
  return { file, titles, state: test.result().state };
}
