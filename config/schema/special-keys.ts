import { plain } from "../values/nearest.ts";

/** Keys of later versions: an error that says so, never accepted and ignored. */
export const reservedKeys = ["kms", "monitoring"] as const;

/** What S3 knows and MinIO can't hold, with what to do instead. Words are compared without case, dash and underscore. */
const cannot: ReadonlyMap<string, { reason: string; fix: string }> = new Map(
  Object.entries({
    abort: {
      reason: "MinIO refuses AbortIncompleteMultipartUpload alone in a rule and silently drops it beside others",
      fix: "remove it; stale uploads are a setting of the server (api stale_uploads_expiry)",
    },
    cors: {
      reason: "MinIO has no CORS per bucket",
      fix: "remove it; cors_allow_origin is a setting of the server (api cors_allow_origin)",
    },
    acl: { reason: "MinIO holds no ACLs", fix: "use public_read for anonymous reads" },
    website: { reason: "MinIO serves no static websites", fix: "remove it, or put a web server in front" },
    logging: {
      reason: "MinIO has no access logging per bucket",
      fix: "remove it; audit logs are a setting of the server",
    },
    requestpayment: { reason: "MinIO has no requester pays", fix: "remove it" },
    inventory: { reason: "MinIO has no bucket inventory in S3's form", fix: "remove it" },
    acceleration: { reason: "MinIO has no transfer acceleration", fix: "remove it" },
  }),
);

const spellings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    abortincompletemultipartupload: "abort",
    abortincompletemultipartuploaddays: "abort",
    abortmultipartdays: "abort",
    abortincompletedays: "abort",
    cors: "cors",
    corsrules: "cors",
    acl: "acl",
    website: "website",
    logging: "logging",
    requestpayment: "requestpayment",
    requesterpays: "requestpayment",
    inventory: "inventory",
    accelerate: "acceleration",
    acceleration: "acceleration",
  }),
);

/** Why the server can't hold a key, or null where the key is simply unknown. */
export function serverCannot(key: string): { reason: string; fix: string } | null {
  return cannot.get(spellings.get(plain(key)) ?? "") ?? null;
}

/** What people write for a key of ours without it being near in spelling. */
export const otherWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ttl: "retention_days",
    maxage: "retention_days",
    expiration: "expire_days",
    expiredays: "expire_days",
    expiry: "expire_days",
    public: "public_read",
    anonymous: "public_read",
    sse: "encryption",
    lock: "object_lock",
    objectlocking: "object_lock",
    worm: "object_lock",
    deletionpolicy: "on_delete",
    forcedestroy: "on_delete",
    storageclass: "transition",
    accesskey: "access_key",
    rootuser: "access_key",
    rootpassword: "secret_key",
    tls: "secure",
    ssl: "secure",
    url: "endpoint",
    host: "endpoint",
    maxsize: "quota",
    policy: "policies",
    permissions: "grants",
    statements: "grants",
    action: "role",
    actions: "role",
    permission: "role",
    buckets: "bucket",
    resource: "bucket",
    prefix: "prefixes",
    prefixes: "prefix",
    owner: "user",
    parent: "user",
    memberof: "groups",
  }),
);
