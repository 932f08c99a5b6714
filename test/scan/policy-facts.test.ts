import { describe, expect, test } from "vitest";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { policyFacts } from "../../scan/unmanaged/policy-facts.ts";

const document = (...Statement: Record<string, unknown>[]): PolicyDocument => ({ Version: "2012-10-17", Statement });

describe("facts of a policy", () => {
  const DENY = { Effect: "Deny", Principal: { AWS: ["*"] }, Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::v/*"] };
  test.each<[string, Record<string, unknown>, string[]]>([
    ["a refusal", DENY, ["anyone may not s3:GetObject on arn:aws:s3:::v/*"]],
    [
      "all but some",
      { Effect: "Allow", NotAction: ["s3:Get*"], Resource: ["a", "b"] },
      ["may all but s3:Get* on a", "may all but s3:Get* on b"],
    ],
    [
      "a network",
      { ...DENY, Effect: "Allow", Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
      ['anyone may s3:GetObject on arn:aws:s3:::v/* when {"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}'],
    ],
    [
      "everybody but one",
      { Effect: "Allow", NotPrincipal: { AWS: ["x"] }, Action: "s3:*", Resource: "r" },
      ['all but {"AWS":["x"]} may s3:* on r'],
    ],
    [
      "a name that could be taken for two",
      { Effect: "Allow", Action: "s3:*", NotResource: ["a, b", "c"] },
      ['may s3:* on all but "a, b", c'],
    ],
    [
      "a name that could be taken for a condition",
      { Effect: "Deny", Action: "s3:*", Resource: ['r when {"Null":{}}'] },
      ['may not s3:* on "r when {\\"Null\\":{}}"'],
    ],
    [
      "somebody",
      { ...DENY, Principal: { AWS: ["arn:x"] } },
      ['{"AWS":["arn:x"]} may not s3:GetObject on arn:aws:s3:::v/*'],
    ],
  ])("say %s", (_, statement, facts) => {
    expect(policyFacts(document(statement))).toEqual(facts);
  });
});
