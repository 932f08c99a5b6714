import { XMLBuilder } from "fast-xml-parser";
import { canonicalRules, type LiveTarget, type ReplicationRule } from "../replication/types.ts";
import { readDocument, writeDocument } from "./bucket-document.ts";
import type { Connection } from "./connection.ts";
import { absent } from "./read.ts";

/** The SDK doesn't know `DeleteReplication`, which is MinIO's own: the document is read and written here. */
const ELEMENT = "ReplicationConfiguration";

interface Status {
  readonly Status?: string;
}

interface Tag {
  readonly Key?: string;
  readonly Value?: string;
}

interface Told {
  readonly ID?: string;
  readonly Status?: string;
  readonly Priority?: string;
  readonly DeleteMarkerReplication?: Status;
  readonly DeleteReplication?: Status;
  readonly ExistingObjectReplication?: Status;
  readonly SourceSelectionCriteria?: { readonly ReplicaModifications?: Status } | "";
  readonly Destination?: { readonly Bucket?: string; readonly StorageClass?: string };
  readonly Filter?: Filter | "";
}

interface Filter {
  readonly Prefix?: string;
  readonly Tag?: Tag;
  readonly And?: { readonly Prefix?: string; readonly Tag?: Tag | readonly Tag[] };
}

/** The rules of a bucket, in canonical form. @param targets of the bucket, which rules name by their ARNs */
export async function readRules(
  server: Connection,
  bucket: string,
  targets: readonly LiveTarget[],
): Promise<ReplicationRule[]> {
  const reading = readDocument<{ Rule?: readonly Told[] }>(server, bucket, "replication", ELEMENT);
  const document = await absent("ReplicationConfigurationNotFoundError", reading);
  return canonicalRules((document?.Rule ?? []).map((rule) => ruleOf(rule, targets)));
}

function ruleOf(told: Told, targets: readonly LiveTarget[]): ReplicationRule {
  const { Prefix, Tag, And } = told.Filter || ({} as Filter);
  const arn = told.Destination?.Bucket ?? "";
  const target = targets.find((each) => each.arn === arn);
  const tags = [Tag, And?.Tag].flatMap((each) => each ?? []) as Tag[];
  const modifications = told.SourceSelectionCriteria || {};
  const beyond = [
    ...tags.map(({ Key = "", Value = "" }) => `tag ${Key}=${Value}`),
    ...(told.Destination?.StorageClass ? [`storage class ${told.Destination.StorageClass}`] : []),
    ...(modifications.ReplicaModifications?.Status === "Disabled" ? ["without changes of replicas"] : []),
  ];
  const prefix = Prefix || And?.Prefix;
  return {
    ID: told.ID ?? "",
    priority: Number(told.Priority ?? 0),
    enabled: told.Status === "Enabled",
    endpoint: target?.endpoint ?? "",
    bucket: target?.bucket ?? arn,
    ...(target?.region && { region: target.region }),
    ...(prefix && { prefix }),
    deleteMarkers: isOn(told.DeleteMarkerReplication),
    deleteVersions: isOn(told.DeleteReplication),
    existingObjects: isOn(told.ExistingObjectReplication),
    ...(beyond.length > 0 && { beyond }),
  };
}

function isOn(given: Status | undefined): boolean {
  return given?.Status === "Enabled";
}

const builder = new XMLBuilder({ format: false });

/** Writes all rules at once. @param arns of targets, by endpoint @throws CallError */
export async function writeRules(
  server: Connection,
  bucket: string,
  rules: readonly ReplicationRule[],
  arns: ReadonlyMap<string, string>,
): Promise<void> {
  const status = (on: boolean): Status => ({ Status: on ? "Enabled" : "Disabled" });
  const Rule = rules.map((rule) => ({
    ID: rule.ID,
    ...status(rule.enabled),
    Priority: rule.priority,
    DeleteMarkerReplication: status(rule.deleteMarkers),
    DeleteReplication: status(rule.deleteVersions),
    Destination: { Bucket: arns.get(rule.endpoint) ?? "" },
    Filter: { Prefix: rule.prefix ?? "" },
    ExistingObjectReplication: status(rule.existingObjects),
  }));
  await writeDocument(server, {
    method: "PUT",
    bucket,
    query: "replication",
    body: builder.build({ [ELEMENT]: { Rule } }),
  });
}

/** Removes all rules of a bucket, and with them MinIO removes all its targets. @throws CallError */
export async function deleteRules(server: Connection, bucket: string): Promise<void> {
  // Without a target left the server says so, after it has removed the rules.
  await absent("RemoteTargetNotFoundError", writeDocument(server, { method: "DELETE", bucket, query: "replication" }));
}
