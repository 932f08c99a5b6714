import { describe, expect, test } from "vitest";
import { listsEveryBucket } from "../../live/own-rights.ts";

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
