import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import Ajv4 from "ajv-draft-04";
import { describe, expect, test } from "vitest";
import { waitingLines } from "../../live/bucket-words.ts";
import { finding } from "../../scan/compare/findings.ts";
import { markdownReport } from "../../scan/report/markdown.ts";
import { reportSchema, reportSchemaText, type ScanReport } from "../../scan/report/report.ts";
import { sarifReport } from "../../scan/report/sarif.ts";
import { textReport } from "../../scan/report/text.ts";
import { ROOT } from "../support/cli.ts";
import { HIDDEN, HOSTILE } from "../support/hostile.ts";
import { nodesOf, parsed } from "../support/markdown.ts";

function report(names: readonly string[] = ["eve"]): ScanReport {
  const findings = names.map((name) =>
    finding("unmanaged", { kind: "user", name }, { severity: "high", platform: null, message: `in no spec; ${name}` }),
  );
  const grant = {
    severity: "critical" as const,
    platform: "shop",
    path: "policy",
    actual: ["x"],
    message: "policy: anyone may",
  };
  return {
    schemaVersion: 1,
    stage: "dev",
    server: "http://localhost:9000",
    looked: { buckets: 1, users: 2, groups: 0, policies: 5, serviceAccounts: 0, configuration: true },
    findings: [finding("changed", { kind: "public grant", name: "raw-data" }, grant), ...findings],
    ignored: 1,
    unmanaged: { bucket: 2 },
    unusedIgnores: [{ kind: "bucket", name: "old", place: "config/scan-ignore.yaml:2:5" }],
    notLooked: names.map((name) => ({ subject: { kind: "group" as const, name }, reason: `refused ${name}` })),
    waiting: [{ bucket: "cold", platform: "shop", rule: "archive", tier: "GLACIER" }],
  };
}

test("docs/scan.schema.json is what the report's shape generates (else: make docs), and holds for a report", () => {
  const text = readFileSync(join(ROOT, "docs/scan.schema.json"), "utf8");
  expect(text).toBe(reportSchemaText());
  const valid = new Ajv({ strict: false }).compile(JSON.parse(text));
  expect(valid(JSON.parse(JSON.stringify(report(HOSTILE)))), JSON.stringify(valid.errors)).toBe(true);
  expect(valid({ ...report(), findings: [{}] })).toBe(false);
  expect(reportSchema.safeParse(report()).success).toBe(true);
});

test("tiers that the server lacks are said once each, with all rules that wait for them", () => {
  const rule = (bucket: string, tier: string) => ({ bucket, platform: "shop", rule: "archive", tier });
  expect(waitingLines([rule("a", "GLACIER"), rule("b", "COLD"), rule("c", "GLACIER")])).toEqual([
    "the server has no tier GLACIER, so not applied: a lifecycle.archive, c lifecycle.archive",
    "the server has no tier COLD, so not applied: b lifecycle.archive",
  ]);
  expect(waitingLines([])).toEqual([]);
});

test("the SARIF log is valid by its official schema, and a broken one isn't", () => {
  const file = createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
  const schema = JSON.parse(readFileSync(file, "utf8"));
  const valid = new Ajv4.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  const log = JSON.parse(JSON.stringify(sarifReport(report(HOSTILE), "1.2.3", "config/my platforms")));
  expect(valid(log), JSON.stringify(valid.errors)).toBe(true);
  expect(log.runs[0].results).toHaveLength(HOSTILE.length + 1);
  expect(log.runs[0].results[0]).toMatchObject({ ruleId: "changed-public-grant", level: "error" });
  expect(log.runs[0].invocations[0]).toMatchObject({ executionSuccessful: false });
  for (const { message, locations } of log.runs[0].results) {
    const [{ logicalLocations, physicalLocation }] = locations;
    expect(physicalLocation.artifactLocation.uri).toMatch(/^config\/my%20platforms(\/[^/]+\.yaml)?$/);
    const [{ name }] = logicalLocations;
    for (const text of [message.text, name]) expect(text).not.toMatch(HIDDEN);
    expect(message.text).not.toMatch(/(?<!\\)\[[^\]]*(?<!\\)\]\(/);
  }
  log.runs[0].results[0].level = "terrible";
  expect(valid(log)).toBe(false);
});

describe("Markdown", () => {
  const parsedReport = (names: readonly string[]) => nodesOf(parsed(markdownReport(report(names))));

  test.each(HOSTILE)("a name like %j can do nothing in it", (name) => {
    const tree = parsedReport([name]);
    const types = new Set(tree.map(({ type }) => type));
    for (const live of ["html", "link", "image", "linkReference", "footnoteReference", "delete"])
      expect(types).not.toContain(live);
    const texts = tree.flatMap((node) => (node.type === "text" ? [node.value] : []));
    expect(texts.join(" ")).not.toContain("INJECTED");
  });

  test("no name breaks a table: every row has its four cells", () => {
    const rows = parsedReport(HOSTILE).flatMap((node) => (node.type === "tableRow" ? [node] : []));
    expect(rows).toHaveLength(HOSTILE.length + 1 + 2);
    for (const row of rows) expect(row.children).toHaveLength(4);
  });
});

test("a server configuration that wasn't looked at is said in every form", () => {
  const unseen = { ...report(), looked: { ...report().looked, configuration: false } };
  const words = "server configuration not looked at";
  expect(textReport(unseen, false).at(-1)).toContain(words);
  expect(markdownReport(unseen)).toContain(words);
  expect(sarifReport(unseen, "1.2.3", "config/platforms")).toMatchObject({
    runs: [{ properties: { configurationLookedAt: false } }],
  });
  expect(textReport(report(), false).at(-1)).not.toContain(words);
});

test("text: the highest risk first, nothing that steers a terminal, and what could not be looked at apart", () => {
  const lines = textReport(report(HOSTILE), false);
  expect(lines[0]).toBe("critical  changed    public grant raw-data: policy: anyone may");
  for (const line of lines) expect(line).not.toMatch(HIDDEN);
  expect(lines.filter((line) => line.startsWith("could not look at group"))).toHaveLength(HOSTILE.length);
  expect(lines.at(-1)).toBe(
    `buckets 1, users 2, groups 0, policies 5, service accounts 0: findings ${HOSTILE.length + 1}, unmanaged 2, ignored 1, could not look at ${HOSTILE.length} (stage dev, http://localhost:9000)`,
  );
  expect(textReport(report(), true)).toHaveLength(3);
});
