import { describe, expect, test } from "vitest";
import { halfIssued, identitiesIn } from "../../cli/key/identity-resources.ts";
import type { Deployment } from "../../cli/recovery/recovery-plan.ts";
import { chosenAccounts } from "../../cli/rotate/choose.ts";
import { localReaders } from "../../cli/rotate/local-readers.ts";
import { keyMetrics } from "../../cli/rotate/metrics.ts";
import { endOfGrace, type KeyFacts, phaseOf } from "../../cli/rotate/phase.ts";
import { setAside, without } from "../../cli/rotate/set-aside.ts";
import { platform } from "../support/platforms.ts";

const NOW = new Date("2026-11-30T12:00:00Z");
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);
const ROTATION = { maxAgeDays: 90, graceDays: 7 };
const FACTS: KeyFacts = { rotation: ROTATION, made: daysAgo(10), hasKey: true, previous: undefined };

describe("what is to be done with a key follows from state and server alone:", () => {
  test.each<[string, Partial<KeyFacts>, string]>([
    ["young, nothing", {}, "current"],
    ["of exactly the age that is permitted, replace it", { made: daysAgo(90) }, "due"],
    ["of an age that nobody knows, replace it", { made: undefined }, "due"],
    [
      "old, where no age is set, nothing",
      { made: daysAgo(900), rotation: { ...ROTATION, maxAgeDays: null } },
      "current",
    ],
    ["never made, nothing", { hasKey: false, made: undefined }, "absent"],
    ["set aside without a new one, make it", { hasKey: false, previous: { isThere: true, ends: undefined } }, "issue"],
    [
      "set aside and removed by hand, make the new one",
      { hasKey: false, previous: { isThere: false, ends: undefined } },
      "issue",
    ],
    ["beside a new one without a note, deliver", { previous: { isThere: true, ends: undefined } }, "deliver"],
    ["within its grace, wait", { previous: { isThere: true, ends: daysAgo(-1) } }, "grace"],
    [
      "within its grace, and the new one is old itself, wait",
      { made: daysAgo(99), previous: { isThere: true, ends: daysAgo(-1) } },
      "grace",
    ],
    [
      "with more time than the spec permits, begin the grace again",
      { previous: { isThere: true, ends: daysAgo(-8) } },
      "deliver",
    ],
    ["with all the time that it permits, wait", { previous: { isThere: true, ends: daysAgo(-7) } }, "grace"],
    ["at the end of its grace, end it", { previous: { isThere: true, ends: NOW } }, "revoke"],
    ["gone from the server, forget it", { previous: { isThere: false, ends: undefined } }, "revoke"],
  ])("%s", (_, facts, phase) => {
    expect(phaseOf({ ...FACTS, ...facts }, NOW).phase).toBe(phase);
  });

  test("a grace has the days of the spec", () => {
    expect(endOfGrace(ROTATION, NOW)).toEqual(daysAgo(-7));
  });
});

const URN =
  "urn:pulumi:dev::bucketworks::bucketworks:storage:Platform$minio:index/iamServiceAccount:IamServiceAccount::p/job@x";
const TYPE = "minio:index/iamServiceAccount:IamServiceAccount";
const SECRET = "urn:pulumi:dev::bucketworks::kubernetes:core/v1:Secret::Secret/job-s3";
const state = (): Deployment => ({
  resources: [
    { urn: URN, type: TYPE, id: "KEY", created: daysAgo(3).toISOString() },
    { urn: `${URN}-b`, type: TYPE, id: "OTHER" },
    { urn: SECRET, type: "kubernetes:core/v1:Secret", dependencies: [URN], propertyDependencies: { data: [URN] } },
  ],
});

test("a key is set aside with all that names it, and nobody else's; its account has none until one is made", () => {
  const after = setAside(state(), [URN]);
  expect(after.resources).toMatchObject([
    { urn: `${URN}/previous`, id: "KEY" },
    { urn: `${URN}-b` },
    { urn: SECRET, dependencies: [`${URN}/previous`], propertyDependencies: { data: [`${URN}/previous`] } },
  ]);
  expect(identitiesIn(after).map(({ identity }) => identity)).toEqual(["job@x-b"]);
  expect([...halfIssued(after)]).toEqual([["job@x", { urn: `${URN}/previous`, accessKey: "KEY" }]]);
});

test("a former key that the server hasn't any more is forgotten, also by what was never brought the new one; the rest stays as it is", () => {
  const after = setAside(state(), [URN]);
  expect(without(after, [`${URN}/previous`]).resources).toEqual([
    { urn: `${URN}-b`, type: TYPE, id: "OTHER" },
    { urn: SECRET, type: "kubernetes:core/v1:Secret", dependencies: [], propertyDependencies: { data: [] } },
  ]);
  expect(without(after, [])).toEqual(after);
});

test("beside its former key an account is one identity, with the key that is handed out", () => {
  const { resources = [] } = setAside(state(), [URN]);
  const both = { resources: [...resources, { urn: URN, type: TYPE, id: "NEW", created: NOW.toISOString() }] };
  const found = identitiesIn(both).find(({ identity }) => identity === "job@x");
  expect(found).toMatchObject({ accessKey: "NEW", made: NOW, previous: { accessKey: "KEY" } });
  expect(halfIssued(both).size).toBe(0);
});

test("who reads a key when it starts is named: the account of MLflow, and no other", () => {
  const platforms = [platform("mlops", "dev"), platform("usdcop", "dev")];
  expect(localReaders(platforms, "mlops-mlflow-server")).toEqual(["MLflow of mlops"]);
  expect(localReaders(platforms, "usdcop-l1-job")).toEqual([]);
});

test("Prometheus is told when each key was made, and nothing of one of which nobody knows it", () => {
  const resource = { urn: "", kind: "service account", identity: "", accessKey: "A", user: "u", attached: [] } as const;
  const account = (name: string, made: Date | undefined) => ({
    ...{ name, platform: "shop" },
    resource: { ...resource, made, previous: undefined },
  });
  expect(
    keyMetrics([account('a"b', daysAgo(0)), account("c", undefined)], "production")
      .split("\n")
      .slice(2),
  ).toEqual([
    'bucketworks_key_made_timestamp_seconds{platform="shop",account="a\\"b",stack="production"} 1796040000',
    "",
  ]);
});

test("an account whose old key is in its grace is left alone, also where it is named, and says until when", () => {
  const ends = new Date("2026-12-02T12:00:00Z");
  const account = { name: "job", platform: "shop", rotation: ROTATION, resource: undefined, previous: undefined };
  const grace = { ...account, phase: { phase: "grace" as const, ends } };
  expect(chosenAccounts([grace], ["job"], "dev")).toEqual({
    accounts: [],
    untouched: ["job: both keys are taken until 2026-12-02T12:00:00.000Z"],
  });
  expect(chosenAccounts([grace], undefined, "dev")).toEqual({ accounts: [], untouched: [] });
});
