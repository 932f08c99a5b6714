import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { candidates } from "../../cli/completion/candidates.ts";
import { type CommandDescription, describeCommand } from "../../cli/help/description.ts";
import { everyCommand } from "../../cli/run.ts";
import { bucketworks, ROOT } from "../support/cli.ts";

let program: CommandDescription;
let folder: string;
beforeAll(async () => {
  program = describeCommand(await everyCommand());
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  writeFileSync(join(folder, "my file.yaml"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const offered = (...words: string[]) => {
  const found = candidates(program, words.slice(0, -1), words.at(-1) ?? "");
  return found.kind === "words" ? found.words.map(({ word }) => word) : found.kind;
};

describe("what may follow", () => {
  test.each<[string[], string | string[]]>([
    [["ver"], expect.arrayContaining(["verify", "scan"])],
    [
      ["key", ""],
      ["show", "list", "rotate", "issue", "revoke"],
    ],
    [["verify", "--"], expect.arrayContaining(["--format", "--json", "--help"])],
    [
      ["verify", "--format", ""],
      ["text", "json"],
    ],
    [
      ["verify", "--format=t"],
      ["--format=text", "--format=json"],
    ],
    [["verify", "--stage", ""], "stacks"],
    [["verify", "--stack", ""], "stacks"],
    [["verify", ""], "files"],
    [["verify", "--quiet", "a.yaml", ""], "files"],
    [["verify", "--ca-file", ""], "files"],
    [["purge", ""], "buckets"],
    [["purge", "one", ""], []],
    [["key", "show", ""], "identities"],
    [["forward", "--", "--x"], "files"],
    [["nothing-of-ours", ""], expect.anything()],
  ])("%j", (words, expected) => expect(offered(...words)).toEqual(expected));

  test("hides what help hides", () => expect(offered("verify", "--")).not.toContain("--stack"));
});

describe("bash, the real one, completes", () => {
  const bash = (line: string, ...words: string[]) => {
    const script = `eval "$(bucketworks completion bash)"
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bucketworks; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const PATH = `${join(ROOT, "bin")}:${process.env.PATH}`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script, line, "bucketworks", ...words], {
      cwd: folder,
      env: { ...process.env, PATH },
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    return stdout.trim().split("\n");
  };

  test("commands, options and their values", () => {
    expect(bash("", "verif")).toEqual(["verify"]);
    expect(bash("", "verify", "--fo")).toEqual(["--format"]);
    expect(bash("", "verify", "--format", "=", "j")).toEqual(["json"]);
  });

  test("stacks, platforms, buckets and identities of the checkout", () => {
    expect(bash("", "verify", "--stage", "")).toEqual(["dev", "production"]);
    expect(bash("", "purge", "00-")).toEqual(["00-raw-usdcop-marketdata"]);
    expect(bash("", "key", "show", "cybersec-mlflow")).toContain("cybersec-mlflow-server");
  });

  test("paths, also with a blank", () => expect(bash("", "check", "my")).toEqual(["my file.yaml"]));
});

describe("the scripts", () => {
  test("bash and sh find no fault in those for them, and each asks the program", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await bucketworks(["completion", shell]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("completion --for")]);
      if (shell === "bash") expect(spawnSync("bash", ["-n"], { input: stdout }).status).toBe(0);
    }
  });

  test("another shell is wrong use, and those there are are named", async () => {
    for (const words of [["tcsh"], [], ["bash", "zsh"]]) {
      const { code, stderr } = await bucketworks(["completion", ...words]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("allowed are bash, zsh, fish")]);
    }
  });
});
