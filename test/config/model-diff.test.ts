import { describe, expect, test } from "vitest";
import { compareModels } from "../../config/model-diff.ts";
import { resolved, STAGES } from "../support/platforms.ts";
import { modelOf } from "../support/spec.ts";

function spec(overlay: string): string {
  return `minio_config: {endpoint: "localhost:9000"}
bucket_groups:
  raw:
    versioning: true
    buckets:
      - {name: a-bucket, tags: {x: "1"}, lifecycle: [{id: cache, prefix: c/, expire_days: 7}]}
  more: {buckets: [{name: b-bucket}]}
access:
  policies: {reader: {grants: [{role: read, bucket: a-bucket}]}}
  groups: {people: {policies: [reader]}}
  users: {someone: {groups: [people]}}
  service_accounts: {a-job: {user: someone, policies: [reader]}}
environments:
  dev: ${overlay}
`;
}

function differences(overlay: string) {
  return compareModels(modelOf(spec(overlay), "dev"), modelOf(spec(overlay), "test"));
}

describe("between two stages", () => {
  test("there is the protection of each bucket, and nothing else, where no overlay differs", () => {
    const settings = [{ setting: "protect", from: false, to: true }];
    expect(differences("{}")).toEqual({
      connection: [],
      parts: ["a-bucket", "b-bucket"].map((name) => ({
        platform: "a",
        kind: "bucket",
        name,
        change: "changed",
        settings,
      })),
    });
  });

  test("settings are named by their keys, rules by their ids, and what isn't there is null", () => {
    const overlay = `{bucket_groups: {raw: {retention_days: 7, buckets: [
      {name: a-bucket, tags: {x: "2", y: "3"}, object_lock: {mode: governance, days: 1}, lifecycle: [{id: cache, prefix: c/, expire_days: 1}, {id: new, prefix: n/, expire_days: 2}]}]}}}`;
    const [bucket] = differences(overlay).parts;
    expect(bucket?.settings.filter(({ setting }) => !setting.startsWith("lifecycle"))).toEqual([
      { setting: "objectLock", from: { mode: "governance", days: 1 }, to: null },
      { setting: "protect", from: false, to: true },
      { setting: "retentionDays", from: 7, to: null },
      { setting: "tags.x", from: "2", to: "1" },
      { setting: "tags.y", from: "3", to: null },
    ]);
    const rules = bucket?.settings.filter(({ setting }) => setting.startsWith("lifecycle")) ?? [];
    expect(rules[0]).toEqual({ setting: "lifecycle.cache.expireDays", from: 1, to: 7 });
    expect(rules[1]).toMatchObject({ setting: "lifecycle.new", from: { id: "new", expireDays: 2 }, to: null });
    expect(rules).toHaveLength(2);
  });

  test("a part that one side lacks is added or removed", () => {
    const overlay = "{bucket_groups: {more: null, third: {buckets: [{name: c-bucket}]}}, minio_config: null}";
    const { parts, connection } = differences(overlay);
    expect(parts.filter(({ change }) => change !== "changed")).toEqual([
      { platform: "a", kind: "bucket", name: "b-bucket", change: "added", settings: [] },
      { platform: "a", kind: "bucket", name: "c-bucket", change: "removed", settings: [] },
    ]);
    expect(connection).toEqual([
      { setting: "connection", from: null, to: { endpoint: "localhost:9000", secure: false, region: "us-east-1" } },
    ]);
  });

  test("policies, groups, users and service accounts are compared, and what is said about the platform", () => {
    const overlay = `{metadata: {description: other}, access: {
      policies: {reader: {grants: [{role: read, bucket: b-bucket}]}, extra: {grants: [{role: list, bucket: a-bucket}]}},
      groups: {people: {policies: [extra]}}, users: {someone: {policies: [reader, extra]}},
      service_accounts: {a-job: {policies: [extra]}}}}`;
    const { parts } = differences(overlay);
    const said = parts
      .filter(({ kind }) => kind !== "bucket")
      .map(({ kind, name, change }) => `${kind} ${name} ${change}`);
    expect(said).toEqual([
      "platform a changed",
      "policy a-extra removed",
      "policy a-reader changed",
      "group people changed",
      "user someone changed",
      "service_account a-job changed",
    ]);
  });
});

test("a model differs in nothing from itself, and both ways in the same", () => {
  const [dev, production] = STAGES.map((stage) => resolved(null, stage));
  if (dev === undefined || production === undefined) throw new Error("two stages");
  expect(compareModels(dev, dev)).toEqual({ connection: [], parts: [] });
  const [there, back] = [compareModels(dev, production), compareModels(production, dev)];
  const turned = back.parts.map((part) => ({
    ...part,
    settings: part.settings.map(({ setting, from, to }) => ({ setting, from: to, to: from })),
  }));
  expect(turned).toEqual(there.parts);
});
