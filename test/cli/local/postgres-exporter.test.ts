import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postgresExporter } from "../../../cli/local/services/kinds/postgres-exporter.ts";

let source: string;

beforeEach(() => {
  source = mkdtempSync(join(tmpdir(), "exporter-"));
  mkdirSync(join(source, "bin"));
});
afterEach(() => rmSync(source, { recursive: true, force: true }));

/** What a program is started with whose `--help` names these flags. */
function argumentsOf(help: string): readonly string[] {
  writeFileSync(join(source, "bin", "postgres_exporter"), `#!/bin/sh\necho '${help}' >&2\n`, { mode: 0o755 });
  const settings = {};
  return postgresExporter.command({ root: "/", folder: "/", source }, "127.0.0.1:9187", settings).args;
}

test("a postgres_exporter is given only flags that it knows: a later one than ours calls its collectors otherwise", () => {
  const listens = "--web.listen-address=127.0.0.1:9187";
  expect(argumentsOf("      --[no-]collector.bgwriter  Enable the bgwriter collector.")).toEqual([
    listens,
    "--no-collector.bgwriter",
  ]);
  expect(argumentsOf("      --[no-]collector.stat_bgwriter  Enable the stat_bgwriter collector.")).toEqual([listens]);
  expect(argumentsOf("")).toEqual([listens]);
});
