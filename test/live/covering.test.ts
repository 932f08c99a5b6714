import { assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { sameRights } from "../../live/covering.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { decisions } from "./policies/decisions.ts";
import { neighbours, REWRITES, rewritten } from "./policies/rewrites.ts";

const document = (...Statement: Record<string, unknown>[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
const b = "arn:aws:s3:::b";
const may = (Action: unknown, Resource?: unknown, more = {}) => ({ Effect: "Allow", Action, Resource, ...more });
const GET = may("s3:GetObject", `${b}/*`);

test("a policy in another text is the same, and permits the same of every request", () => {
  const seen = new Set<string>();
  assert(
    property(rewritten, ({ original, other, steps }) => {
      for (const [name] of steps) seen.add(name);
      return decisions(original) === decisions(other) && sameRights(original, other) && sameRights(other, original);
    }),
    { numRuns: 300 },
  );
  expect([...seen].sort()).toEqual(Object.keys(REWRITES).sort());
});

test("a policy that permits or refuses another request is never the same", () => {
  const outcomes = { same: 0, other: 0 };
  assert(
    property(neighbours, ([one, other]) => {
      const isOther = decisions(one) !== decisions(other);
      outcomes[isOther ? "other" : "same"]++;
      return !isOther || !(sameRights(one, other) || sameRights(other, one));
    }),
    { numRuns: 600 },
  );
  expect(Math.min(outcomes.same, outcomes.other)).toBeGreaterThan(50);
});

describe("the same rights:", () => {
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ["no statement, and none", document(), document()],
    ["all resources as MinIO sends them back", document(may("s3:*", "*")), document(may("s3:*", "**"))],
    ["all resources by their ARN", document(may("s3:*", "*")), document(may("s3:*", "arn:aws:s3:::*"))],
    ["administration with a resource, which isn't asked for", document(may("admin:*")), document(may("admin:*", "*"))],
    ["no version, where no variable needs one", document(GET), { ...document(GET), Version: "" }],
    [
      "a folder of a user below one that everybody has",
      document(GET),
      document(GET, may("s3:GetObject", `${b}/\${aws:username}/*`)),
    ],
    [
      "a refusal that another one covers",
      document(GET, { ...GET, Effect: "Deny" }),
      document(GET, { ...GET, Effect: "Deny" }, { ...GET, Effect: "Deny", Resource: [`${b}/secret`] }),
    ],
    [
      "all but some, with each place a statement of its own",
      document({ Effect: "Allow", NotAction: ["s3:PutObject"], Resource: [b, `${b}/*`] }),
      document(
        { Effect: "Allow", NotAction: "s3:PutObject", Resource: `${b}/*`, Sid: "A" },
        { Effect: "Allow", NotAction: "s3:PutObject", Resource: b },
      ),
    ],
  ])("%s", (_, one, other) => {
    expect(sameRights(one, other)).toBe(true);
  });
});

describe("not the same rights, though much alike:", () => {
  const when = (Condition: object) => ({ ...GET, Condition });
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ["a refusal for a right", document(GET), document({ ...GET, Effect: "Deny" })],
    ["another effect", document(GET), document({ ...GET, Effect: "allow" })],
    ["a bucket for what is in it", document(may("s3:*", `${b}/*`)), document(may("s3:*", [b, `${b}/*`]))],
    [
      "a name that a question mark takes, with its slash",
      document(may("s3:*", `${b}/?`)),
      document(may("s3:*", [`${b}/?`, `${b}/x`])),
    ],
    ["a letter of two bytes", document(may("s3:*", `${b}/?*`)), document(may("s3:*", [`${b}/?*`, `${b}/*`]))],
    [
      "what a version permits as well",
      document(may("s3:GetObjectV*", b)),
      document(may(["s3:GetObjectV*", "s3:GetObjectVersion"], b)),
    ],
    ["a condition gone", document(when({ Bool: { "aws:SecureTransport": true } })), document(GET)],
    [
      "one value of a condition more",
      document(when({ StringLike: { "s3:prefix": ["a/"] } })),
      document(when({ StringLike: { "s3:prefix": ["a/", "b/"] } })),
    ],
    [
      "values of two keys swapped",
      document(when({ StringEquals: { "s3:prefix": "a", "s3:delimiter": "b" } })),
      document(when({ StringEquals: { "s3:prefix": "b", "s3:delimiter": "a" } })),
    ],
    ["somebody for anyone", document({ ...GET, Principal: "*" }), document({ ...GET, Principal: { AWS: ["ada"] } })],
    ["anyone for an identity", document({ ...GET, Principal: "*" }), document(GET)],
    [
      "all but somebody for anyone",
      document({ ...GET, Principal: "*" }),
      document({ ...GET, NotPrincipal: { AWS: ["ada"] } }),
    ],
    [
      "somebody of another kind",
      document({ ...GET, Principal: { AWS: ["x"] } }),
      document({ ...GET, Principal: { CanonicalUser: ["x"] } }),
    ],
    [
      "all but one place for all but two",
      document({ Effect: "Allow", Action: "s3:*", NotResource: `${b}/x, ${b}/y` }),
      document({ Effect: "Allow", Action: "s3:*", NotResource: [`${b}/x`, `${b}/y`] }),
    ],
    [
      "all but some actions split",
      document({ ...GET, Action: undefined, NotAction: ["s3:Get*", "s3:Put*"] }),
      document(
        { ...GET, Action: undefined, NotAction: "s3:Get*" },
        { ...GET, Action: undefined, NotAction: "s3:Put*" },
      ),
    ],
    ["no action named", document({ ...GET, Action: [] }), document()],
    [
      "a variable for what it may stand for",
      document(may("s3:*", `${b}/\${aws:username}/*`)),
      document(may("s3:*", [`${b}/\${aws:username}/*`, `${b}/ada/x`])),
    ],
    [
      "variables without the version that knows them",
      document(may("s3:*", `${b}/\${aws:username}`)),
      { ...document(may("s3:*", `${b}/\${aws:username}`)), Version: "2008-10-17" },
    ],
    [
      "what begins with a star, which MinIO takes off",
      document(may("s3:*", "*b/*")),
      document(may("s3:*", ["*b/*", "arn:aws:s3:::sub/*"])),
    ],
    ["an element that nobody knows", document(GET), document({ ...GET, Unless: "Tuesday" })],
  ])("%s", (_, one, other) => {
    expect(sameRights(one, other)).toBe(false);
    expect(sameRights(other, one)).toBe(false);
  });
});

test("a pattern with many stars takes no longer than its length asks for", () => {
  const stars = `${b}/${"*a".repeat(2000)}*`;
  const long = `${b}/${"a".repeat(2000)}b`;
  const start = performance.now();
  expect(sameRights(document(may("s3:*", stars)), document(may("s3:*", [stars, long])))).toBe(true);
  expect(sameRights(document(may("s3:*", `${stars}c*`)), document(may("s3:*", [`${stars}c*`, long])))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});
