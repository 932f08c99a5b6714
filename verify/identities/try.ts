import { randomUUID } from "node:crypto";
import type { LiveClient } from "../../live/client.ts";
import { answerFault, codeOf } from "../../live/faults.ts";
import type { Answer, Query, Request } from "../../live/request.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { child, childText, parseXml } from "../../live/xml.ts";
import { beginUpload, deleteKey } from "../try-and-remove.ts";
import type { Probe } from "./probes.ts";
import type { Operation } from "./rights.ts";

/** `untried`: there is no object to read, and without one a refusal can't be told from an absence. */
export type Outcome = "allowed" | "refused" | "untried";

/** Who tries, where, and who looks and cleans up. */
export interface Trial {
  readonly own: LiveClient;
  readonly deployer: LiveClient;
  /** Whether the model permits this operation on an object. */
  readonly may: (operation: Operation, bucket: string, key: string) => boolean;
}

/** The key itself isn't taken: wrong, disabled or deleted. */
export class DeadKey extends Error {}

const REFUSED = new Set(["AccessDenied", "AllAccessDisabled"]);
const A_TAG = "<Tagging><TagSet><Tag><Key>bucketworks</Key><Value>verify</Value></Tag></TagSet></Tagging>";
/** The server looked and found nothing: it was allowed to. */
const ABSENT = new Set(["NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "NoSuchKey", "NoSuchVersion"]);
/** What comes of making or removing a bucket by a request that can't do it, once the right was there. */
const NOTHING_DONE = new Set(["BucketAlreadyExists", "BucketAlreadyOwnedByYou", "NoSuchBucket"]);
const DEAD: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidTokenId",
  "XMinioServiceAccountNotFound",
]);

/**
 * Tries one operation with an identity's key and leaves nothing behind: a put is a multipart upload begun and
 * aborted, a delete is of a key that no object has, a former version that is deleted or tagged is one that isn't there,
 * a bucket that is made is there already, one that is removed isn't, and what a try may have left is taken away with the deployer's key.
 * @throws DeadKey
 * @throws ReadError when the answer says neither yes nor no
 */
export async function tryOut(probe: Probe, { own, deployer, may }: Trial): Promise<Outcome> {
  const { operation, bucket: bucketName, key } = probe;
  const { server } = own;
  const ask = (request: Request) => own.send({ bucketName, ...request });
  switch (operation) {
    case "find the bucket": {
      // the answer to HEAD has no body: there is its status alone
      const answer = await ask({ method: "HEAD" });
      if (answer.status !== 200 && answer.status !== 403)
        throw answerFault(answer, server, { what: `bucket ${bucketName}` });
      return answer.status === 200 ? "allowed" : "refused";
    }
    case "list":
      return judged(await ask({ query: firstBelow(key) }), server);
    case "read the lifecycle":
      return judged(await ask({ query: { lifecycle: "" } }), server);
    case "read the policy":
      return judged(await ask({ query: { policy: "" } }), server);
    case "get": {
      const object = await someObject(deployer, bucketName, folderOf(key));
      const fits = object !== undefined && may("get", bucketName, object) === probe.allowed;
      if (!fits && probe.allowed) return "untried";
      return judged(await ask({ objectName: fits ? object : key, headers: { range: "bytes=0-0" } }), server);
    }
    case "get a former version": {
      const found = await someVersion(deployer, bucketName, folderOf(key));
      const fits = found !== undefined && may(operation, bucketName, found.key) === probe.allowed;
      const { key: objectName, version } = fits ? found : { key, version: randomUUID() };
      const query = { versionId: version };
      return judged(await ask({ objectName, query, headers: { range: "bytes=0-0" } }), server);
    }
    case "tag a former version":
      return judged(
        await ask({ method: "PUT", objectName: key, query: { tagging: "", versionId: randomUUID() }, payload: A_TAG }),
        server,
      );
    case "delete a former version":
      return judged(await ask({ method: "DELETE", objectName: key, query: { versionId: randomUUID() } }), server);
    case "make a bucket":
    case "remove a bucket": {
      const answer = await ask({ method: operation === "make a bucket" ? "PUT" : "DELETE" });
      return NOTHING_DONE.has(codeOf(answer) ?? "") ? "allowed" : judged(answer, server);
    }
    case "put":
      return judged(await beginUpload({ asker: own, cleaner: deployer, bucketName, objectName: key }), server);
    case "delete":
      return judged(await deleteKey({ asker: own, cleaner: deployer, bucketName, objectName: key }), server);
  }
}

/** @throws DeadKey @throws ReadError when the answer says neither yes nor no */
export function judged(answer: Answer, server: ServerAddress): Outcome {
  const code = codeOf(answer);
  if (answer.status < 300 || answer.status === 416) return "allowed";
  if (code !== undefined && ABSENT.has(code)) return "allowed";
  if (code !== undefined && REFUSED.has(code)) return "refused";
  if (code !== undefined && DEAD.has(code)) throw new DeadKey(code);
  throw answerFault(answer, server, { what: "what an identity may do" });
}

/** The first object below a prefix, as the deployer sees it. */
async function someObject(deployer: LiveClient, bucketName: string, prefix: string): Promise<string | undefined> {
  const answer = await deployer.send({ bucketName, query: firstBelow(prefix) });
  if (answer.status !== 200) {
    throw answerFault(answer, deployer.server, { what: `objects of ${bucketName}`, right: "s3:ListBucket" });
  }
  return childText(child(parseXml(answer.body, "ListBucketResult"), "Contents"), "Key");
}

function firstBelow(prefix: string): Query {
  return { "list-type": "2", "max-keys": "1", prefix };
}

/** The newest version of the first object below a prefix, as the deployer sees it. */
async function someVersion(
  deployer: LiveClient,
  bucketName: string,
  prefix: string,
): Promise<{ key: string; version: string } | undefined> {
  const query = { versions: "", "max-keys": "1", prefix };
  const answer = await deployer.send({ bucketName, query });
  if (answer.status !== 200) {
    throw answerFault(answer, deployer.server, { what: `versions of ${bucketName}`, right: "s3:ListBucketVersions" });
  }
  const found = child(parseXml(answer.body, "ListVersionsResult"), "Version");
  const [key, version] = [childText(found, "Key"), childText(found, "VersionId")];
  return key === undefined || version === undefined ? undefined : { key, version };
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}
