import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newPlatform, platformNameFault } from "../../config/document/new-platform.ts";
import { checkSpecs } from "../../config/spec.ts";
import { bucketworks } from "../support/cli.ts";
import { modelOf } from "../support/spec.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "init-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("bucketworks init", { timeout: 60_000 }, () => {
  test("writes a platform that passes check, and says what to do next", async () => {
    const { code, stdout, stderr } = await bucketworks(["init", "weather", "--dir", dir]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^wrote .*weather\.yaml\n\nnext:\n(?:.*\n)*.*bucketworks check .*weather\.yaml\n/);
    for (const stage of [null, "dev", "production"]) {
      expect(checkSpecs({ files: [join(dir, "weather.yaml")], stage, env: {} })).toMatchObject({
        buckets: 2,
        issues: [],
      });
    }
  });

  test("the command it prints for a key works", async () => {
    const { stdout } = await bucketworks(["init", "weather", "--dir", dir]);
    const [, words = ""] = / (path --file .*)\n/.exec(stdout) ?? [];
    expect((await bucketworks(words.split(" "))).stdout).toBe("source=api/date=20250911/\n");
  });

  test.each(["weather.yaml", "weather.yml"])("never overwrites %s", async (file) => {
    writeFileSync(join(dir, file), "mine\n");
    const { code, stderr } = await bucketworks(["init", "weather", "--dir", dir]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .* is there already; choose another name, or edit that file\n$/);
    expect(readFileSync(join(dir, file), "utf8")).toBe("mine\n");
    expect(readdirSync(dir)).toEqual([file]);
  });

  test("begins no platform whose names are taken: a-raw of platform a", async () => {
    writeFileSync(join(dir, "zoo.yaml"), "bucket_groups: {x: {buckets: [{name: weather-raw}]}}\n");
    const { code, stderr } = await bucketworks(["init", "weather", "--dir", dir]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/would not pass check\nerror: .*weather\.yaml.* duplicate-bucket /);
    expect(readdirSync(dir)).toEqual(["zoo.yaml"]);
  });

  test("faults of other files are not its own", async () => {
    writeFileSync(join(dir, "zoo.yaml"), "bucket_group: {}\n");
    expect((await bucketworks(["init", "weather", "--dir", dir])).code).toBe(0);
  });

  test("makes the folder, and with --quiet says nothing", async () => {
    const args = ["init", "weather", "--quiet", "--dir", join(dir, "new", "folder")];
    expect(await bucketworks(args)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("a folder that can't be one is said in a sentence", async () => {
    writeFileSync(join(dir, "file"), "");
    const { code, stderr } = await bucketworks(["init", "weather", "--dir", join(dir, "file")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^\S*weather\.yaml can't be written \(E\w+\); name another file\n$/);
  });

  test.each([[["init"]], [["init", "../up"]], [["init", "a b"]]])("%j is wrong use", async (args) => {
    expect(await bucketworks(args)).toMatchObject({ code: 2, stdout: "" });
  });

  test("--help has an example and the exit codes", async () => {
    const { stdout } = await bucketworks(["init", "--help"]);
    expect(stdout).toMatch(/\$ bucketworks init weather\n/);
    expect(stdout).toMatch(/Exit codes: 0 written, 2 wrong use/);
  });
});

describe("the name of a new platform", () => {
  test.each(["a", "weather", "ml-ops2", "a".repeat(32)])("%s makes a right file", (name) => {
    expect(platformNameFault(name)).toBeNull();
    const model = modelOf(newPlatform(name, "schema.json"), "production");
    expect(model.platforms[0]?.buckets.map((bucket) => bucket.name)).toEqual([`${name}-raw`, `${name}-results`].sort());
  });

  test.each([
    ["", /must begin with a lower-case letter/],
    ["Weather", /must begin with a lower-case letter/],
    ["1st", /must begin with a lower-case letter/],
    ["a_b", /must begin with a lower-case letter/],
    ["a--b", /single dashes/],
    ["-a", /must begin with a lower-case letter/],
    ["a/../b", /must begin with a lower-case letter/],
    ["a".repeat(33), /at most 32 characters, has 33/],
    ["xn", null],
    ["sthree-x", /makes a bucket sthree-x-raw, and that must not begin with sthree-/],
  ])("%j", (name, message) => {
    const fault = platformNameFault(name);
    if (message === null) expect(fault).toBeNull();
    else expect(fault).toMatch(message);
  });
});
