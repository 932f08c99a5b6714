import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { printText as printScan } from "../../cli/scan/print-text.ts";
import { printText as printVerified } from "../../cli/verify/report.ts";
import type { Verified } from "../../report/parts.ts";
import type { ScanReport } from "../../scan/report/report.ts";
import { bucketworks } from "../support/cli.ts";

const [RED, YELLOW, GREEN] = ["\u001b[31m", "\u001b[33m", "\u001b[32m"];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "colours-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a function prints, with FORCE_COLOR or NO_COLOR. */
function printed(variable: string, work: () => void): string[] {
  const out: string[] = [];
  vi.stubEnv("NO_COLOR", undefined);
  vi.stubEnv("FORCE_COLOR", undefined);
  vi.stubEnv(variable, "1");
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  try {
    work();
  } finally {
    write.mockRestore();
    vi.unstubAllEnvs();
  }
  return out.join("").trimEnd().split("\n");
}

const verified = {
  ...{ stage: "dev", server: "http://s", buckets: 2, waiting: [], identities: null },
  findings: [
    { bucket: "raw-data", platform: "p", setting: "versioning", path: "versioning", expected: true, actual: false },
  ],
  notRead: [{ bucket: "oth\u001b[32mer", platform: "p", reason: "no answer" }],
  forged: { tries: 0, findings: [], untried: [], notTried: [], left: [] },
} as unknown as Verified;

const finding = (severity: string) => ({
  severity,
  kind: "changed",
  subject: { kind: "bucket", name: "b" },
  message: "m",
});
const scanned = {
  ...{ stage: "dev", server: "http://s", unusedIgnores: [], waiting: [], ignored: 0, unmanaged: {} },
  looked: { buckets: 1, users: 0, groups: 0, policies: 0, serviceAccounts: 0, configuration: true },
  findings: [finding("critical"), finding("low")],
  notLooked: [{ subject: { kind: "policy", name: null }, reason: "denied" }],
} as unknown as ScanReport;

test("verify and scan colour what is wrong, what is not known and what came of it, where colours are wanted", () => {
  const lines = printed("FORCE_COLOR", () => printVerified(verified, false, []));
  expect(lines[0]).toMatch(`${RED}raw-data`);
  expect(lines[1]).toMatch(`${YELLOW}could not read`);
  // A name can't bring its own.
  expect(lines[1]).toContain("oth\\u{1b}[32mer");
  expect(lines[2]?.startsWith(RED)).toBe(true);
  const scan = printed("FORCE_COLOR", () => printScan(scanned, false, []));
  expect(scan.map((line) => line.slice(0, 5))).toEqual([RED, YELLOW, YELLOW, RED]);
  const right = { ...scanned, findings: [], notLooked: [] };
  expect(printed("FORCE_COLOR", () => printScan(right, false, []))[0]?.startsWith(GREEN)).toBe(true);
});

test("the same words stand there without colours: with NO_COLOR, and where nobody asked for them in a pipe", async () => {
  for (const work of [() => printVerified(verified, false, []), () => printScan(scanned, false, [])]) {
    const plain = printed("NO_COLOR", work);
    expect(plain.join()).not.toContain("\u001b");
    expect(printed("FORCE_COLOR", work).map(stripVTControlCharacters)).toEqual(plain);
  }
});

test("check colours in a pipe with FORCE_COLOR alone, and never what it prints as JSON", async () => {
  const file = join(folder, "wrong.yaml");
  writeFileSync(file, "bucket_groups: {g: {buckets: [{name: A}]}}\n");
  const env = { FORCE_COLOR: "1" };
  const { stdout, code } = await bucketworks(["check", file], { env });
  expect(code).toBe(1);
  expect(stdout.startsWith(RED)).toBe(true);
  expect((await bucketworks(["check", "--json", file], { env })).stdout).not.toContain("\u001b");
  expect((await bucketworks(["check", file])).stdout).not.toContain("\u001b");
});
