/** Pulumi package schema; `pulumi import` and `pulumi package get-schema` read it. Meanings: `settings.ts`. */
export function packageSchema(version: string): object {
  return {
    name: "bucketworks",
    version,
    description: "One bucket on MinIO with everything S3 knows about it.",
    config: { variables: providerInputs() },
    provider: {
      inputProperties: providerInputs(),
      requiredInputs: ["endpoint", "rootUser", "rootPassword"],
    },
    resources: {
      "bucketworks:index:Bucket": {
        description:
          "A bucket: versioning, tags, lifecycle, object lock, encryption, policy and quota in one resource.",
        inputProperties: bucketProperties(),
        requiredInputs: ["bucket"],
        properties: bucketProperties(),
        required: ["bucket", "versioning", "tags", "lifecycle"],
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

function bucketProperties(): object {
  const any = { $ref: "pulumi.json#/Any" };
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
    declared: {
      ...any,
      description: "{stage, platform, layer, retentionDays, onDelete}: for policies, not on the server",
    },
  };
}
