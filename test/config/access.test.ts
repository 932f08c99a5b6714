import { describe, expect, test } from "vitest";
import { formatIssue } from "../../config/issues.ts";
import type { Access } from "../../config/model.ts";
import { faultsOf, judgeTexts, modelOf, type Texts } from "../support/spec.ts";

const FILE = `bucket_groups: {raw: {buckets: [{name: raw-data}, {name: raw-archive}]}}
access:
  policies:
    writer: {grants: [{role: write, bucket: raw-data, prefixes: [b/, a/]}, {role: read, bucket: raw-archive}]}
    reader: {name: team-reader, grants: [{role: read, bucket: raw-data}]}
  groups:
    team: {policies: [writer, reader]}
  users:
    eve: {}
    ann: {policies: [reader], groups: [team]}
  service_accounts:
    job: {user: ann, policies: [writer]}
`;

function accessOf(text: string, stage = "dev"): Access | undefined {
  return modelOf(text, stage).platforms[0]?.access;
}

function faults(texts: Texts): string[] {
  return judgeTexts(texts).issues.map(formatIssue);
}

describe("access", () => {
  test("resolves to the names of the server, sorted, each default applied", () => {
    expect(accessOf(FILE)).toEqual({
      policies: [
        {
          key: "writer",
          name: "a-writer",
          grants: [
            { role: "write", bucket: "raw-data", prefixes: ["a/", "b/"] },
            { role: "read", bucket: "raw-archive", prefixes: [] },
          ],
        },
        { key: "reader", name: "team-reader", grants: [{ role: "read", bucket: "raw-data", prefixes: [] }] },
      ],
      groups: [{ name: "team", policies: ["a-writer", "team-reader"] }],
      users: [
        { name: "ann", policies: ["team-reader"], groups: ["team"] },
        { name: "eve", policies: [], groups: [] },
      ],
      serviceAccounts: [{ name: "job", user: "ann", policies: ["a-writer"] }],
    });
  });

  test("of a service account may be more than its user has: verify tells", () => {
    const text = FILE.replace("{policies: [reader], groups: [team]}", "{policies: [reader]}");
    expect(faultsOf(text)).toEqual([]);
  });

  test("may be spread over the files of a stack, but each names only what is its own", () => {
    const other = "access: {policies: {other: {grants: [{role: read, bucket: raw-data}]}}}\n";
    expect(faults({ "a.yaml": FILE, "b.yaml": other })).toEqual([
      'b.yaml:1:59 dangling-reference access.policies.other.grants[0].bucket: this file has no bucket "raw-data", nor any other; name a bucket of this file, or add it',
    ]);
  });

  test("has each name once in a stack, and the fault names both places", () => {
    const bucket = "bucket_groups: {own: {buckets: [{name: own-data}]}}\n";
    const other = `${bucket}access:
  policies: {own: {name: a-writer, grants: [{role: read, bucket: own-data}]}}
  groups: {team: {policies: [own]}}
  users: {job: {policies: [own]}}
`;
    const shared = "(users and service accounts share their names: outputs hold their keys by it)";
    expect(faults({ "a.yaml": FILE, "b.yaml": other })).toEqual([
      'b.yaml:3:26 duplicate-name access.policies.own.name: policy "a-writer" stands at a.yaml:4:5 already; rename one of the two',
      'b.yaml:4:12 duplicate-name access.groups.team: group "team" stands at a.yaml:7:5 already; rename one of the two',
      `b.yaml:5:11 duplicate-name access.users.job: user "job" stands at a.yaml:12:5 already, as a service account ${shared}; rename one of the two`,
    ]);
  });
});

describe("an overlay of access", () => {
  const inDev = (lines: string): string => `${FILE}environments:\n  dev:\n    access:\n${lines}`;

  test("merges the maps by key and replaces the lists", () => {
    const text = inDev(`      policies:
        writer: {grants: [{role: read_write, bucket: raw-archive}]}
        reader: {name: dev-reader}
      users:
        bob: {policies: [reader]}
        ann: {groups: []}
`);
    expect(accessOf(text)).toMatchObject({
      policies: [
        { name: "a-writer", grants: [{ role: "read_write", bucket: "raw-archive", prefixes: [] }] },
        { name: "dev-reader", grants: [{ role: "read", bucket: "raw-data" }] },
      ],
      users: [
        { name: "ann", policies: ["dev-reader"], groups: [] },
        { name: "bob", policies: ["dev-reader"], groups: [] },
        { name: "eve", policies: [], groups: [] },
      ],
    });
    expect(accessOf(text, "production")).toEqual(accessOf(FILE));
  });

  test("removes an identity, or all of access", () => {
    expect(accessOf(inDev("      service_accounts: {job: null}\n"))?.serviceAccounts).toEqual([]);
    const none = { policies: [], groups: [], users: [], serviceAccounts: [] };
    expect(accessOf(`${FILE}environments: {dev: {access: null}}\n`)).toEqual(none);
  });
});

describe("a fault hides none but its own", () => {
  test("a faulty grant goes alone, and what names its policy is right", () => {
    const text = FILE.replace(
      "{role: write, bucket: raw-data, prefixes: [b/, a/]}",
      "{role: wirte, bucket: raw-data}",
    ).replace("{role: read, bucket: raw-archive}", "{role: read, bucket: raw-archiv}");
    expect(faultsOf(text).map((line) => line.split(" ", 3).slice(0, 3).join(" "))).toEqual([
      "4:30 not-allowed access.policies.writer.grants[0].role:",
      "4:77 dangling-reference access.policies.writer.grants[1].bucket:",
    ]);
  });

  test("a grant with faulty prefixes isn't taken for one on the whole bucket", () => {
    const twice = "{role: read, bucket: raw-data}, {role: read, bucket: raw-data, prefixes: a/}";
    expect(faultsOf(FILE.replace("{role: read, bucket: raw-data}", twice)).map((line) => line.split(" ")[1])).toEqual([
      "wrong-type",
    ]);
  });

  test("a bucket without a name may be the one that is missed", () => {
    expect(faultsOf(FILE.replace("name: raw-archive", "nam: raw-archive")).map((line) => line.split(" ")[1])).toEqual([
      "missing-key",
      "unknown-key",
    ]);
  });

  test.each([
    ["policies: 5", "wrong-type"],
    ["policies: {reader: }", "wrong-type"],
    ["policies: {reader: {grants: []}}", "out-of-range"],
  ])("what names %s isn't told to name nothing", (policies, code) => {
    const text = `access:\n  ${policies}\n  users: {ann: {policies: [reader]}}\n`;
    expect(faultsOf(text).map((line) => line.split(" ")[1])).toEqual([code]);
  });
});
