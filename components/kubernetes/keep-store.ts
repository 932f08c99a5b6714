import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { kmsKeyIn } from "../../config/kms-key.ts";
import type { MinioServer } from "../../config/minio-server/schema.ts";

type Server = Pick<MinioServer, "name" | "namespace" | "servers" | "drives">;
type Annotations = Readonly<Record<string, unknown>>;

const SERVERS = "bucketworks.io/servers";
const DRIVES = "bucketworks.io/drives";
const KMS_KEY = "bucketworks.io/kms-key";

/**
 * Says on an object what the server's volumes were made for. It has to be one that is changed in place: Secret and
 * StatefulSet are deleted and made again, and no hook on them would see what was before.
 */
export function withStore(manifest: Manifest, { servers, drives }: Server, kmsKey: pulumi.Input<string>): Manifest {
  const annotations = {
    ...manifest.metadata.annotations,
    [SERVERS]: String(servers),
    [DRIVES]: String(drives),
    // Nobody gets from it to a random key, and a preview may show that it is another.
    [KMS_KEY]: pulumi.unsecret(pulumi.output(kmsKey).apply(fingerprint)),
  };
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: annotations as unknown as Record<string, string> },
  };
}

/** Bound before the update of that object: refuses, in a preview too, what the volumes can't be used with. */
export function keepStore(server: Server): pulumi.ResourceHook {
  const refuse = async ({ oldInputs, newInputs }: pulumi.ResourceHookArgs): Promise<void> => {
    const [before, after] = await Promise.all([annotationsOf(oldInputs), annotationsOf(newInputs)]);
    const fault = storeFault(server, before, after);
    if (fault !== null) throw new Error(fault);
  };
  return new pulumi.ResourceHook(`keep-store-${server.name}`, refuse, { onDryRun: true });
}

/** Why a server that runs may not become the other; null where it may. */
export function storeFault(server: Server, before: Annotations, after: Annotations): string | null {
  const { name } = server;
  if (differs(KMS_KEY, before, after)) {
    return `bucketworks:kmsKey isn't the key with which ${name} encrypts: it never changes while there are encrypted objects, which no other key can read; put the old one back (${kmsKeyIn(server)} shows it)`;
  }
  if (!differs(SERVERS, before, after) && !differs(DRIVES, before, after)) return null;
  const [was, is] = [before, after].map((of) => `servers ${of[SERVERS]}, drives ${of[DRIVES]}`);
  return `bucketworks:server asks for ${is}, and ${name} was made with ${was}: MinIO can't add drives to a store or take them away; put the old numbers back: pulumi config set --path bucketworks:server.servers ${before[SERVERS]}, and bucketworks:server.drives ${before[DRIVES]} (another size is a second server and a copy: docs/kubernetes.md#a-store-of-another-size)`;
}

/** What was never said, or removed by hand, can't be compared. */
function differs(key: string, before: Annotations, after: Annotations): boolean {
  return before[key] !== undefined && before[key] !== after[key];
}

/** A hook is given the whole of `metadata` as a secret where anything in it is one. */
function annotationsOf(inputs: pulumi.ResourceHookArgs["oldInputs"]): Promise<Annotations> {
  const metadata = inputs?.metadata as pulumi.Input<{ readonly annotations?: Annotations } | undefined>;
  return new Promise((resolve) => {
    pulumi.output(metadata).apply((known) => resolve(known?.annotations ?? {}));
  });
}

function fingerprint(kmsKey: string): string {
  return createHmac("sha256", kmsKey).update("fingerprint").digest("hex").slice(0, 16);
}
