import * as pulumi from "@pulumi/pulumi";
import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { KeptPlatform } from "../../builders/kept-model.ts";
import type { Platform } from "../../config/model.ts";
import type { RemoteSettings } from "../../config/stack/settings.ts";
import { bucketArn } from "../../config/values/names.ts";
import { Bucket, type Tier } from "../../provider/sdk.ts";
import { identities } from "../identity/identities.ts";
import type { BucketOutput, CredentialOutput } from "../outputs.ts";
import type { Server } from "../server-providers.ts";
import { replicationOf } from "./replication.ts";

export interface StoragePlatformArgs {
  readonly platform: Platform;
  /** The stage, as policy rules see it. */
  readonly stage: string;
  readonly server: Server;
  /** Tiers that the stack makes: a rule that names one waits for it. */
  readonly tiers: ReadonlyMap<string, Tier>;
  /** Other servers that buckets may be copied to, by name. */
  readonly remotes: Readonly<Record<string, RemoteSettings>>;
  /** Buckets that may be taken over although their spec doesn't say `adopt`. */
  readonly ownBuckets: ReadonlySet<string>;
  /** The user who gets a new secret by this update. */
  readonly newSecretFor: string | undefined;
  /** What the state keeps of it, for a rollback; undefined where an update of keys alone found none. */
  readonly kept: KeptPlatform | undefined;
  /** Logical names of service accounts whose former key is still taken. */
  readonly previous: ReadonlySet<string>;
}

/**
 * The buckets and identities of one data platform. A bucket's logical name is its name on the server and its parent is the
 * platform, so that moving it to another group or file of the spec changes nothing.
 */
export class StoragePlatform extends pulumi.ComponentResource {
  /** By bucket name. */
  readonly buckets: pulumi.Output<Record<string, BucketOutput>>;
  /** By user or service account; secret. */
  readonly credentials: pulumi.Output<Record<string, CredentialOutput>>;
  /** Access keys that are taken beside the new ones, by service account. */
  readonly previousKeys: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: StoragePlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:storage:Platform", name, {}, opts);
    const { platform, stage, server, tiers, remotes, ownBuckets, newSecretFor, previous } = args;
    const outputs = platform.buckets.map((bucket) => {
      const adopt = bucket.adopt || ownBuckets.has(bucket.name);
      const waitsFor = bucket.lifecycle.flatMap(({ transition }) => tiers.get(transition?.tier ?? "") ?? []);
      const resource = new Bucket(bucketInputs({ ...bucket, adopt }, stage, [...tiers.keys()]), {
        parent: this,
        provider: server.provider,
        protect: bucket.protect,
        ...(waitsFor.length > 0 && { dependsOn: waitsFor }),
        // Of a replacement the deletion comes first, and the provider refuses it: nothing has changed then.
        deleteBeforeReplace: true,
      });
      replicationOf({ ...bucket, adopt }, remotes, { parent: this, provider: server.provider, dependsOn: resource });
      return resource.id.apply((id): [string, BucketOutput] => [id, { platform: platform.name, arn: bucketArn(id) }]);
    });
    this.buckets = pulumi.all(outputs).apply((entries) => Object.fromEntries(entries));
    const made =
      server.identities && identities(platform, { parent: this, newSecretFor, previous, ...server.identities });
    this.credentials = made?.credentials ?? pulumi.secret<Record<string, CredentialOutput>>({});
    this.previousKeys = made?.previousKeys ?? pulumi.output<Record<string, string>>({});
    // An output of the component: it is no change of a resource, and no update prints it.
    this.registerOutputs({ kept: args.kept });
  }
}
