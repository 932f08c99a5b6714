/** Pulumi package schema; `pulumi import` and `pulumi package get-schema` read it. Meanings: `settings.ts`. */
export function packageSchema(version: string): object {
  return {
    name: "bucketworks",
    version,
    description:
      "Buckets on MinIO with everything S3 knows about them, the tiers their rules move objects to, and where they are copied.",
    config: { variables: providerInputs() },
    provider: {
      inputProperties: providerInputs(),
      requiredInputs: ["endpoint", "rootUser", "rootPassword"],
    },
    resources: {
      "bucketworks:index:Bucket": {
        description:
          "A bucket: versioning, tags, lifecycle, object lock, encryption, policy, quota and notifications in one resource.",
        inputProperties: bucketProperties(),
        requiredInputs: ["bucket"],
        properties: bucketProperties(),
        required: ["bucket", "versioning", "tags", "lifecycle"],
      },
      "bucketworks:index:Replication": {
        description: "Where a bucket is copied to by the server itself: rules and remote targets in one resource.",
        inputProperties: replicationProperties(),
        requiredInputs: ["bucket", "rules", "keys"],
        properties: replicationProperties(),
        required: ["bucket", "rules", "keys"],
      },
      "bucketworks:index:Tier": {
        description: "Another object store, to which lifecycle rules of the server move objects.",
        inputProperties: tierProperties(),
        requiredInputs: ["name", "type", "endpoint", "bucket", "accessKey", "secretKey"],
        properties: tierProperties(),
        required: ["name", "type", "endpoint", "bucket", "accessKey"],
      },
    },
  };
}

function providerInputs(): object {
  return {
    endpoint: { type: "string", description: "host:port of the S3 API, no scheme" },
    secure: { type: "boolean", description: "speak TLS" },
    region: { type: "string", description: "region name; us-east-1 by default" },
    caFile: { type: "string", description: "PEM file of the CA to trust" },
    rootUser: { type: "string", description: "access key of the deploying identity", secret: true },
    rootPassword: { type: "string", description: "secret key of the deploying identity", secret: true },
  };
}

function tierProperties(): object {
  return {
    name: { type: "string", description: "as lifecycle rules call it; can't be changed" },
    type: { type: "string", description: "minio, or s3 for everything else that speaks S3; can't be changed" },
    endpoint: { type: "string", description: "https://HOST:PORT of the other store; can't be changed" },
    bucket: { type: "string", description: "bucket of the other store; can't be changed" },
    prefix: { type: "string", description: "below which objects lie there; can't be changed" },
    region: { type: "string", description: "region of the other store; can't be changed" },
    storageClass: { type: "string", description: "class in which the other store keeps them; can't be changed" },
    accessKey: { type: "string", description: "key that writes, reads and deletes there", secret: true },
    secretKey: { type: "string", description: "its secret", secret: true },
    onDelete: { type: "string", description: "retain leaves it on the server; delete_if_empty removes an empty one" },
    adopt: { type: "boolean", description: "may take over a tier, or a place with objects, that exists already" },
  };
}

const any = { $ref: "pulumi.json#/Any" };

function replicationProperties(): object {
  return {
    bucket: { type: "string", description: "the bucket that is copied; can't be changed" },
    rules: {
      type: "array",
      items: any,
      description:
        "{ID, priority, enabled, endpoint, bucket, region, prefix, deleteMarkers, deleteVersions, existingObjects}",
    },
    keys: {
      ...any,
      description: "{accessKey, secretKey} of the other servers, by their endpoints",
      secret: true,
    },
    onDelete: { type: "string", description: "that of the bucket: retain leaves a bucket that goes as it is" },
    adopt: { type: "boolean", description: "may take over rules and targets that the bucket has already" },
  };
}

function bucketProperties(): object {
  return {
    bucket: { type: "string", description: "name of the bucket; can't be changed" },
    adopt: { type: "boolean", description: "may take over a bucket that exists already" },
    versioning: { type: "boolean", description: "keep old versions of objects" },
    tags: { type: "object", additionalProperties: { type: "string" }, description: "tags of the bucket" },
    lifecycle: { type: "array", items: any, description: "rules of S3's LifecycleConfiguration; Filter is flat" },
    objectLock: { ...any, description: "{mode, days | years}; only for a bucket created with it" },
    encryption: { ...any, description: "{algorithm: AES256 | aws:kms, keyId}; absent is none" },
    policy: { ...any, description: "bucket policy document; absent is private" },
    quota: { type: "integer", description: "quota in bytes, as of the server's last usage scan; absent is none" },
    notifications: {
      type: "array",
      items: any,
      description:
        "{target, events, prefix, suffix}, target as NAME:KIND; absent leaves the server's alone, [] is none",
    },
    declared: {
      ...any,
      description: "{stage, platform, layer, retentionDays, onDelete, tiers}: for policies, not on the server",
    },
  };
}
