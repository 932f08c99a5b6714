import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends a run with one line, `N passed, N failed`, and `, N skipped` where there are any. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const skipped = count.skipped + count.pending;
    const line = `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    // After the default reporter's own closing lines.
    process.on("exit", () => process.stdout.write(`${line}\n`));
  }
}
