import { closeSync, mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastLines, note, openLog, rotate } from "../../cli/local/service/log-file.ts";

test("a log that has outgrown its limit is moved away while its writer goes on", () => {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-log-"));
  const path = join(folder, "minio.log");
  const log = openLog(path);
  try {
    writeSync(log, "first\n");
    rotate(path, 6);
    expect(readFileSync(path, "utf8")).toBe("first\n");
    writeSync(log, "second\n");
    rotate(path, 6);
    writeSync(log, "third\n");
    expect(readFileSync(`${path}.1`, "utf8")).toBe("first\nsecond\n");
    expect(readFileSync(path, "utf8")).toBe("third\n");
    note(path, "fourth");
    expect(lastLines(path)).toMatch(/^ {2}third\n {2}\S+Z bucketworks: fourth$/);
    expect([path, `${path}.1`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  } finally {
    closeSync(log);
    rmSync(folder, { recursive: true });
  }
});
