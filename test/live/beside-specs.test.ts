import { describe, expect, test } from "vitest";
import { issuedText, replacedText } from "../../config/values/key-note.ts";
import { besideSpecs } from "../../live/beside-specs.ts";
import { declaredAccounts } from "../../live/declared-accounts.ts";
import type { AccountDetail, LiveAccount } from "../../live/live-server.ts";
import { modelOf } from "../support/spec.ts";

const spec = (rotation: string) => `
bucket_groups: {all: {buckets: [{name: raw-data}]}}
access:
  policies:
    reader: {grants: [{role: read, bucket: raw-data}]}
  users: {robot: {policies: [reader]}, other: {policies: [reader]}}
  service_accounts: {job: {user: robot, policies: [reader]}}
${rotation}`;
const model = modelOf(spec("  rotation: {grace_days: 7}"));
const [declared] = declaredAccounts(model);

const NOW = new Date("2026-11-30T12:00:00Z");
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

interface Given extends Partial<Omit<LiveAccount, "detail">>, Partial<AccountDetail> {}

/** What is said of an account of robot's with the declared document, unless `given` says otherwise. */
function said({ user = "robot", expires = null, ...own }: Given, of = model): string | undefined {
  const detail = { value: { enabled: true, policy: declared?.document ?? null, ...own } };
  return besideSpecs(of, { user, expires, detail }, NOW);
}

describe("a replaced key is known", () => {
  const description = replacedText(inDays(3));

  test("with the document of a declared account, for as long as the spec's grace", () => {
    expect(said({ description })).toBe("the replaced key of job, taken until 2026-12-03T12:00:00.000Z");
  });

  test.each<[string, Given]>([
    ["for longer than the grace", { description: replacedText(inDays(8)) }],
    ["whose time is over", { description: replacedText(inDays(-1)) }],
    ["of another user", { description, user: "other" }],
    ["that may do whatever its user may", { description, policy: null }],
    ["without a note", {}],
    ["with another's note", { description: "made by hand" }],
    ["with a note that has no day", { description: "bucketworks: replaced, ends soon" }],
  ])("and is anybody's %s", (_, given) => {
    expect(said(given)).toBeUndefined();
  });

  test("and is anybody's where the platform has no access.rotation", () => {
    expect(said({ description }, modelOf(spec("")))).toBeUndefined();
  });
});

describe("an issued key is known", () => {
  const description = issuedText("review: Q3");

  test("where the server ends it within 90 days, with what it is for", () => {
    expect(said({ description, expires: "2027-02-01T00:00:00Z", policy: null })).toBe(
      "issued until 2027-02-01T00:00:00Z (review: Q3)",
    );
    expect(said({ description: issuedText(""), expires: "2026-12-01T00:00:00Z" })).toBe(
      "issued until 2026-12-01T00:00:00Z",
    );
  });

  test.each<[string, Given]>([
    ["that never ends", { description }],
    ["that ends in a year", { description, expires: "2027-11-30T00:00:00Z" }],
    ["without a note", { expires: "2026-12-01T00:00:00Z" }],
  ])("and is anybody's %s", (_, given) => {
    expect(said(given)).toBeUndefined();
  });
});

test("an account that can't be looked at is anybody's", () => {
  for (const detail of [null, { reason: "refused" }])
    expect(besideSpecs(model, { user: "robot", expires: null, detail }, NOW)).toBeUndefined();
});
