import * as pulumi from "@pulumi/pulumi";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { Platform } from "../../config/model.ts";
import { Bucket, type Provider } from "../../provider/sdk.ts";
import type { BucketOutput } from "../outputs.ts";

export interface StoragePlatformArgs {
  readonly platform: Platform;
  /** The stage, as policy rules see it. */
  readonly stage: string;
  readonly server: Provider;
}

/**
 * The buckets of one data platform. A bucket's logical name is its name on the server and its parent is the
 * platform, so that moving it to another group or file of the spec changes nothing.
 */
export class StoragePlatform extends pulumi.ComponentResource {
  readonly buckets: Readonly<Record<string, pulumi.Output<BucketOutput>>>;

  constructor(name: string, args: StoragePlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:storage:Platform", name, {}, opts);
    const { platform, stage, server } = args;
    this.buckets = Object.fromEntries(
      platform.buckets.map((bucket) => {
        const resource = new Bucket(bucketInputs(bucket, stage), {
          parent: this,
          provider: server,
          protect: bucket.protect,
        });
        return [bucket.name, resource.id.apply((id) => ({ platform: platform.name, arn: `arn:aws:s3:::${id}` }))];
      }),
    );
    this.registerOutputs({});
  }
}
