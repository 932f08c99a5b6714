import * as pulumi from "@pulumi/pulumi";
import { replicationRules } from "../../builders/replication-rules.ts";
import type { Bucket as BucketModel } from "../../config/model.ts";
import type { RemoteSettings } from "../../config/stack/settings.ts";
import { type Provider, Replication } from "../../provider/sdk.ts";

/**
 * Where one bucket is copied to; nothing where its spec says none. It waits for the bucket, and goes before it.
 * @throws pulumi.RunError where the stack lacks a remote
 */
export function replicationOf(
  bucket: BucketModel,
  remotes: Readonly<Record<string, RemoteSettings>>,
  opts: pulumi.CustomResourceOptions & { provider: Provider },
): void {
  const rules = replicationRules(bucket, remotes);
  if (rules.length < bucket.replication.length) {
    const names = bucket.replication.map(({ to }) => to).filter((name) => !Object.hasOwn(remotes, name));
    // The specs were judged; a model that an earlier update kept wasn't.
    throw new pulumi.RunError(
      `bucket ${bucket.name} is to be copied to ${names.join(", ")}, which bucketworks:remotes of the stack doesn't have; declare it (docs/replication.md)`,
    );
  }
  if (rules.length === 0) return;
  const used = new Set(bucket.replication.map(({ to }) => to));
  const keys = Object.entries(remotes).flatMap(([name, { endpoint, accessKey, secretKey }]) =>
    used.has(name) ? [[new URL(endpoint).origin, { accessKey, secretKey }] as const] : [],
  );
  const { name, onDelete, adopt } = bucket;
  const args = { bucket: name, rules, keys: Object.fromEntries(keys), onDelete, ...(adopt && { adopt }) };
  // Of a replacement the removal comes first: nothing would be made where rules are already.
  new Replication(args, { ...opts, deleteBeforeReplace: true });
}
