import type { Bucket, ReplicationRule } from "../config/model.ts";
import type { Weaker } from "./change.ts";
import { type Markdown, md } from "./markdown.ts";

/** Where objects go that stayed here, where they are copied no more, and which deletions reach the other side. */
export function replicationChanges({ replication: was }: Bucket, { replication: is }: Bucket): Weaker[] {
  const weaker = (risk: Weaker["risk"], text: Markdown): Weaker => ({ risk, text, settings: ["replication"] });
  const former = (rule: ReplicationRule) => was.find((each) => reachOf(each) === reachOf(rule));
  const started = is.filter((rule) => former(rule) === undefined);
  const ended = was.filter((rule) => !is.some((each) => reachOf(each) === reachOf(rule)));
  const onNow = (key: "deleteMarkers" | "deleteVersions") => is.filter((rule) => rule[key] && !former(rule)?.[key]);
  return [
    ...started.map((rule) => weaker("access", md`${whatOf(rule)} is copied to ${rule.bucket} of remote ${rule.to}`)),
    ...ended.map((rule) =>
      weaker("protection", md`${whatOf(rule)} is no longer copied to ${rule.bucket} of remote ${rule.to}`),
    ),
    ...onNow("deleteVersions").map((rule) =>
      weaker("protection", md`a version that is deleted here is deleted in ${rule.bucket} of remote ${rule.to}, too`),
    ),
    ...onNow("deleteMarkers").map((rule) =>
      weaker("protection", md`an object that is deleted here is hidden in ${rule.bucket} of remote ${rule.to}, too`),
    ),
  ];
}

function reachOf({ to, bucket, prefix }: ReplicationRule): string {
  return JSON.stringify([to, bucket, prefix]);
}

function whatOf({ prefix }: ReplicationRule): Markdown {
  return prefix === "" ? md`every new object` : md`every new object below ${prefix}`;
}
