import { describe, expect, test } from "vitest";
import { rightsChange } from "../../scan/compare/rights.ts";

const document = (...Statement: Record<string, unknown>[]) => ({ Version: "2012-10-17", Statement });
const GET = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const PUT = { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::b/*" };
const DENY = { Effect: "Deny", Action: "s3:PutObject", Resource: "arn:aws:s3:::b/x" };

describe("what a document permits beyond another:", () => {
  test.each<[string, ReturnType<typeof document>, ReturnType<typeof document>, string[], string[]]>([
    [
      "nothing where only the form differs",
      document(GET, PUT),
      document({ ...GET, Action: ["s3:PutObject", "s3:GetObject"] }),
      [],
      [],
    ],
    [
      "nothing where a statement has a name, is split, or covers another",
      document(GET, PUT),
      document(
        { ...GET, Sid: "Reads" },
        PUT,
        { ...GET, Resource: ["arn:aws:s3:::b/a/*", "arn:aws:s3:::b/x"] },
        { ...PUT, Condition: { StringEquals: { "s3:x-amz-acl": "private" } } },
      ),
      [],
      [],
    ],
    ["another action", document(GET), document(GET, PUT), ["now may s3:PutObject on arn:aws:s3:::b/*"], []],
    [
      "less, where a right went",
      document(GET, PUT),
      document(GET),
      [],
      ["no longer may s3:PutObject on arn:aws:s3:::b/*"],
    ],
    [
      "more, where a refusal went",
      document(PUT, DENY),
      document(PUT),
      ["no longer refused: s3:PutObject on arn:aws:s3:::b/x"],
      [],
    ],
    [
      "less, where a refusal came",
      document(PUT),
      document(PUT, DENY),
      [],
      ["now may not s3:PutObject on arn:aws:s3:::b/x"],
    ],
    [
      "more, where a condition went",
      document({ ...GET, Condition: { Bool: { "aws:SecureTransport": "true" } } }),
      document(GET),
      ["now may s3:GetObject on arn:aws:s3:::b/*"],
      [],
    ],
    [
      "all but some",
      document(),
      document({ Effect: "Allow", NotAction: "s3:PutObject", Resource: "*" }),
      ["now may all but s3:PutObject on *"],
      [],
    ],
  ])("%s", (_, expected, actual, more, less) => {
    expect(rightsChange(expected, actual)).toEqual({ more, less, public: [] });
  });

  test("a refusal to anyone that is gone is said to be, and is no public right", () => {
    const denied = document({ ...DENY, Principal: "*" });
    expect(rightsChange(denied, document())).toEqual({
      more: ["no longer refused to anyone: s3:PutObject on arn:aws:s3:::b/x"],
      less: [],
      public: [],
    });
  });

  test.each<[string, unknown]>([
    ["*", "*"],
    ["AWS *", { AWS: "*" }],
    ["AWS **", { AWS: "**" }],
    ["AWS ?*", { AWS: "?*" }],
    ["AWS ?abc, which MinIO lets match no name at all", { AWS: ["?abc"] }],
    ["AWS of an empty name, which is that of nobody's key", { AWS: [""] }],
    ["AWS [*, somebody]", { AWS: ["somebody", "*"] }],
  ])("principal %s is the public", (_, Principal) => {
    expect(rightsChange(undefined, document({ ...GET, Principal })).public).toEqual([
      "anyone may s3:GetObject on arn:aws:s3:::b/*",
    ]);
  });

  test("all but some principals are the public, somebody is not", () => {
    expect(rightsChange(undefined, document({ ...GET, NotPrincipal: { AWS: ["x"] } })).public).toHaveLength(1);
    expect(rightsChange(undefined, document({ ...GET, Principal: { AWS: ["somebody"] } })).public).toEqual([]);
  });
});
