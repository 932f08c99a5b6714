import * as pulumi from "@pulumi/pulumi";
import type { BucketInputs } from "./bucket-types.ts";
import type { Needs } from "./needs.ts";
import type { RemoteKey, ReplicationInputs } from "./replication/types.ts";
import type { TierInputs } from "./tier/types.ts";

export interface ProviderArgs {
  /** host:port of the S3 API, no scheme. */
  readonly endpoint: pulumi.Input<string>;
  readonly secure: pulumi.Input<boolean>;
  readonly region: pulumi.Input<string>;
  /** PEM file of the CA to trust; absent trusts the system's. */
  readonly caFile?: pulumi.Input<string> | undefined;
  readonly rootUser: pulumi.Input<string>;
  readonly rootPassword: pulumi.Input<string>;
  /** What the specs ask of the server itself; asked before anything is written, and kept nowhere. */
  readonly needs?: Needs | undefined;
}

/** The connection to one MinIO server; credentials are secrets in the state. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    const { rootUser, rootPassword, secure, needs, ...rest } = args;
    super(
      "bucketworks",
      name,
      {
        ...rest,
        ...(needs && { needs: JSON.stringify(needs) }),
        secure: pulumi.output(secure).apply(String),
        rootUser: pulumi.secret(rootUser),
        rootPassword: pulumi.secret(rootPassword),
      },
      opts,
    );
  }
}

/** A tier as a program declares it: its key may not be known yet. */
export type TierArgs = {
  readonly [Key in keyof TierInputs]: Key extends "name" ? string : pulumi.Input<TierInputs[Key]>;
};

/** Another object store, to which lifecycle rules move objects. The logical name is the tier's name. */
export class Tier extends pulumi.CustomResource {
  constructor(args: TierArgs, opts: pulumi.CustomResourceOptions & { provider: Provider }) {
    const { accessKey, secretKey, ...rest } = args;
    const keys = { accessKey: pulumi.secret(accessKey), secretKey: pulumi.secret(secretKey) };
    const additionalSecretOutputs = ["accessKey", "secretKey"];
    super("bucketworks:index:Tier", args.name, { ...rest, ...keys }, { ...opts, additionalSecretOutputs });
  }
}

/** Replication as a program declares it: keys may not be known yet. */
export type ReplicationArgs = Omit<ReplicationInputs, "keys"> & {
  readonly keys: Readonly<Record<string, { readonly [Key in keyof RemoteKey]: pulumi.Input<string> }>>;
};

/** Where a bucket is copied to by the server itself. The logical name is the bucket's name. */
export class Replication extends pulumi.CustomResource {
  constructor({ keys, ...rest }: ReplicationArgs, opts: pulumi.CustomResourceOptions & { provider: Provider }) {
    const args = { ...rest, keys: pulumi.secret(pulumi.output(keys)) };
    super("bucketworks:index:Replication", rest.bucket, args, { ...opts, additionalSecretOutputs: ["keys"] });
  }
}

/** One bucket and everything S3 knows about it. The logical name is the bucket's name. */
export class Bucket extends pulumi.CustomResource {
  declare readonly bucket: pulumi.Output<string>;

  constructor(args: BucketInputs, opts: pulumi.CustomResourceOptions & { provider: Provider }) {
    super("bucketworks:index:Bucket", args.bucket, { ...args }, opts);
  }
}
