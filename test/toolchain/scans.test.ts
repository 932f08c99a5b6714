import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { govulncheck, grype, npmAudit, pipAudit, trivy } from "../../toolchain/scans/answers.ts";
import { judge } from "../../toolchain/scans/outcome.ts";
import { ROOT, tool } from "../support/toolchain.ts";

const folder = mkdtempSync(join(tmpdir(), "scans-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOLE = { id: "PYSEC-1", package: "jinja2", version: "2.0", fixed: ["3.1"] };
const PIP = { dependencies: [{ name: "jinja2", version: "2.0", vulns: [{ id: "PYSEC-1", fix_versions: ["3.1"] }] }] };
const SKIPPED = { dependencies: [{ name: "a" }, { name: "b", skip_reason: "Dependency not found on PyPI" }] };
const REFUSED = { message: "405 Method Not Allowed - POST", error: { summary: "" } };
const NPM = {
  vulnerabilities: {
    tar: {
      range: "<6",
      via: [{ url: "https://example.org/advisories/GHSA-1" }],
      fixAvailable: { name: "tar", version: "6.2" },
    },
    other: { range: "<2", via: ["tar"], fixAvailable: true },
  },
};
const GO = [
  { config: { scanner_name: "govulncheck" } },
  { osv: { id: "GO-1", summary: "{\n" } },
  // Once for the module, once for each of its packages that is used; another module's package isn't.
  ...[{}, { package: "example.org/m/a" }, { package: "example.org/m/b" }].map((used) => ({
    finding: { osv: "GO-1", fixed_version: "v1.2.0", trace: [{ module: "example.org/m", version: "v1.1.0", ...used }] },
  })),
  { finding: { osv: "GO-2", trace: [{ module: "example.org/other", version: "v1.0.0" }] } },
];
const TRIVY = {
  Results: [
    {},
    {
      Vulnerabilities: [{ VulnerabilityID: "CVE-1", PkgName: "openssl", InstalledVersion: "3.0", FixedVersion: "3.1" }],
    },
  ],
};
const GRYPE = {
  matches: [{ vulnerability: { id: "CVE-2", fix: { versions: [] } }, artifact: { name: "zlib", version: "1" } }],
};

const said = (report: unknown) => ({ code: 1, stdout: JSON.stringify(report), stderr: "" });

/** Programs of these names that print a report and end so; only they are on PATH beside Node. */
function scanners(reports: Readonly<Record<string, { readonly report: unknown; readonly code?: number }>>): string {
  const path = mkdtempSync(join(folder, "bin-"));
  for (const [name, { report, code = 0 }] of Object.entries(reports)) {
    const file = join(path, name);
    writeFileSync(`${file}.json`, typeof report === "string" ? report : JSON.stringify(report));
    writeFileSync(file, `#!/bin/sh\ncat '${file}.json'\nexit ${code}\n`);
    chmodSync(file, 0o755);
  }
  return path;
}

function scan(path: string, subjects: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const node = tool("node");
  const options = { cwd: ROOT, env: { PATH: `${path}:${dirname(node)}:/usr/bin:/bin`, ...env } };
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    const args = ["toolchain/scans/scans.ts", ...subjects];
    const child = execFile(node, args, options, (_, out, err) => resolve({ code: child.exitCode ?? 1, out, err }));
  });
}

test("each scanner's report becomes holes with their fix", () => {
  expect(pipAudit("p", said(PIP))).toEqual({ subject: "p", holes: [HOLE] });
  expect(npmAudit("n", said(NPM))).toEqual({
    subject: "n",
    holes: [{ id: "GHSA-1", package: "tar", version: "<6", fixed: ["tar 6.2"] }],
  });
  const go = GO.map((each) => JSON.stringify(each, null, 2)).join("\n");
  expect(govulncheck("g", { code: 0, stdout: go, stderr: "" })).toEqual({
    subject: "g",
    holes: [{ id: "GO-1", package: "example.org/m", version: "v1.1.0", fixed: ["v1.2.0"] }],
  });
  const [openssl] = "holes" in trivy("t", said(TRIVY)) ? [trivy("t", said(TRIVY))] : [];
  expect(openssl).toMatchObject({ holes: [{ id: "CVE-1", fixed: ["3.1"] }] });
  expect(grype("i", said(GRYPE))).toMatchObject({ holes: [{ id: "CVE-2", package: "zlib", fixed: [] }] });
});

test("what isn't a report is never taken for no hole", () => {
  const broken = { code: 1, stdout: "", stderr: "one\nnobody answers\n" };
  for (const read of [pipAudit, npmAudit, govulncheck, trivy, grype])
    expect(read("x", broken)).toEqual({ subject: "x", reason: "nobody answers" });
  expect(pipAudit("p", said(SKIPPED))).toEqual({
    subject: "p",
    reason: "1 of 2 packages: Dependency not found on PyPI",
  });
  const alone = { dependencies: [{ name: "b", skip_reason: "Dependency not found on PyPI" }] };
  expect(pipAudit("p", said(alone))).toMatchObject({ reason: "1 of 1 packages: PyPI's list of holes is out of reach" });
  expect(npmAudit("n", said(REFUSED))).toEqual({ subject: "n", reason: "405 Method Not Allowed - POST" });
  expect(govulncheck("g", { code: 0, stdout: "", stderr: "" })).toMatchObject({ reason: expect.any(String) });
});

test("a hole that was judged doesn't count until its day, and no longer", () => {
  const outcomes = [{ subject: "python:a", holes: [HOLE] }];
  const accepted = [{ id: "PYSEC-1", package: "jinja2", reason: "no template of others", until: "2026-06-30" }];
  expect(judge(outcomes, accepted, "2026-06-30")).toMatchObject({ code: 0 });
  expect(judge(outcomes, accepted, "2026-07-01")).toMatchObject({ code: 1 });
  expect(judge(outcomes, [{ ...(accepted[0] as (typeof accepted)[0]), package: "other" }], "2026-06-30").code).toBe(1);
});

test("every hole that is accepted has a reason and a day within a year", () => {
  const accepted = JSON.parse(readFileSync(join(ROOT, "toolchain/scans/accepted.json"), "utf8"));
  const last = new Date(Date.now() + 366 * 86_400_000).toISOString().slice(0, 10);
  for (const each of accepted) {
    expect(each).toEqual({
      id: expect.any(String),
      package: expect.any(String),
      reason: expect.stringMatching(/\w+ \w+/),
      until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect(each.until <= last).toBe(true);
  }
});

test("scans end with 1 for a hole, 3 for what was not looked at, 0 for none, and an absent scanner of images is one line", async () => {
  const [found, blind, sound] = await Promise.all([
    scan(scanners({ uv: { report: PIP, code: 1 }, npm: { report: REFUSED, code: 1 } }), ["python:a.txt", "npm:."]),
    scan(scanners({ uv: { report: SKIPPED } }), ["python:a.txt", "go:toolchain/go/minio"], {
      NOT_DONE: join(folder, "not-done"),
    }),
    scan(scanners({ npm: { report: { vulnerabilities: {} } } }), ["npm:.", "image:example.org/mlops:1"]),
  ]);
  expect([found.code, blind.code, sound.code]).toEqual([1, 3, 0]);
  expect(found.out).toContain("`PYSEC-1` in `jinja2` `2.0`; fixed in `3.1`");
  expect(found.out).toContain("**not looked at**: `405 Method Not Allowed - POST`");
  expect(readFileSync(join(folder, "not-done"), "utf8")).toMatch(/^python:a\.txt: 1 of 2 packages.*\ngo:.*\n$/);
  expect(sound.out).toContain("not done: `no scanner of images is here; put trivy or grype on PATH`");
  expect((await scan(scanners({}), ["something"])).code).toBe(2);
});

test("images are scanned by the scanner that is on PATH", async () => {
  const ended = await scan(scanners({ trivy: { report: TRIVY } }), ["image:example.org/mlops:1"]);
  expect([ended.code, ended.out]).toEqual([1, expect.stringContaining("`CVE-1` in `openssl`")]);
});
