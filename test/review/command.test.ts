import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countContents } from "../../cli/comment/bucket-contents.ts";
import { bucketworks } from "../support/cli.ts";
import { previewEvents } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";

const MODEL = modelOf(platformFile("      - {name: a-bucket, description: d}"), "production");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks comment "));
  write("preview", previewEvents(MODEL, MODEL));
  write("before", JSON.stringify(MODEL));
  write("after", JSON.stringify(MODEL));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, `${name}.json`), text);
}

function comment(...more: string[]) {
  const files = ["preview", "before", "after"].flatMap((name) => [`--${name}`, join(folder, `${name}.json`)]);
  return bucketworks(["comment", "--stage", "production", ...files, ...more]);
}

/** Each test starts programs; on a machine with other work that takes its time. */
describe("bucketworks comment", { timeout: 60_000 }, () => {
  test("writes to standard output, or to a file, and all of it to the artifact", async () => {
    const shown = await comment();
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toMatch(
      /^<!-- bucketworks:comment stage=production -->\n## Preview of `production`\n\nNo change\./,
    );
    const [out, artifact] = [join(folder, "out.md"), join(folder, "all.md")];
    expect(await comment("--out", out, "--artifact", artifact)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect([readFileSync(out, "utf8"), readFileSync(artifact, "utf8")]).toEqual([shown.stdout, shown.stdout]);
  });

  test.each([
    [
      "an empty file",
      "preview",
      "",
      /preview\.json holds no event of Pulumi's event stream, a preview's is needed; make it: bucketworks preview --stack production --out /,
    ],
    ["the report of plain --json", "preview", '{"steps": []}', /holds no event of Pulumi's event stream/],
    [
      "the events of an update",
      "preview",
      '{"summaryEvent":{"isPreview":false}}',
      /holds an update's events, a preview's is needed/,
    ],
    [
      "the preview of another stack",
      "preview",
      previewEvents(MODEL, MODEL, { stack: "dev" }),
      /is a preview of stack dev, --stage says production; give the preview of production\n$/,
    ],
    [
      "text instead of a model",
      "before",
      "not json",
      /before\.json is no resolved model \(it isn't JSON\); make it with this version: bucketworks explain --stage/,
    ],
    [
      "a model of another version",
      "after",
      '{"schemaVersion":2}',
      /after\.json is no resolved model \(schemaVersion: .*\)/,
    ],
    [
      "models of two stages",
      "before",
      JSON.stringify({ ...MODEL, stage: "dev" }),
      /before\.json is of stage dev, .*after\.json of production; both must be of one stage/,
    ],
    [
      "a model with a wrong type",
      "before",
      JSON.stringify({ ...MODEL, platforms: [{ name: 1 }] }),
      /is no resolved model \(platforms\[0\]\.name: /,
    ],
  ])("refuses %s in one sentence", async (_what, name, text, words) => {
    write(name, text);
    const { code, stdout, stderr } = await comment("--out", join(folder, "out.md"));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(existsSync(join(folder, "out.md"))).toBe(false);
  });

  test("names a file that can't be read or written", async () => {
    rmSync(join(folder, "after.json"));
    expect(await comment()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/after\.json can't be read \(ENOENT\)/),
    });
    write("after", JSON.stringify(MODEL));
    expect(await comment("--out", join(folder, "no", "out.md"))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/out\.md can't be written \(ENOENT\)/),
    });
  });
});

describe("bucketworks preview", { timeout: 60_000 }, () => {
  test("refuses a file it can't write, and a configuration without a pack, before it asks the engine anything", async () => {
    const out = join(folder, "none", "preview.json");
    writeFileSync(join(folder, "none"), "a file where a folder would be");
    expect(await bucketworks(["preview", "--stack", "production", "--out", out])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/preview\.json can't be written \((?:ENOTDIR|EEXIST)\); name another file\n$/),
    });
    const alone = [
      "preview",
      "--stack",
      "production",
      "--out",
      join(folder, "p.json"),
      "--policy-pack-config",
      "x.json",
    ];
    expect(await bucketworks(alone)).toEqual({
      code: 2,
      stdout: "",
      stderr: "--policy-pack-config needs --policy-pack; name the folder of the pack too\n",
    });
  });

  test("takes from others a file that they could read before, and only writes into what is no file", async () => {
    const out = join(folder, "open.json");
    writeFileSync(out, "of before");
    chmodSync(out, 0o644);
    expect(await bucketworks(["preview", "--stack", "none", "--out", out])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^no stack "none" in the state's backend; /),
    });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out, "utf8")).toMatch(/^\{"errorEvent":.*\}\n$/);
    expect(await bucketworks(["preview", "--stack", "none", "--out", "/dev/null"])).toMatchObject({ code: 2 });
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});

test("a server that accepts and never answers costs no more than the time it is given", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const server = { endpoint: `127.0.0.1:${port}`, secure: false, region: "us-east-1", accessKey: "a", secretKey: "b" };
  const started = performance.now();
  const contents = await countContents(server, ["one", "two"], { entries: 9, milliseconds: 300 });
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(contents.get("one")).toEqual({ kind: "unknown", reason: `http://127.0.0.1:${port} didn't answer in time` });
  expect(contents.get("two")).toEqual({ kind: "unknown", reason: "no time was left for it" });
  silent.close();
});
