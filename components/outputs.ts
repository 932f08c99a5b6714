import type * as pulumi from "@pulumi/pulumi";

export interface BucketOutput {
  readonly platform: string;
  readonly arn: string;
}

/** The contract between the stack and everything that reads it. */
export interface StackOutputs {
  readonly stage: string;
  /** URL of the S3 API. */
  readonly endpoint: string;
  /** By bucket name. */
  readonly buckets: pulumi.Output<Record<string, BucketOutput>>;
}
