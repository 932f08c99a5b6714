import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkCommand } from "../../cli/check.ts";
import { commentCommand } from "../../cli/comment.ts";
import { driftCommand } from "../../cli/drift.ts";
import { explainCommand } from "../../cli/explain.ts";
import { forwardCommand } from "../../cli/forward.ts";
import { importServerCommand } from "../../cli/import-server.ts";
import { initCommand } from "../../cli/init.ts";
import { keyCommand } from "../../cli/key.ts";
import { migrateCommand } from "../../cli/migrate.ts";
import { pathCommand } from "../../cli/path.ts";
import { previewCommand } from "../../cli/preview.ts";
import { purgeCommand } from "../../cli/purge.ts";
import { recoverCommand } from "../../cli/recover.ts";
import { run } from "../../cli/run.ts";
import { scanCommand } from "../../cli/scan.ts";
import { takeStageOrStack } from "../../cli/target/stage-or-stack.ts";
import { verifyCommand } from "../../cli/verify.ts";
import { bucketworks } from "../support/cli.ts";

/** The option that each command has of its own, and what else it can't do without. */
const COMMANDS: readonly [string, () => Command, "stage" | "stack", string[]][] = [
  ["check", checkCommand, "stage", []],
  ["explain", explainCommand, "stage", []],
  ["path", pathCommand, "stage", []],
  ["migrate", migrateCommand, "stage", []],
  ["init", initCommand, "stage", ["x"]],
  ["verify", verifyCommand, "stage", []],
  ["scan", scanCommand, "stage", []],
  ["import-server", importServerCommand, "stage", ["--out", "x"]],
  ["comment", commentCommand, "stage", ["--preview", "x", "--before", "x", "--after", "x"]],
  ["preview", previewCommand, "stack", ["--out", "x"]],
  ["drift", driftCommand, "stack", []],
  ["forward", forwardCommand, "stack", []],
  ["purge", purgeCommand, "stack", ["b"]],
  ["recover", recoverCommand, "stack", []],
  ...["show", "list", "rotate"].map((name): [string, () => Command, "stack", string[]] => [
    `key ${name}`,
    () => keyCommand().commands.find((each) => each.name() === name) as Command,
    "stack",
    name === "rotate" ? ["x"] : [],
  ]),
];

/** What a command is given for a command line. */
function parsed(make: () => Command, args: string[]): Record<string, unknown> {
  const command = make().exitOverride();
  takeStageOrStack(command);
  command.action(() => undefined).parse(args, { from: "user" });
  return command.opts();
}

describe.each(COMMANDS)("%s", (_, make, own, needs) => {
  test.each(["--stage", "--stack"])("understands %s", (option) => {
    expect(parsed(make, [option, "production", ...needs])[own]).toBe("production");
  });

  test("refuses both where they differ", () => {
    expect(() => parsed(make, ["--stage", "dev", "--stack", "production", ...needs])).toThrow(/give one of them/);
    expect(parsed(make, ["--stack", "dev", "--stage", "dev", ...needs])[own]).toBe("dev");
  });
});

describe("a stage that no file knows", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  test.each([
    ["check", "producton", /^warning: no stack .* "producton".* did you mean production\?\n$/],
    ["check", "zzz", /^warning: no stack .* "zzz".* there are .*dev.*production/],
    ["check", "production", /^$/],
    ["check", "dev", /^$/],
  ])("%s --stage %s", async (command, stage, said) => {
    let text = "";
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      text += chunk;
      return true;
    });
    await run([command, "--stage", stage, "config/platforms/usdcop.yaml"]);
    expect(text).toMatch(said);
  });
});

describe("an overlay that no stack has the stage of", () => {
  const spec = (...stages: string[]) => {
    const overlays = stages.map((stage) => `  ${stage}:\n    bucket_groups: {raw: {retention_days: 7}}\n`).join("");
    return `bucket_groups: {raw: {buckets: [{name: raw-data}]}}\nenvironments:\n${overlays}`;
  };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bucketworks-overlays-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each<[stages: string[], stage: string[], said: RegExp]>([
    [
      ["prod"],
      [],
      /^warning: a\.yaml:3:3 environments\.prod: no stack has this stage, .*; did you mean production\?\n$/,
    ],
    [
      ["dev", "producton"],
      ["--stage", "production"],
      /^warning: a\.yaml:5:3 environments\.producton: .*; did you mean production\?\n$/,
    ],
    [
      ["staging"],
      [],
      /:3:3 environments\.staging: .*; stacks have the stages dev, .*pulumi stack init staging makes one\n$/,
    ],
    [
      ["development", "eu-west"],
      [],
      /:3:3 environments\.development: .*did you mean dev\?\n.*:5:3 environments\.eu-west: /,
    ],
    [["dev", "production"], [], /^$/],
    [["dev", "production"], ["--stage", "production"], /^$/],
  ])("is named where it stands: %j, check %j", async (stages, stage, said) => {
    writeFileSync(join(folder, "a.yaml"), spec(...stages));
    const { stderr } = await bucketworks(["check", ...stage, "--quiet", join(folder, "a.yaml")]);
    expect(stderr.replaceAll(`${folder}/`, "")).toMatch(said);
  });
});
