import { expect, test } from "vitest";
import { accessTo, accessUnknown } from "../../live/bucket-access.ts";
import type { LiveGroup, LiveServer, Look } from "../../live/live-server.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

const policy = (Effect: string, Action: string[], Resource: string[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect, Action, Resource: Resource.map((each) => `arn:aws:s3:::${each}`) }],
});
const user = (policies: string[], enabled = true) => ({ enabled, policies });
const group = (members: string[], policies: string[], enabled = true) => ({ value: { enabled, members, policies } });

test("who may what in a bucket: by own policies and those of groups, by patterns, by refusals; not who is disabled", () => {
  const live: Pick<LiveServer, "users" | "groups" | "policies"> = {
    users: {
      value: new Map([
        ["part", user(["part"])],
        ["member", user([])],
        ["refused", user(["all", "no-deletes"])],
        ["other", user(["other"])],
        ["gone", user(["all"], false)],
      ]),
    },
    groups: {
      value: new Map([
        ["staff", group(["member"], ["pattern"])],
        ["left", group(["other"], ["all"], false)],
      ]),
    },
    policies: new Map<string, { value: PolicyDocument }>([
      ["part", { value: policy("Allow", ["s3:GetObject"], ["orders/in/*"]) }],
      ["pattern", { value: policy("Allow", ["s3:ListBucket"], ["ord*"]) }],
      ["all", { value: policy("Allow", ["s3:*"], ["*"]) }],
      ["no-deletes", { value: policy("Deny", ["s3:DeleteObject"], ["orders/*"]) }],
      ["other", { value: policy("Allow", ["s3:GetObject"], ["orders-old/*"]) }],
    ]),
  };
  expect(accessTo("orders", live)).toEqual([
    { identity: "part", actions: ["s3:GetObject"] },
    { identity: "member", actions: ["s3:ListBucket"] },
    { identity: "refused", actions: ["not s3:DeleteObject", "s3:*"] },
  ]);
});

test("what of groups and policies can't be read is told, where somebody holds it", () => {
  const users = { value: new Map([["reader", user(["held", "known"])]]) };
  const policies: LiveServer["policies"] = new Map<string, Look<PolicyDocument>>([
    ["held", { reason: "may not" }],
    ["known", { value: policy("Allow", ["s3:*"], ["*"]) }],
    ["of-staff", { reason: "nor this" }],
    ["of-nobody", { reason: "no matter" }],
  ]);
  const groups: LiveServer["groups"] = {
    value: new Map<string, Look<LiveGroup>>([
      ["staff", group([], ["of-staff"])],
      ["secret", { reason: "may not see it" }],
    ]),
  };
  expect(accessUnknown({ users, groups, policies })).toEqual([
    "group secret: may not see it",
    "policy held: may not",
    "policy of-staff: nor this",
  ]);
  expect(accessUnknown({ users, groups: { reason: "no" }, policies })).toEqual(["groups: no"]);
});
