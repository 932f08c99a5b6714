import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { type CommandDescription, describeCommand } from "../../cli/help/description.ts";
import { listed } from "../../cli/help/index.ts";
import { manPage } from "../../cli/help/man-page.ts";
import { everyCommand } from "../../cli/run.ts";
import { bucketworks, ROOT } from "../support/cli.ts";

let whole: Command;
let program: CommandDescription;
beforeAll(async () => {
  whole = await everyCommand();
  program = describeCommand(whole);
});

/** Commands that do something, with the words that lead to each. */
const runnable = (command: CommandDescription, above: readonly string[] = []): [string, CommandDescription][] => {
  const path = command === program ? [] : [...above, command.name];
  if (command.commands.length === 0) return [[path.join(" "), command]];
  return command.commands.flatMap((each) => runnable(each, path));
};

test("the list of commands is the same whether it loads them or not", async () => {
  const { code, stdout } = await bucketworks(["--help"]);
  expect(code).toBe(0);
  expect(stdout.trim()).toBe(`${whole.helpInformation()}\n${program.more}`.trim());
});

test("a command that nobody has described is loaded for the list", () => {
  const stub = listed({ ...program, name: "stub", description: "d", options: [], commands: [] });
  expect(new Command().addCommand(stub).helpInformation()).toContain("stub");
});

test("help VERB is VERB --help", async () => {
  const [one, other] = [await bucketworks(["help", "verify"]), await bucketworks(["verify", "--help"])];
  expect(one).toEqual(other);
  expect(one.stdout).toContain("Exit codes:");
});

test("every command has an example and says its exit codes in its help", () => {
  const silent = runnable(program).filter(([, { more }]) => !/Examples?:/.test(more) || !/Exit codes?:/.test(more));
  expect(silent.map(([name]) => name)).toEqual([]);
});

describe("--version", () => {
  test("names program, commit, plugins and the pinned servers", async () => {
    const { code, stdout } = await bucketworks(["--version"]);
    const pins = JSON.parse(readFileSync(join(ROOT, "toolchain/pins.json"), "utf8"));
    const head = spawnSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).stdout.slice(0, 12);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bucketworks \d+\.\d+\.\d+$/m);
    expect(stdout).toMatch(new RegExp(`^commit ${head || "unknown"}`, "m"));
    expect(stdout).toContain(`minio ${pins.minioPlugin.version}, kubernetes ${pins.kubernetesPlugin.version}`);
    expect(stdout).toContain(`Silo ${pins.silo.release}`);
    expect((await bucketworks(["-V"])).stdout).toBe(stdout);
  });
});

describe("--json", () => {
  const spec = "config/platforms/usdcop.yaml";

  test("is --format json", async () => {
    const [short, long] = [
      await bucketworks(["check", "--json", spec]),
      await bucketworks(["check", "--format", "json", spec]),
    ];
    expect(short).toEqual(long);
    expect(JSON.parse(short.stdout)).toHaveProperty("schemaVersion");
  });

  test("beside another format is wrong use, in either order", async () => {
    for (const words of [
      ["--json", "--format", "text"],
      ["--format", "text", "--json"],
    ]) {
      const { code, stderr } = await bucketworks(["check", ...words, spec]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("--json and --format name different forms")]);
    }
  });

  test("of two formats the last counts, as of every option", async () => {
    const { code, stdout } = await bucketworks(["check", "--format", "json", "--format", "text", spec]);
    expect([code, stdout]).toEqual([0, (await bucketworks(["check", spec])).stdout]);
  });

  test("is there on every command whose format can be json, and on no other", () => {
    const has = (command: CommandDescription, name: string) =>
      command.options.find(({ flags }) => flags.split(" ")[0] === name);
    for (const [name, command] of runnable(program)) {
      const can = has(command, "--format")?.choices.includes("json") ?? false;
      expect([name, has(command, "--json") !== undefined]).toEqual([name, can]);
    }
  });
});

describe("the man page", () => {
  test("has each command, each option that isn't hidden, and where an option comes from", () => {
    const page = manPage(program, "1.2.3");
    for (const [name, { options }] of runnable(program)) {
      expect(page).toContain(`.SS "bucketworks ${name.replaceAll("-", "\\-")}`);
      for (const { flags, hidden } of options) {
        if (!hidden) expect(page).toContain(`\\fB${flags.replaceAll("-", "\\-")}\\fR`);
      }
    }
    expect(page).toContain("BUCKETWORKS_STAGE");
  });

  test("keeps text that would be a request or an escape of roff", () => {
    const odd = new Command("odd").description(".SH not a heading").addOption(new Option("--a-b", "back\\slash"));
    const page = manPage(describeCommand(new Command("b").description("d").addCommand(odd)), "1");
    expect(page).toContain("\n\\&.SH not a heading\n");
    expect(page).toContain("back\\eslash");
  });
});
