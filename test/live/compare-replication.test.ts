import { expect, test } from "vitest";
import { findingLine } from "../../live/bucket-words.ts";
import { compareReplication, targetPlace } from "../../live/compare-replication.ts";
import { bucketOf } from "../../live/documents.ts";
import { aBucket } from "../support/a-bucket.ts";

const REMOTES = { standby: { endpoint: "https://standby.example:443" } };
const RULE = {
  ...{ to: "standby", bucket: "copy", prefix: "", priority: 1 },
  ...{ deleteMarkers: false, deleteVersions: false, existingObjects: true },
};
const BUCKET = aBucket({ name: "orders", versioning: true, replication: [RULE] });
const ARN = "arn:minio:replication::1:copy";
const TARGETS = [{ bucket: "orders", endpoint: "standby.example:443", secure: true, targetBucket: "copy", arn: ARN }];

/** As MinIO writes a rule. */
const rule = (change: (xml: string) => string = (xml) => xml): string =>
  change(
    `<Rule><ID>standby-1</ID><Status>Enabled</Status><Priority>1</Priority><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><DeleteReplication><Status>Disabled</Status></DeleteReplication><Destination><Bucket>${ARN}</Bucket></Destination><SourceSelectionCriteria><ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria><Filter><Prefix></Prefix></Filter><ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication></Rule>`,
  );

function lines(rules: string, targets = TARGETS): string[] {
  const held = bucketOf(
    new Map([
      ["notification.xml", "<NotificationConfiguration/>"],
      ["replication.xml", `<ReplicationConfiguration>${rules}</ReplicationConfiguration>`],
    ]),
  );
  if (held === undefined) throw new Error("not a document");
  return compareReplication(BUCKET, REMOTES, held.replication, targets).map((each) =>
    findingLine({ bucket: "orders", ...each }),
  );
}

test("a rule as the spec has it is no difference, whether its port is said or not", () => {
  expect(lines(rule())).toEqual([]);
});

test.each([
  ["disabled", (xml: string) => xml.replace("<Status>Enabled", "<Status>Disabled"), "enabled: expected true, is false"],
  [
    "copying deletions",
    (xml: string) => xml.replace("<DeleteReplication><Status>Disabled", "<DeleteReplication><Status>Enabled"),
    "delete_versions: expected false, is true",
  ],
  ["limited", (xml: string) => xml.replace("<Prefix></Prefix>", "<Prefix>a/</Prefix>"), 'prefix: expected "", is a/'],
  [
    "limited by a tag",
    (xml: string) => xml.replace("<Prefix></Prefix>", "<Tag><Key>k</Key><Value>v</Value></Tag>"),
    'besides: expected "", is tag k=v',
  ],
])("a rule that somebody has %s is told by what differs", (_what, change, words) => {
  expect(lines(rule(change))).toEqual([`orders replication.standby-1.${words}`]);
});

test("a rule that is gone, that leads elsewhere, and one that nobody asked for are told in words", () => {
  const wanted = "to https://standby.example/copy, priority 1, existing_objects";
  expect(lines("")).toEqual([`orders replication.standby-1: expected ${wanted}, is none`]);
  expect(lines(rule(), [])).toEqual([
    `orders replication.standby-1.to: expected https://standby.example/copy, is ${ARN}`,
  ]);
  expect(
    lines(rule() + rule((xml) => xml.replace("standby-1", "theirs").replace("<Priority>1", "<Priority>7"))),
  ).toEqual([
    "orders replication.theirs: expected none, is to https://standby.example/copy, priority 7, existing_objects",
  ]);
});

test("of a bucket whose spec says nothing, and where no remote is known, nothing is said", () => {
  expect(compareReplication(aBucket({ name: "orders" }), REMOTES, [], TARGETS)).toEqual([]);
  expect(compareReplication(BUCKET, {}, [], TARGETS)).toEqual([]);
});

test("a target's place says its scheme, and a port only where it is another than the scheme's", () => {
  const at = (secure: boolean, endpoint: string): string =>
    targetPlace({ bucket: "orders", endpoint, secure, targetBucket: "copy", arn: ARN });
  expect(at(true, "standby.example:443")).toBe("https://standby.example/copy");
  expect(at(true, "Standby.example:80")).toBe("https://standby.example:80/copy");
  expect(at(false, "standby.example:443")).toBe("http://standby.example:443/copy");
  expect(at(true, "")).toBe("https:///copy");
});
