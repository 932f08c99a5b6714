import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import { kmsKeyIn } from "../../config/stack/kms-key.ts";
import type { ClusterSettings } from "../../config/stack/settings.ts";
import { volumeSettings } from "./volume-settings.ts";

/** What volumes of a server can't be used without, or don't follow. */
const KEPT = ["name", "namespace", "servers", "drives", "driveSize", "storageClass"] as const;
type Kept = (typeof KEPT)[number];

/** What the volumes were made for; no storage class is the cluster's. */
interface Store extends Pick<MinioServer, Exclude<Kept, "storageClass">> {
  readonly storageClass: string | null;
  /** Nobody gets from it to a random key. */
  readonly kmsKey: string;
}

const ANOTHER = "docs/kubernetes.md#a-store-of-another-size";

/**
 * Awaited before anything of the stack is registered, in a preview too.
 * @throws pulumi.RunError with what the volumes of the stack's server can't be used with, a line each
 */
export async function refuseOtherVolumes({
  server,
  kmsKey,
}: Pick<ClusterSettings, "server" | "kmsKey">): Promise<void> {
  const { name, namespace, servers, drives, driveSize, storageClass = null } = server;
  const now = { name, namespace, servers, drives, driveSize, storageClass, kmsKey: await fingerprint(kmsKey) };
  const faults = storeFaults(await volumeSettings<Store>("minio", now), now, pulumi.getStack());
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
}

/** Why a server may not become the other, with the commands that put the stack's settings back; none where it may. */
function storeFaults(was: Store, now: Store, stack: string): string[] {
  const changed = (...keys: readonly Kept[]): Kept[] => keys.filter((key) => was[key] !== now[key]);
  const back = (keys: readonly Kept[]): string => keys.map((key) => putBack(key, was[key], stack)).join(" && ");
  const at = `${was.name} in namespace ${was.namespace}`;
  const [place, layout, size, storageClass] = [
    changed("name", "namespace"),
    changed("servers", "drives"),
    changed("driveSize"),
    changed("storageClass"),
  ];
  return [
    was.kmsKey !== now.kmsKey &&
      `bucketworks:kmsKey isn't the key with which ${at} encrypts: it never changes while there are encrypted objects, which no other key can read; put the old one back: ${kmsKeyIn(was)} | pulumi config set --secret --stack ${stack} bucketworks:kmsKey`,
    place.length > 0 &&
      `bucketworks:server asks for ${now.name} in namespace ${now.namespace}, and the stack's buckets and volumes are those of ${at}: a server elsewhere begins with empty volumes; put the old place back: ${back(place)} (for another store make a second stack and copy the data: ${ANOTHER})`,
    layout.length > 0 &&
      `bucketworks:server asks for ${sizeOf(now)}, and ${at} was made with ${sizeOf(was)}: MinIO can't add drives to a store or take them away; put the old numbers back: ${back(layout)} (for another size make a second server and copy the data: ${ANOTHER})`,
    size.length > 0 &&
      `bucketworks:server.driveSize is ${now.driveSize}, and the volumes of ${at} were made with ${was.driveSize}: existing volumes keep their size, and all servers would restart without effect; put the old size back: ${back(size)} (how volumes grow: ${ANOTHER})`,
    storageClass.length > 0 &&
      `bucketworks:server.storageClass is ${classOf(now)}, and the volumes of ${at} were made with ${classOf(was)}: existing volumes stay in their class, and all servers would restart without effect; put the old class back: ${back(storageClass)} (for another class make a second server and copy the data: ${ANOTHER})`,
  ].filter((fault) => fault !== false);
}

function putBack(key: Kept, value: Store[Kept], stack: string): string {
  const setting = `--path --stack ${stack} bucketworks:server.${key}`;
  return value === null ? `pulumi config rm ${setting}` : `pulumi config set ${setting} ${value}`;
}

function sizeOf({ servers, drives }: Store): string {
  return `servers ${servers}, drives ${drives}`;
}

function classOf({ storageClass }: Store): string {
  return storageClass ?? "the cluster's default";
}

/** Of a setting, which is known before anything runs. */
function fingerprint(kmsKey: pulumi.Input<string>): Promise<string> {
  const of = (key: string): string => createHmac("sha256", key).update("fingerprint").digest("hex").slice(0, 16);
  return new Promise((resolve) => {
    pulumi.output(kmsKey).apply((key) => resolve(of(key)));
  });
}
