import type { S3Client } from "@aws-sdk/client-s3";

/** Requests whose action of IAM isn't called as they are; without the SDK by their sub-resource or call of the admin API. */
const RIGHTS: Readonly<Record<string, string>> = {
  "CreateBucket with lock": "s3:CreateBucket, s3:PutBucketVersioning and s3:PutBucketObjectLockConfiguration",
  ListBuckets: "s3:ListAllMyBuckets",
  ListObjectVersions: "s3:ListBucketVersions",
  ListMultipartUploads: "s3:ListBucketMultipartUploads",
  DeleteObjects: "s3:DeleteObjectVersion",
  HeadObject: "s3:GetObject",
  GetBucketLifecycleConfiguration: "s3:GetLifecycleConfiguration",
  PutBucketLifecycleConfiguration: "s3:PutLifecycleConfiguration",
  DeleteBucketLifecycle: "s3:PutLifecycleConfiguration",
  GetBucketEncryption: "s3:GetEncryptionConfiguration",
  PutBucketEncryption: "s3:PutEncryptionConfiguration",
  DeleteBucketEncryption: "s3:PutEncryptionConfiguration",
  GetBucketNotificationConfiguration: "s3:GetBucketNotification",
  PutBucketNotificationConfiguration: "s3:PutBucketNotification",
  GetObjectLockConfiguration: "s3:GetBucketObjectLockConfiguration",
  PutObjectLockConfiguration: "s3:PutBucketObjectLockConfiguration",
  encryption: "s3:GetEncryptionConfiguration",
  lifecycle: "s3:GetLifecycleConfiguration",
  "object-lock": "s3:GetBucketObjectLockConfiguration",
  policy: "s3:GetBucketPolicy",
  tagging: "s3:GetBucketTagging",
  versioning: "s3:GetBucketVersioning",
  DeleteBucketTagging: "s3:PutBucketTagging",
  "add-service-account": "admin:CreateServiceAccount",
  "update-service-account": "admin:UpdateServiceAccount",
  replication: "s3:GetReplicationConfiguration",
  "replication written": "s3:PutReplicationConfiguration",
  "list-remote-targets": "admin:GetBucketTarget",
  "remove-remote-target": "admin:SetBucketTarget",
  "set-remote-target": "admin:SetBucketTarget",
  "delete-service-account": "admin:RemoveServiceAccount",
  "get-bucket-quota": "admin:GetBucketQuota",
  "set-bucket-quota": "admin:SetBucketQuota",
  "remove-user": "admin:DeleteUser",
  group: "admin:GetGroup",
  info: "admin:ServerInfo",
  "info-canned-policy": "admin:GetPolicy",
  "info-service-account": "admin:ListServiceAccounts",
  "kms/key/status": "admin:KMSKeyStatus",
  tier: "admin:ListTier",
  "tier written": "admin:SetTier",
  "user-info": "admin:GetUser",
};

const asked = new WeakMap<object, { readonly request: string; readonly url: string | undefined }>();

/**
 * Remembers of a request's error which request it was: the server's refusal doesn't say what right is missing.
 * @param url of the server, where there may be more than one
 */
export function remember<T>(error: T, request: string, url?: string): T {
  if (typeof error === "object" && error !== null) asked.set(error, { request, url });
  return error;
}

/** URL of the server whose request failed; undefined where that isn't known. */
export function serverOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null ? asked.get(error)?.url : undefined;
}

/** The action of IAM without which the request of this error is refused; undefined where that isn't known. */
export function rightFor(error: object): string | undefined {
  const request = asked.get(error)?.request;
  if (request === undefined) return undefined;
  return RIGHTS[request] ?? (/^[A-Z]/.test(request) ? `s3:${request}` : undefined);
}

/** Has a client of the SDK remember its requests. */
export function rememberRequests({ middlewareStack }: S3Client, url: string): void {
  middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          // What a stream of another request threw stays that one's.
          if (serverOf(error) !== undefined) throw error;
          throw remember(error, commandName.replace(/Command$/, ""), url);
        }
      },
    { step: "initialize", name: "rememberRequests" },
  );
}
