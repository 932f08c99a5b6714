import { createHmac } from "node:crypto";
import type { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { type ManifestOf, parted } from "../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../builders/kubernetes/pod-annotation.ts";
import { metadata } from "../../builders/minio/manifest.ts";
import { minioManifests } from "../../builders/minio/manifests.ts";
import { secretValues } from "../../builders/minio/notifications.ts";
import { AUDIT_TOKEN, targetKey } from "../../builders/minio/variables.ts";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import { parseNotificationSecrets } from "../../config/stack/notification-secrets.ts";
import type { ClusterSettings, RootCredentials } from "../../config/stack/settings.ts";
import { inputText } from "./input-text.ts";
import { resourceOf } from "./resource-of.ts";

export interface MinioDeploymentArgs
  extends Pick<ClusterSettings, "auditToken" | "notificationTargets" | "notificationSecrets"> {
  readonly server: MinioServer;
  /** Name of its region; undefined is the server's own default. */
  readonly region: string | undefined;
  readonly root: RootCredentials;
  /** `name:base64 of 32 bytes`; the one key of SSE-S3 and SSE-KMS. */
  readonly kmsKey: pulumi.Input<string>;
  /** Instead of the image that `server` names. */
  readonly image: pulumi.Output<string> | undefined;
  readonly provider: Provider;
}

/** Tells the pods with which root credentials they run, to those who know the key of the server's encryption. */
const ROOT_ANNOTATION = "bucketworks.io/root-credentials";

/** The same of the token for the webhook of audits, which pods take one after the other. */
const AUDIT_ANNOTATION = "bucketworks.io/audit-token";

/** The same of what its targets for notifications are reached with. */
const TARGETS_ANNOTATION = "bucketworks.io/notification-secrets";

/** MinIO on Kubernetes, and all it needs there. Its volumes and its namespace outlive it. */
export class MinioDeployment extends pulumi.ComponentResource {
  /** Known once the server runs, whatever it says: a preview of one that is to be made knows no status. */
  readonly running: pulumi.Output<unknown>;

  constructor(name: string, args: MinioDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:MinioDeployment", name, {}, opts);
    const { server, region, root, kmsKey, auditToken, notificationTargets, image, provider } = args;
    const own = { parent: this, provider };
    const imaged = image === undefined ? server : { ...server, image: inputText(image) };
    const secretTargets = Object.keys(targetSecrets(args));
    const told = { region, hasAuditToken: auditToken !== undefined, notificationTargets, secretTargets };
    const manifests = minioManifests(imaged, told);
    const [namespaces, others] = parted(manifests, "Namespace");
    // With the namespace all claims and so all data would go.
    const namespace = namespaces.map((each) => resourceOf(each, { ...own, retainOnDelete: true }));
    const inside = { ...own, dependsOn: namespace };
    const secret = new Secret(
      `Secret/${server.name}-root`,
      {
        metadata: metadata(server, "root"),
        stringData: pulumi.secret({
          ...{ user: root.user, password: root.password, "kms-key": kmsKey },
          ...(auditToken !== undefined && { [AUDIT_TOKEN]: auditToken }),
          ...named(targetSecrets(args)),
        }),
      },
      inside,
    );
    const [sets, rest] = parted(others, "StatefulSet");
    const needed = rest.map((each) => resourceOf(each, inside));
    const [set] = sets.map((each) =>
      resourceOf(withSecrets(each, args), {
        ...own,
        dependsOn: [...namespace, secret, ...needed],
        // Servers with another root password refuse one another: all of them stop, and start with the new one.
        replaceOnChanges: [`spec.template.metadata.annotations["${ROOT_ANNOTATION}"]`],
        deleteBeforeReplace: true,
        customTimeouts: { create: server.readyWithin, update: server.readyWithin },
      }),
    ) as [StatefulSet];
    this.running = set.status;
    this.registerOutputs({});
  }
}

/** Pods read a Secret when they start: they are renewed with what they would read then. */
function withSecrets(set: ManifestOf<"StatefulSet">, args: MinioDeploymentArgs): ManifestOf<"StatefulSet"> {
  const { root, kmsKey, auditToken } = args;
  const mark = (...secrets: pulumi.Input<string>[]): string => inputText(fingerprint(kmsKey, secrets));
  const targets = Object.values(targetSecrets(args));
  const annotations: (readonly [string, readonly pulumi.Input<string>[]])[] = [
    [ROOT_ANNOTATION, [root.user, root.password]],
    [AUDIT_ANNOTATION, auditToken === undefined ? [] : [auditToken]],
    [TARGETS_ANNOTATION, targets],
  ];
  return annotations
    .filter(([, secrets]) => secrets.length > 0)
    .reduce((named, [annotation, secrets]) => withPodAnnotation(named, annotation, mark(...secrets)), set);
}

/**
 * What each target is reached with, for all that may need it: how many there are is known without a secret. A webhook
 * without a token is given an empty one, which MinIO takes for none.
 */
function targetSecrets({
  notificationTargets,
  notificationSecrets,
}: MinioDeploymentArgs): Record<string, pulumi.Input<string>> {
  if (notificationSecrets === undefined) return {};
  const values = pulumi
    .secret(notificationSecrets)
    .apply((text) => secretValues(notificationTargets, parseNotificationSecrets(text) ?? {}));
  const names = Object.keys(notificationTargets);
  return Object.fromEntries(names.map((name) => [name, values.apply((all) => all[name] ?? "")]));
}

function named(secrets: Readonly<Record<string, pulumi.Input<string>>>): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [targetKey(name), secret]));
}

function fingerprint(kmsKey: pulumi.Input<string>, secrets: readonly pulumi.Input<string>[]): pulumi.Output<string> {
  const of = ([key, ...others]: string[]): string =>
    createHmac("sha256", String(key)).update(JSON.stringify(others)).digest("hex").slice(0, 16);
  return pulumi.secret(pulumi.all([kmsKey, ...secrets]).apply(of));
}
