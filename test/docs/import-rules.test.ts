import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import rules, { rows } from "../../import-rules.ts";

/** Rule, who breaks it, whom it imports. */
const BREAKS = [
  ["no cycle", "scan/one.ts", "scan/two.ts"],
  ["config", "config/one.ts", "builders/two.ts"],
  ["builders", "builders/one.ts", "components/two.ts"],
  ["builders: types alone", "builders/one.ts", "provider/server/read.ts"],
  ["provider", "provider/one.ts", "builders/two.ts"],
  ["components", "components/one.ts", "cli/two.ts"],
  ["components: types alone", "components/one.ts", "provider/server/write.ts"],
  ["live", "live/one.ts", "scan/two.ts"],
  ["live: types alone", "live/one.ts", "provider/server/read.ts"],
  ["verify", "verify/one.ts", "scan/two.ts"],
  ["verify: types alone", "verify/one.ts", "provider/canonical.ts"],
  ["policy", "policy/one.ts", "live/two.ts"],
  ["policy: types alone", "policy/one.ts", "provider/server/read.ts"],
  ["review", "review/one.ts", "live/two.ts"],
  ["review: types alone", "review/one.ts", "provider/canonical.ts"],
  ["scan", "scan/three.ts", "import/two.ts"],
  ["scan: types alone", "scan/three.ts", "provider/server/read.ts"],
  ["import", "import/one.ts", "verify/two.ts"],
  ["import: types alone", "import/one.ts", "provider/server/read.ts"],
  ["report", "report/one.ts", "cli/two.ts"],
  ["report: types alone", "report/one.ts", "verify/two.ts"],
  ["history", "history/one.ts", "cli/two.ts"],
  ["history: types alone", "history/one.ts", "report/two.ts"],
  ["monitor", "monitor/one.ts", "cli/two.ts"],
  ["monitor: types alone", "monitor/one.ts", "history/two.ts"],
  ["backup", "backup/one.ts", "cli/two.ts"],
  ["backup: types alone", "backup/one.ts", "provider/server/write.ts"],
  ["database", "database/one.ts", "provider/sdk.ts"],
  ["cli", "cli/one.ts", "components/two.ts"],
  ["toolchain", "toolchain/one.ts", "config/two.ts"],
  ["toolchain/offline", "toolchain/offline/one.ts", "provider/service.ts"],
  ["no Pulumi", "scan/three.ts", "@pulumi/pulumi"],
  ["no Pulumi", "config/stack/images.ts", "@pulumi/pulumi"],
  ["no Pulumi", "policy/rules/one.ts", "@pulumi/policy"],
  ["pure", "builders/three.ts", "node:fs"],
  ["pure", "policy/rules/one.ts", "node:http"],
] as const;

/** What the table allows; `type` is an import of a type alone. */
const ALLOWED = [
  ["builders/three.ts", "provider/canonical.ts"],
  ["builders/three.ts", "node:crypto"],
  ["builders/three.ts", "provider/server/connection.ts", "type"],
  ["verify/three.ts", "provider/server/connection.ts", "type"],
  ["components/three.ts", "provider/sdk.ts"],
  ["report/three.ts", "live/rights.ts"],
  ["components/three.ts", "@pulumi/pulumi"],
  ["config/stack/settings.ts", "@pulumi/pulumi"],
  ["toolchain/three.ts", "config/system-fault.ts"],
  ["toolchain/offline/three.ts", "provider/serve.ts"],
] as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "import-rules-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: "a" });
}

/** What a tool of the checkout says of the folder, which is wrong. */
function toldBy(tool: string, ...args: readonly string[]): Record<string, unknown> {
  const { stdout, stderr } = spawnSync(resolve("node_modules/.bin", tool), args, { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("each row of the table of imports refuses what it doesn't allow, and a cycle even of types is refused", () => {
  const all = [
    ...BREAKS.map(([, from, to]) => [from, to] as const),
    ...ALLOWED,
    ["scan/two.ts", "scan/one.ts", "type"],
  ];
  for (const [from, to, kind = ""] of all) {
    if (!existsSync(join(folder, to)) && to.endsWith(".ts"))
      write(to, "export interface It { x: 1 }\nexport const it = 1;\n");
    const it = kind === "type" ? "It" : "it";
    write(from, `import ${kind} { ${it} as n${to.replaceAll(/\W/g, "_")} } from "${specifier(from, to)}";\n`);
  }
  write("tsconfig.json", readFileSync("tsconfig.json", "utf8"));
  const { summary } = toldBy("depcruise", "--config", resolve("import-rules.ts"), "--output-type", "json", ".") as {
    summary: { violations: { rule: { name: string }; from: string; unresolvedTo: string; to: string }[] };
  };
  const found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  const expected = BREAKS.map(([rule, from, to]) => `${rule}: ${from} -> ${to.replace("node:", "")}`);
  expect(found.sort()).toEqual(expected.sort());
});

test("each rule is broken once here, and says what to do in a sentence of its own", () => {
  const names = (rules.forbidden ?? []).map(({ name }) => name);
  expect([...new Set(BREAKS.map(([rule]) => rule))]).toEqual(names);
  expect(new Set(rules.forbidden?.map(({ comment }) => comment)).size).toBe(rows.length + 3);
});

test("the rules are the rows of ARCHITECTURE.md, in their order, and no folder of sources is without one", () => {
  const table = [...readFileSync("ARCHITECTURE.md", "utf8").matchAll(/^\| `(\w+)\/` \|/gm)].map(([, name]) => name);
  const tracked = execFileSync("git", ["ls-files", "*/*.ts"], { encoding: "utf8" }).split("\n");
  const sources = new Set(tracked.filter(Boolean).map((file) => file.split("/")[0]));
  const free = [".github", "docs", "images", "notebooks", "pipelines", "python", "test"];
  const ruled = rows.map(({ folder: name }) => name);
  expect(ruled).toEqual(table.filter((name) => !free.includes(name ?? "")));
  expect([...sources].filter((name) => !free.includes(name ?? "")).sort()).toEqual([...ruled].sort());
});

test("a file, an export and a dependency that nobody uses are found", () => {
  write("package.json", JSON.stringify({ main: "index.ts", type: "module", dependencies: { "left-over": "1.0.0" } }));
  write("index.ts", 'import { used } from "./half.ts";\nused();\n');
  write("half.ts", "export function used(): void {}\nexport function unused(): void {}\n");
  write("cli/forgotten.ts", "export {};\n");
  const { issues } = toldBy("knip", "--config", resolve("knip.jsonc"), "--no-config-hints", "--reporter", "json") as {
    issues: { file: string; files?: object[]; exports?: { name: string }[]; dependencies?: { name: string }[] }[];
  };
  const of = (file: string) => issues.find((issue) => issue.file === file);
  expect(of("cli/forgotten.ts")?.files).toHaveLength(1);
  expect(of("half.ts")?.exports?.map(({ name }) => name)).toEqual(["unused"]);
  expect(of("package.json")?.dependencies?.map(({ name }) => name)).toEqual(["left-over"]);
});

function specifier(from: string, to: string): string {
  return to.endsWith(".ts") ? `${"../".repeat(from.split("/").length - 1)}${to}` : to;
}
