import * as pulumi from "@pulumi/pulumi";
import type { ImageName } from "../config/stack/image-builds.ts";
import type { DatabasesOutput } from "./database-logins.ts";

export interface BucketOutput {
  readonly platform: string;
  readonly arn: string;
}

/** Keys of one user or service account. */
export interface CredentialOutput {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The contract between the stack and everything that reads it. */
export interface StackOutputs {
  readonly stage: string;
  /** URL of the S3 API. */
  readonly endpoint: pulumi.Output<string>;
  /** By bucket name. */
  readonly buckets: pulumi.Output<Record<string, BucketOutput>>;
  /** By user or service account; secret. */
  readonly credentials: pulumi.Output<Record<string, CredentialOutput>>;
  /** Access keys that are taken beside those that replaced them, by service account; absent where there are none. */
  readonly previousKeys?: pulumi.Output<Record<string, string>>;
  /** By name, by digest; absent where the stack builds none. */
  readonly images?: Readonly<Partial<Record<ImageName, pulumi.Output<string>>>>;
  /** Where the platforms' databases are; absent where no platform has one, or the stack has no PostgreSQL. */
  readonly databases?: DatabasesOutput;
}

/** One record of what several platforms answer; names are unique over the stack. */
export function merged<T>(outputs: pulumi.Output<Record<string, T>>[]): pulumi.Output<Record<string, T>> {
  return pulumi.output(outputs).apply((all) => Object.assign({}, ...all) as Record<string, T>);
}
