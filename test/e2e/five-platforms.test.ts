import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rolesPage } from "../../report/roles-page.ts";
import type { Report } from "../../report/schema.ts";
import { TestCheckout } from "../support/checkout.ts";
import { resolved } from "../support/platforms.ts";
import { dumpOf } from "../support/state.ts";
import { ROOT } from "../support/toolchain.ts";

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make();
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
});

afterAll(() => checkout.remove());

test("the five platforms are on the server as their specs say, and every identity may do what it should and no more", async () => {
  const { code, stdout } = await checkout.run("bin/bucketworks", "verify", "--format", "json");
  const { findings, notRead, waiting, identities } = JSON.parse(stdout);
  expect({ code, findings, notRead }).toEqual({ code: 0, findings: [], notRead: [] });
  expect(identities).toMatchObject({ findings: [], notTried: [] });
  expect(identities.identities).toBeGreaterThanOrEqual(50);
  expect(waiting.map(({ rule, tier }: { rule: string; tier: string }) => `${rule} ${tier}`)).toEqual(
    Array(2).fill("ArchiveOldData GLACIER"),
  );
});

test("the report of them has score 100, no drift, and an access matrix that the tries with each key confirm and docs/roles.md shows", async () => {
  const { code, stdout } = await checkout.run("bin/bucketworks", "report", "--format", "json");
  const report = JSON.parse(stdout) as Report;
  expect({ code, score: report.overall_health_score, drift: report.drift }).toEqual({
    ...{ code: 0, score: 100 },
    drift: { findings: [] },
  });
  if ("reason" in report.access) throw new Error(report.access.reason);
  expect(report.access.entries.length).toBeGreaterThanOrEqual(50);
  expect(report.access.entries.filter(({ confirmed }) => confirmed !== true)).toEqual([]);
  // The page of roles, made of what the server has and not of what the specs ask for.
  const page = readFileSync(join(ROOT, "docs/roles.md"), "utf8");
  expect(rolesPage(resolved(null, "dev"), report.access.entries)).toBe(page);
});

test("nothing on it is open to anyone", async () => {
  for (const { settings } of Object.values(await dumpOf(checkout.server)) as { settings: { policy?: unknown } }[]) {
    expect(settings.policy).toBeUndefined();
  }
});

test("a second update that reads the server first changes nothing", async () => {
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
});

test("destroy takes the identities away and leaves every bucket", async () => {
  const before = Object.keys(await dumpOf(checkout.server));
  await checkout.must("pulumi", "destroy", "--yes", "--skip-preview");
  expect((await checkout.must("mc", "admin", "user", "ls", "dev")).trim()).toBe("");
  expect((await checkout.must("mc", "admin", "group", "ls", "dev")).trim()).toBe("");
  expect(Object.keys(await dumpOf(checkout.server))).toEqual(before);
});
