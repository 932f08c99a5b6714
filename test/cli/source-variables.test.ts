import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askedOf, sourceVariables } from "../../cli/target/source-variables.ts";
import { requestLog } from "../../cli/terminal/request-log.ts";
import { bucketworks } from "../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "variables-"));
  writeFileSync(join(folder, "minio-buckets.yaml"), "");
  writeFileSync(join(folder, "other.yaml"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("U-047 to U-051: each of the source's variables is read", () => {
  const env = {
    ENVIRONMENT: "production",
    CONFIG_DIR: folder,
    BUCKET_CONFIG_FILE: "other.yaml",
    LOG_LEVEL: "INFO",
    VALIDATION_INTERVAL: "300",
    HEALTH_CHECK_TIMEOUT: "30",
  };
  expect(sourceVariables(env)).toEqual({
    stage: "production",
    file: join(folder, "other.yaml"),
    logLevel: "info",
    interval: 300,
    timeout: 30,
  });
  expect(sourceVariables({ CONFIG_DIR: folder }).file).toBe(join(folder, "minio-buckets.yaml"));
  expect(sourceVariables({ BUCKET_CONFIG_FILE: join(folder, "other.yaml") }).file).toBe(join(folder, "other.yaml"));
  const none = { stage: undefined, file: undefined, logLevel: "info", interval: undefined, timeout: undefined };
  expect(sourceVariables({ ENVIRONMENT: "", LOG_LEVEL: "" })).toEqual(none);
});

test.each([
  ["ENVIRONMENT", "Prod uction", "a stage: lower-case letters, digits and dashes"],
  ["LOG_LEVEL", "loud", "debug, info, warning, error"],
  ["VALIDATION_INTERVAL", "5m", "whole seconds from 1 to 86400"],
  ["VALIDATION_INTERVAL", "0", "whole seconds from 1 to 86400"],
  ["HEALTH_CHECK_TIMEOUT", "601", "whole seconds from 1 to 600"],
  ["BUCKET_CONFIG_FILE", "nowhere.yaml", "a platform file that is there"],
])("a value that %s can't have is refused by name: %s", async (name, value, allowed) => {
  for (const command of ["verify", "report", "monitor"]) {
    const { code, stderr } = await bucketworks([command], { env: { [name]: value } });
    expect([code, stderr]).toEqual([2, `${name} "${value}" must be ${allowed}; fix it or unset it\n`]);
  }
});

function parsed(args: readonly string[], env: Record<string, string>) {
  const command = new Command("verify")
    .argument("[FILE...]")
    .addOption(new Option("--stage <stage>").default("dev"))
    .option("--quiet");
  command.parse([...args], { from: "user" });
  return askedOf(command, { ...command.opts(), stage: command.opts().stage, files: command.args }, env);
}

test("an option wins over a variable, and that over the default", () => {
  const env = { ENVIRONMENT: "production", CONFIG_DIR: folder };
  const file = join(folder, "minio-buckets.yaml");
  expect(parsed([], {})).toMatchObject({ stage: "dev", files: [], quiet: false });
  expect(parsed([], env)).toMatchObject({ stage: "production", files: [file] });
  expect(parsed(["--stage", "dev", "mine.yaml"], env)).toMatchObject({ stage: "dev", files: ["mine.yaml"] });
  expect(parsed([], { LOG_LEVEL: "warning" }).quiet).toBe(true);
});

test("U-086: a log that no terminal shows has one JSON object a request, with its time", () => {
  let written = "";
  const stream = { isTTY: false, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
  requestLog(stream)({ method: "GET", path: "/orders\u202e?versioning", status: 200, milliseconds: 3.12345 });
  requestLog(stream)({ method: "GET", path: "/", status: undefined, milliseconds: 15 });
  const lines = written
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    {
      time: expect.any(String),
      level: "debug",
      event: "request",
      method: "GET",
      path: "/orders\u202e?versioning",
      status: 200,
      duration_ms: 3.1,
    },
    { time: expect.any(String), level: "debug", event: "request", method: "GET", path: "/", duration_ms: 15 },
  ]);
});
