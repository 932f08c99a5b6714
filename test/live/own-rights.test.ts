import { describe, expect, test } from "vitest";
import deployer from "../../docs/deployer-policy.json" with { type: "json" };
import { listsEveryBucket, missingRights } from "../../live/own-rights.ts";

describe("the list of buckets is sure to be whole", () => {
  const all = { Effect: "Allow", Action: ["s3:ListAllMyBuckets"], Resource: ["arn:aws:s3:::*"] };
  const account = (...Statement: object[]) => ({ AccountName: "scan", Policy: { Version: "2012-10-17", Statement } });

  test.each<[string, object, boolean]>([
    ["for who may list all", account(all), true],
    ["for who may everything", account({ ...all, Action: ["s3:*"] }), true],
    ["for root, whose resource is *", account({ ...all, Action: ["s3:List*"], Resource: ["*"] }), true],
    ["not without the right", account({ ...all, Action: ["s3:ListBucket"] }), false],
    ["not for a part of the buckets", account({ ...all, Resource: ["arn:aws:s3:::raw-*"] }), false],
    ["not under a condition", account({ ...all, Condition: { Bool: { "aws:SecureTransport": ["true"] } } }), false],
    ["not where it is denied", account(all, { ...all, Effect: "Deny" }), false],
    ["not for a service account, whose own document isn't told", { ...account(all), AccountName: "parent" }, false],
    ["not without a policy", { AccountName: "scan" }, false],
  ])("%s", (_, answer, whole) => {
    expect(listsEveryBucket(answer as Record<string, unknown>, "scan")).toBe(whole);
  });
});

describe("rights that a deployer lacks", () => {
  const may = (...Statement: object[]) => missingRights({ Policy: { Version: "2012-10-17", Statement } });
  const all = { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] };
  const admin = { Effect: "Allow", Action: ["admin:*"] };

  test("are none for who may everything, and for who has the policy", () => {
    expect(may(all, admin)).toEqual([]);
    expect(may(...deployer.Statement)).toEqual([]);
  });

  test("are named one by one, also what is denied", () => {
    expect(may(all)).toContain("admin:CreateUser");
    expect(may(all)).not.toContain("s3:CreateBucket");
    expect(may(all, admin, { ...all, Effect: "Deny", Action: ["s3:DeleteBucket"] })).toEqual(["s3:DeleteBucket"]);
    expect(missingRights({})).toContain("s3:CreateBucket");
  });
});
