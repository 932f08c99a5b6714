import type { Bucket, Encryption, OnDelete, ResolvedModel } from "../config/model.ts";
import { notificationText } from "../config/values/notifications.ts";
import { bytesText } from "../config/values/quota.ts";
import type { Change, Weaker } from "./change.ts";
import { deletionChanges } from "./expiry-changes.ts";
import { code, joined, type Markdown, md } from "./markdown.ts";
import { bucketsOf } from "./model-lookup.ts";
import { replicationChanges } from "./replication-changes.ts";

/** How buckets that stay lose protection, and buckets born public. Removed ones are `removals`'. */
export function bucketChanges(before: ResolvedModel, after: ResolvedModel): Change[] {
  const former = bucketsOf(before);
  return [...bucketsOf(after).values()].flatMap((bucket) => {
    const was = former.get(bucket.name);
    const born = [...publicity(undefined, bucket), ...notifications(undefined, bucket)];
    const weaker = was === undefined ? born : weakenings(was, bucket);
    const subject = { kind: "bucket", names: [bucket.name], platform: bucket.platform } as const;
    return weaker.map((each): Change => ({ ...each, subject }));
  });
}

function weakenings(was: Bucket, is: Bucket): Weaker[] {
  return [
    ...publicity(was, is),
    ...deletionChanges(was, is),
    ...lock(was, is),
    ...versioning(was, is),
    ...encryption(was, is),
    ...protection(was, is),
    ...quota(was, is),
    ...notifications(was, is),
    ...replicationChanges(was, is),
  ];
}

function publicity(was: Bucket | undefined, is: Bucket): Weaker[] {
  const covered = (prefix: string): boolean => (was?.publicRead ?? []).some((old) => prefix.startsWith(old));
  const opened = is.publicRead.filter((prefix) => !covered(prefix));
  if (opened.length === 0) return [];
  const where = opened.includes("") ? md`every object` : md`every object below ${joined(opened.map(code), ", ")}`;
  const text = md`anyone, without credentials, may read ${where}${was === undefined ? md`; the bucket is new` : md``}`;
  return [{ risk: "public", text, settings: ["publicRead"] }];
}

function lock({ objectLock: was }: Bucket, { objectLock: is }: Bucket): Weaker[] {
  const weaker = (text: Markdown): Weaker => ({ risk: "lock", text, settings: ["objectLock"] });
  if (was === null) return [];
  if (is === null) return [weaker(md`new objects are no longer locked (were: ${was.mode}, ${was.days} days)`)];
  return [
    ...(was.mode === "compliance" && is.mode === "governance"
      ? [weaker(md`mode ${was.mode} becomes ${is.mode}: who may bypass it can delete locked versions`)]
      : []),
    ...(is.days < was.days ? [weaker(md`new objects are locked for ${is.days} days instead of ${was.days}`)] : []),
  ];
}

function versioning(was: Bucket, is: Bucket): Weaker[] {
  if (!was.versioning || is.versioning) return [];
  const text = md`overwriting or deleting an object no longer keeps its former version`;
  return [{ risk: "versioning", text, settings: ["versioning", "noncurrentDays"] }];
}

function encryption({ encryption: was }: Bucket, { encryption: is }: Bucket): Weaker[] {
  const weaker = (text: Markdown): Weaker => ({ risk: "encryption", text, settings: ["encryption"] });
  if (strength(is) >= strength(was)) return [];
  if (is.type === "none") return [weaker(md`new objects are stored unencrypted (were: ${was.type})`)];
  return [weaker(md`new objects get ${is.type} instead of ${was.type}: the server's own key, not one of the KMS`)];
}

function strength({ type }: Encryption): number {
  return ["none", "sse-s3", "sse-kms"].indexOf(type);
}

const CONSENT: readonly OnDelete[] = ["retain", "delete_if_empty", "purge"];

const CONSENTS: Readonly<Record<OnDelete, Markdown>> = {
  retain: md`the bucket stays when it leaves the specs`,
  delete_if_empty: md`an empty bucket is deleted when it leaves the specs`,
  purge: md`half of the consent to delete all its objects; the stack's ${"bucketworks:allowPurge"} is the other half`,
};

function protection(was: Bucket, is: Bucket): Weaker[] {
  const weaker = (setting: string, text: Markdown): Weaker => ({ risk: "protection", text, settings: [setting] });
  return [
    ...(was.protect && !is.protect ? [weaker("protect", md`the engine may delete the bucket from now on`)] : []),
    ...(CONSENT.indexOf(is.onDelete) > CONSENT.indexOf(was.onDelete)
      ? [weaker("onDelete", md`${"on_delete"} ${was.onDelete} becomes ${is.onDelete}: ${CONSENTS[is.onDelete]}`)]
      : []),
    ...(!was.adopt && is.adopt
      ? [weaker("adopt", md`a bucket of this name that isn't the stack's may be taken over (${"adopt"})`)]
      : []),
  ];
}

function quota({ quotaBytes: was }: Bucket, { quotaBytes: is }: Bucket): Weaker[] {
  if (is === null || (was !== null && is >= was)) return [];
  const from = was === null ? md`none` : code(bytesText(was));
  const text = md`quota ${from} becomes ${bytesText(is)}: a bucket in which the server's usage scan finds more refuses writes`;
  return [{ risk: "quota", text, settings: ["quotaBytes"] }];
}

/** Who is told learns names of objects and who touched them; who isn't any more may have counted on it. */
function notifications(was: Bucket | undefined, is: Bucket): Weaker[] {
  const [before, after] = [was, is].map((bucket) => (bucket?.notifications ?? []).map(notificationText));
  const [came, went] = [missingIn(before, after), missingIn(after, before)];
  const settings = ["notifications"];
  return [
    ...came.map((each): Weaker => ({ risk: "access", text: md`${each} is told of what happens to objects`, settings })),
    ...went.map((each): Weaker => ({ risk: "rest", text: md`${each} is no longer told of objects`, settings })),
  ];
}

function missingIn(some: readonly string[] = [], all: readonly string[] = []): string[] {
  return all.filter((each) => !some.includes(each));
}
