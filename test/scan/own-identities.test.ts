import { describe, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { OWN_POLICIES, ownIdentities } from "../../live/own-identities.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { compareServer } from "../../scan/compare/compare-server.ts";
import { withoutOwn } from "../../scan/compare/without-own.ts";
import { modelOf } from "../support/spec.ts";
import { imported, looks, NONE } from "./imported.ts";
import { liveBucket, liveServer } from "./live-server.ts";

describe("who deploys and scans", () => {
  const [DEPLOYER, SCANNER] = ["bucketworks-deployer", "bucketworks-scanner"] as const;
  const user = (...policies: string[]) => ({ enabled: true, policies });
  const renamed = { ...OWN_POLICIES[DEPLOYER], Statement: [...(OWN_POLICIES[DEPLOYER]?.Statement ?? [])].reverse() };
  const live = liveServer(NONE, {
    policies: looks([
      ...Object.entries(OWN_POLICIES),
      ["our-cd", renamed as PolicyDocument],
      ["reader", accessPolicy([{ role: "read", bucket: "raw-data", prefixes: [] }])],
    ]),
    buckets: new Map([["raw-data", { value: liveBucket() }]]),
    users: {
      value: new Map([
        ["deployer-1a2b", user(DEPLOYER)],
        ["scanner", user(SCANNER)],
        ["ops", user("consoleAdmin")],
        ["by-group", user()],
        ["by-another-name", user("our-cd", "reader")],
        ["ada", user("reader")],
      ]),
    },
    groups: { value: new Map([["cd", { value: { enabled: true, members: ["by-group"], policies: [DEPLOYER] } }]]) },
  });

  test("are in no spec, nor is a policy of theirs, and each is named with the reason", () => {
    const { model, left } = imported(live, NONE, ["ops"]);
    expect(model.platforms[0]?.access.users.map(({ name }) => name)).toEqual(["ada"]);
    expect(model.platforms[0]?.access.policies.map(({ name }) => name)).toEqual(["reader"]);
    const reasons = Object.fromEntries(left.map(({ subject: { kind, name }, reason }) => [`${kind} ${name}`, reason]));
    for (const name of ["deployer-1a2b", "by-group", "by-another-name"])
      expect(reasons[`user ${name}`]).toMatch(
        /^it holds (bucketworks-deployer|our-cd): who deploys, scans or reads metrics is in no/,
      );
    expect(reasons["user scanner"]).toMatch(/^it holds bucketworks-scanner/);
    expect(reasons["user ops"]).toMatch(/^bucketworks itself uses its key/);
    for (const name of [DEPLOYER, SCANNER, "our-cd"])
      expect(reasons[`policy ${name}`]).toBe("it is there for bucketworks itself, which a spec could lock out");
  });

  const SPEC = modelOf("bucket_groups: {all: {buckets: [{name: raw-data}]}}\n");
  const found = (users: Record<string, string[]>, { policies = OWN_POLICIES, known = [] as string[] } = {}) => {
    const own = liveServer(SPEC);
    const server: LiveServer = {
      ...own,
      policies: new Map([...own.policies, ...looks(Object.entries(policies))]),
      users: { value: new Map(Object.entries(users).map(([name, held]) => [name, user(...held)])) },
    };
    const { findings } = compareServer(SPEC, server);
    return withoutOwn(findings, server, ownIdentities(server, new Set(known))).map(
      ({ kind, severity, subject }) => `${severity} ${kind} ${subject.kind} ${subject.name}`,
    );
  };

  test("are no finding of a scan, made as docs/ say", () => {
    expect(found({ "deployer-1a2b": [DEPLOYER], scanner: [SCANNER] })).toEqual([]);
  });

  test("are none either with the policy of notifications beside, and a policy with a name that every object has is judged as any other", () => {
    const NOTIFICATIONS = "bucketworks-notifications";
    expect(found({ "deployer-1a2b": [DEPLOYER, NOTIFICATIONS] })).toEqual([]);
    const reader = accessPolicy([{ role: "read", bucket: "raw-data", prefixes: [] }]);
    expect(found({}, { policies: { ...OWN_POLICIES, constructor: reader } })).toEqual([
      "low unmanaged policy constructor",
    ]);
  });

  test("Prometheus's user is none either, under whatever name; one that holds another policy besides is one, as is a second one", () => {
    const METRICS = "bucketworks-metrics";
    const policies = { "minio-metrics": OWN_POLICIES[METRICS] as PolicyDocument };
    expect(found({ prometheus: [METRICS] })).toEqual([]);
    expect(found({ prometheus: ["minio-metrics"] }, { policies })).toEqual([]);
    expect(found({ prometheus: [METRICS, "readonly"] })).toHaveLength(1);
    expect(found({ prometheus: [METRICS], mallory: [METRICS] })).toHaveLength(2);
  });

  test("a second holder is, who may be anybody: only who is known to be right is left out", () => {
    const users = { "deployer-1a2b": [DEPLOYER], mallory: [DEPLOYER] };
    expect(found(users, { known: ["deployer-1a2b"] })).toEqual(["high unmanaged user mallory"]);
    expect(found(users)).toEqual(["high unmanaged user deployer-1a2b", "high unmanaged user mallory"]);
  });

  test("a copy of the deployer's rights is found under the scanner's name, under one of MinIO's, and under another held by a second one", () => {
    const DOCUMENT = OWN_POLICIES[DEPLOYER] as PolicyDocument;
    expect(found({ scanner: [SCANNER] }, { policies: { ...OWN_POLICIES, [SCANNER]: DOCUMENT } })).toEqual([
      "high unmanaged user scanner",
      "high changed policy bucketworks-scanner",
    ]);
    expect(found({ mallory: ["readonly"] }, { policies: { ...OWN_POLICIES, readonly: DOCUMENT } })).toEqual([
      "high unmanaged user mallory",
      "high changed policy readonly",
    ]);
    const both = { policies: { ...OWN_POLICIES, x: DOCUMENT }, known: ["deployer-1a2b"] };
    expect(found({ "deployer-1a2b": [DEPLOYER], mallory: ["x"] }, both)).toEqual(["high unmanaged user mallory"]);
  });

  test("one who holds more is, and a policy that permits more than docs/ has it", () => {
    expect(found({ scanner: [SCANNER, "consoleAdmin"] })).toEqual(["high unmanaged user scanner"]);
    const Statement = [...(OWN_POLICIES[SCANNER]?.Statement ?? []), { Effect: "Allow", Action: ["admin:*"] }];
    const wider = { ...OWN_POLICIES, [SCANNER]: { Version: "2012-10-17", Statement } };
    expect(found({ scanner: [SCANNER] }, { policies: wider })).toEqual([
      "high unmanaged user scanner",
      "high changed policy bucketworks-scanner",
    ]);
  });
});
