import { readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkoutEnv } from "../support/compiled.ts";
import { copyProject } from "../support/project-copy.ts";
import { type Answer, run, script } from "./checkout.ts";

/** Part of every bundle of the command line. */
const SOURCE = "config/document/load.ts";
/** Tells on stderr which entries of ours Node loads. */
const TELL = `import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => {
  if (/(main|runner|program|index)\\.(ts|mjs|js)$/.test(url)) console.error("loads", url);
  return next(url, context);
} });
`;

let root: string;
let source: string;

beforeAll(() => {
  root = copyProject();
  source = readFileSync(join(root, SOURCE), "utf8");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  writeFileSync(join(root, SOURCE), source);
  expect(node(["toolchain/bundle/build.ts"])).toMatchObject({ code: 0, stderr: "" });
});

function node(args: string[], env: NodeJS.ProcessEnv = {}): Answer {
  return run(join(root, ".bucketworks/toolchain/bin/node"), args, { cwd: root, env: checkoutEnv(env) });
}

/** The entries that a command line of Node loads: those of a bundle, or of the sources. */
function entries(args: string[], env: NodeJS.ProcessEnv = {}): (string | undefined)[] {
  writeFileSync(join(root, ".bucketworks", "tell.mjs"), TELL);
  const { stderr } = node(["--import", "./.bucketworks/tell.mjs", ...args], env);
  const loaded = [...stderr.matchAll(/^loads file:.*?\/(?:bundle\/)?(\w+)(?:-[0-9a-f]{12})?\/(\w+\.\w+)$/gm)];
  return loaded.map(([, folder, file]) => `${folder}/${file}`);
}

const CHECK = ["toolchain/bundle/start.ts", "cli", "check", "--quiet"];
const check = (env: NodeJS.ProcessEnv = {}) => entries(CHECK, env).filter((entry) => entry?.startsWith("cli/"));
const BUNDLED = ["cli/main.mjs"];
const SOURCES = ["cli/main.ts"];

/** Path of a file of the newest bundle of the command line. */
function bundled(name: string): string {
  const { folder } = JSON.parse(readFileSync(join(root, ".bucketworks/bundle/cli.json"), "utf8")) as { folder: string };
  return join(root, folder, name);
}

describe("a command runs from its bundle", () => {
  it("once one was made of the sources as they are", () => expect(check()).toEqual(BUNDLED));

  it("after a source was touched, and is the same", () => {
    utimesSync(join(root, SOURCE), new Date(), new Date());
    expect(check()).toEqual(BUNDLED);
  });

  it("that `bin/bucketworks check` judges with as the sources do", () => {
    const answers = [{}, { BUCKETWORKS_SOURCES: "1" }].map((env) =>
      run(join(root, "bin/bucketworks"), ["check", "--stage", "production"], { cwd: root, env: checkoutEnv(env) }),
    );
    expect(answers[0]?.stdout).toMatch(/right|findings?/);
    expect(answers[0]).toEqual(answers[1]);
  });

  it("as Pulumi's runner does with the program, and the engine with the plugin", () => {
    const runner = ["--require", "./toolchain/bundle/program.ts", "node_modules/@pulumi/pulumi/cmd/run/index.js"];
    expect(entries(runner)).toContain("program/runner.mjs");
    expect(entries(runner)).not.toContain("run/index.js");
    expect(entries(runner, { BUCKETWORKS_SOURCES: "1" })).toContain("run/index.js");
    const plugin = readFileSync(join(root, "provider/pulumi-resource-bucketworks"), "utf8");
    script(join(root, "provider/told"), plugin.replace('exec "$node"', 'exec echo "$node"'));
    const told = run(join(root, "provider/told"), ["127.0.0.1:1"], { cwd: root, env: checkoutEnv() });
    rmSync(join(root, "provider/told"));
    expect(told.stdout).toMatch(/toolchain\/bundle\/start\.ts provider 127\.0\.0\.1:1\n$/);
  });
});

describe("a command runs from the sources", () => {
  it("as soon as one of them is edited, and says what the edited one says", () => {
    const { stdout, stderr } = run(join(root, "bin/bucketworks"), ["check"], { cwd: root, env: checkoutEnv() });
    expect([stdout, stderr]).toEqual([expect.stringContaining("5 files"), ""]);
    writeFileSync(join(root, SOURCE), `${source}\nconsole.error("edited");\n`);
    const edited = run(join(root, "bin/bucketworks"), ["check"], { cwd: root, env: checkoutEnv() });
    expect(edited.stderr).toBe("edited\n");
  });

  it("when an edit leaves the size, and the time is set back to what it was at the last build", () => {
    // A whole second: what is set back is the same to the last digit.
    const built = new Date("2026-01-01T00:00:00Z");
    writeFileSync(join(root, SOURCE), source.replace("e", "E"));
    utimesSync(join(root, SOURCE), built, built);
    expect(node(["toolchain/bundle/build.ts"]).code).toBe(0);
    expect(check()).toEqual(BUNDLED);
    writeFileSync(join(root, SOURCE), source);
    utimesSync(join(root, SOURCE), built, built);
    expect(check()).toEqual(SOURCES);
  });

  it("when other packages were installed", () => {
    const lock = join(root, "package-lock.json");
    const text = readFileSync(lock, "utf8");
    writeFileSync(lock, `${text}\n`);
    expect(check()).toEqual(SOURCES);
    writeFileSync(lock, text);
  });

  it.each([
    ["its bundle is cut off", () => truncateSync(bundled("main.mjs"), 1000)],
    ["a part of its bundle is missing", () => rmSync(bundled("main.mjs"))],
    ["the record of its bundle is cut off", () => truncateSync(join(root, ".bucketworks/bundle/cli.json"), 100)],
    ["the record of its bundle is missing", () => rmSync(join(root, ".bucketworks/bundle/cli.json"))],
  ])("when %s, and the next build makes it anew", (_, damage) => {
    damage();
    expect(check()).toEqual(SOURCES);
    expect(node(["toolchain/bundle/build.ts"]).code).toBe(0);
    expect(check()).toEqual(BUNDLED);
  });

  it("when BUCKETWORKS_SOURCES asks for them, or a debugger looks on", () => {
    expect(check({ BUCKETWORKS_SOURCES: "1" })).toEqual(SOURCES);
    expect(entries(["--inspect=127.0.0.1:0", ...CHECK])).toEqual(expect.arrayContaining(SOURCES));
  });
});

it("a build that fails leaves the sources, and says so in one line", () => {
  writeFileSync(join(root, SOURCE), "this is no TypeScript\n");
  const { code, stderr } = node(["toolchain/bundle/build.ts"]);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^toolchain: no bundle of program, its sources run instead: \S+:1:\d+: .*\ntoolchain: no bundle of cli, its sources run instead: \S+:1:\d+: .*\n$/,
  );
  expect(readdirSync(join(root, ".bucketworks/bundle")).filter((name) => name.startsWith("draft-"))).toEqual([]);
});
