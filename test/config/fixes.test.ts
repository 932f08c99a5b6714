import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Document, isCollection, parse, parseDocument } from "yaml";
import { parseSpec } from "../../config/document/load.ts";
import type { SpecIssue } from "../../config/issues.ts";
import { judgeTexts } from "../support/spec.ts";

type Steps = readonly (string | number)[];

/** `bucket_groups.raw.buckets[0].quota` as the steps that it was made of. */
function stepsOf(path: string): Steps {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, key]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : (key ?? ""),
  );
}

/** The value that a fix tells to write; undefined where it tells none. */
function toldValue(fix: string): string | undefined {
  const [, quoted, list, plain] =
    /^write (?:for example )?(?:("[^"]*")|(\[[^\]]*\]|\{[^}]*\})|(\S+?))(?:[,;:]? .*)?$/.exec(fix) ?? [];
  // words about a value, not the value
  if (plain !== undefined && /^(?:a|an|the|one|it|at|text|each|upper|lower|true or|sse-kms:)$/.test(plain))
    return undefined;
  return quoted ?? list ?? plain;
}

/** Faults of a value alone; the fixes of others are about more than one place. */
const OF_VALUES = ["quota", "encryption", "wrong-type", "out-of-range", "not-allowed", "workload-value", "region"];
const OF_KEYS = ["unknown-key", "overlay-removes-nothing"];

/** The text with the fix carried out, as a reader would; undefined where the fix says no single change. */
function applied(text: string, { fix, path, code }: SpecIssue): string | undefined {
  const document: Document = parseDocument(text);
  const steps = stepsOf(path);
  if (!document.hasIn(steps)) return undefined;
  const meant = /^did you mean (\S+)\?$/.exec(fix)?.[1];
  const told = OF_VALUES.includes(code) ? toldValue(fix) : undefined;
  const isKey = OF_KEYS.includes(code) || (code === "overlay-slip" && steps.at(-1) !== "name");
  if (isKey && meant !== undefined) {
    const value = document.getIn(steps, true);
    document.deleteIn(steps);
    document.setIn([...steps.slice(0, -1), meant], value);
  } else if (meant !== undefined) document.setIn(steps, meant);
  else if (fix === "remove the quotes" || / without quotes\b/.test(fix))
    document.setIn(steps, Number(document.getIn(steps)));
  else if (/^to have none, remove the key$|^remove it$/.test(fix)) document.deleteIn(steps);
  else if (told !== undefined && !isCollection(document.getIn(steps, true)))
    document.setIn(steps, document.createNode(parse(told)));
  else return undefined;
  return document.toString();
}

const issuesOf = (text: string, stage: string | null = null): readonly SpecIssue[] =>
  judgeTexts({ "a.yaml": text }, { stage }).issues;

const DIR = join(import.meta.dirname, "../fixtures/invalid");

describe("a fix that is one change, carried out, leaves no fault in its place:", () => {
  let tried = 0;
  test.each(readdirSync(DIR))("%s", (file) => {
    const text = readFileSync(join(DIR, file), "utf8");
    const stage = /^#stage (.*)$/m.exec(text)?.[1] ?? null;
    if (parseSpec("a.yaml", text).document === null) return;
    for (const issue of issuesOf(text, stage)) {
      const after = applied(text, issue);
      if (after === undefined) continue;
      tried++;
      const left = issuesOf(after, stage).filter(({ path, code }) => path === issue.path && code !== "missing-key");
      expect(
        left.map(({ message }) => message),
        `${issue.path}: ${issue.message}; ${issue.fix}`,
      ).toEqual([]);
    }
  });

  test("there are many of them", () => expect(tried).toBeGreaterThanOrEqual(60));
});

const SETTING = "bucket_groups:\n  raw:\n    versioning: true\n    buckets:\n      - {name: raw-data, KEY: VALUE}\n";
const JOB = "workloads:\n  w: {kind: scheduled_job, schedule: '0 6 * * *', image: 'r.example/w:1', KEY: VALUE}\n";
const SERVICE = "workloads:\n  w: {kind: service, port: 8080, image: 'r.example/w:1', KEY: VALUE}\n";

describe("a fix means what was meant", () => {
  test.each<[template: string, key: string, given: string, meant: unknown]>([
    [SETTING, "quota", "10", "10GiB"],
    [SETTING, "quota", '"10"', "10GiB"],
    [SETTING, "quota", "1.5", "1.5GiB"],
    [SETTING, "quota", '"1073741824"', 1_073_741_824],
    [SETTING, "quota", "0.1TiB", "104857MiB"],
    [SETTING, "quota", "1.1PiB", "1181116006MiB"],
    [SETTING, "quota", "10 GB", "10GB"],
    [SETTING, "quota", "10mib", "10MiB"],
    [SETTING, "encryption", "true", "sse-s3"],
    [SETTING, "encryption", "false", "none"],
    [SETTING, "encryption", "no", "none"],
    [SETTING, "encryption", "off", "none"],
    [SETTING, "encryption", "AES256", "sse-s3"],
    [SETTING, "encryption", '"sse-kms: my-key"', "sse-kms:my-key"],
    [SETTING, "encryption", '"aws:kms/my-key"', "sse-kms:my-key"],
    [SETTING, "retention_days", '"30"', 30],
    [SETTING, "retention_days", "2 weeks", 14],
    [SETTING, "public_read", "public/", ["public/"]],
    [JOB, "memory", "512", "512Mi"],
    [JOB, "memory", '"512"', "512Mi"],
    [JOB, "memory", "100m", "100Mi"],
    [JOB, "memory", "512MB", "512M"],
    [JOB, "memory", "1gb", "1G"],
    [JOB, "memory", "1 GiB", "1Gi"],
    [JOB, "cpu", "500", "500m"],
    [JOB, "cpu", '"500"', "500m"],
    [JOB, "cpu", "0.5", "0.5"],
    [JOB, "cpu", "2 cores", "2"],
    [JOB, "deadline", "3600", "1h"],
    [JOB, "deadline", '"3600"', "1h"],
    [JOB, "deadline", "90", "90s"],
    [JOB, "deadline", "1d", "24h"],
    [JOB, "deadline", "5 minutes", "5m"],
    [JOB, "command", "python x.py", ["python", "x.py"]],
    [JOB, "time_zone", "UTC", "Etc/UTC"],
    [SERVICE, "replicas", "3", { min: 3, max: 3 }],
    [SERVICE, "replicas", "{min: 0, max: 2}", { min: 1, max: 2 }],
    [SERVICE, "health", "http://x/health", "/health"],
    [SERVICE, "health", "health", "/health"],
  ])("%s%s: %s", (template, key, given, meant) => {
    const text = template.replace("KEY", key).replace("VALUE", given);
    const [issue] = issuesOf(text);
    if (issue === undefined) throw new Error("nothing to fix");
    const after = applied(text, issue);
    expect(after, issue.fix).toBeDefined();
    expect(issuesOf(after ?? "")).toEqual([]);
    const { bucket_groups: groups, workloads } = parse(after ?? "");
    expect((groups?.raw.buckets[0] ?? workloads.w)[key], issue.fix).toEqual(meant);
  });

  test.each<[what: string, text: string, fix: string]>([
    ["a lock in years", SETTING.replace("KEY: VALUE", "object_lock: {mode: governance, years: 2}"), "write days: 730"],
    ["a lock in weeks", SETTING.replace("KEY: VALUE", "object_lock: {mode: governance, weeks: 3}"), "write days: 21"],
    [
      "members of a group",
      "access: {groups: {team: {policies: [], members: [ann]}}}\n",
      "remove it; each user names its groups: write groups at the user",
    ],
    ["buckets by name alone", "bucket_groups: {raw: {buckets: [raw-data]}}\n", "write {name: raw-data}"],
    ["a bucket that no name can be", "bucket_groups: {raw: {buckets: [Raw Data]}}\n", "write {name: NAME}"],
    [
      "a name without a blank",
      "bucket_groups:\n  raw:\n    buckets:\n      - name:raw-data\n",
      "write a blank after the colon",
    ],
    [
      "buckets as a map",
      "bucket_groups: {raw: {buckets: {raw-data: {quota: 1GiB}}}}\n",
      "write each bucket after a dash: - {name: NAME}",
    ],
    [
      "users as a list",
      "access: {users: [ann, bob]}\n",
      "write each name with a colon after it, and its settings below",
    ],
  ])("%s", (_, text, fix) => expect(issuesOf(text).map((issue) => issue.fix)).toContain(fix));

  test("a schedule on weekday 7 is one on Sunday", () => {
    const text = JOB.replace("'0 6 * * *'", "'0 2 * * 7'").replace(", KEY: VALUE", "");
    expect(issuesOf(text)[0]?.fix).toBe('write "0 2 * * 0"');
  });

  test("where nothing can be meant, no number is made up", () => {
    for (const given of ["0s", "soon", "-1"]) {
      const [issue] = issuesOf(JOB.replace("KEY", "deadline").replace("VALUE", given));
      expect(issue?.fix).toBe("write 30m, or as long as it needs");
    }
  });

  test("no fix repeats a text without end", () => {
    const [issue] = issuesOf(SETTING.replace("KEY", "quota").replace("VALUE", `${"9".repeat(400)}GiB`));
    expect(issue?.fix.length).toBeLessThan(80);
  });
});
