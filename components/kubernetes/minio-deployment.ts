import { createHmac } from "node:crypto";
import type { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { type ManifestOf, parted } from "../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../builders/kubernetes/pod-annotation.ts";
import { metadata } from "../../builders/minio/manifest.ts";
import { minioManifests } from "../../builders/minio/manifests.ts";
import { AUDIT_TOKEN } from "../../builders/minio/variables.ts";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { RootCredentials } from "../../config/stack/settings.ts";
import { inputText } from "./input-text.ts";
import { resourceOf } from "./resource-of.ts";

export interface MinioDeploymentArgs {
  readonly server: MinioServer;
  /** Name of its region; undefined is the server's own default. */
  readonly region: string | undefined;
  readonly root: RootCredentials;
  /** `name:base64 of 32 bytes`; the one key of SSE-S3 and SSE-KMS. */
  readonly kmsKey: pulumi.Input<string>;
  /** For the webhook that the server tells of requests; undefined where it takes none. */
  readonly auditToken: pulumi.Input<string> | undefined;
  /** Instead of the image that `server` names. */
  readonly image: pulumi.Output<string> | undefined;
  readonly provider: Provider;
}

/** Tells the pods with which root credentials they run, to those who know the key of the server's encryption. */
const ROOT_ANNOTATION = "bucketworks.io/root-credentials";

/** The same of the token for the webhook of audits, which pods take one after the other. */
const AUDIT_ANNOTATION = "bucketworks.io/audit-token";

/** MinIO on Kubernetes, and all it needs there. Its volumes and its namespace outlive it. */
export class MinioDeployment extends pulumi.ComponentResource {
  /** Known once the server runs, whatever it says: a preview of one that is to be made knows no status. */
  readonly running: pulumi.Output<unknown>;

  constructor(name: string, args: MinioDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:MinioDeployment", name, {}, opts);
    const { server, region, root, kmsKey, auditToken, image, provider } = args;
    const own = { parent: this, provider };
    const imaged = image === undefined ? server : { ...server, image: inputText(image) };
    const manifests = minioManifests(imaged, region, auditToken !== undefined);
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
function withSecrets(
  set: ManifestOf<"StatefulSet">,
  { root, kmsKey, auditToken }: MinioDeploymentArgs,
): ManifestOf<"StatefulSet"> {
  const mark = (...secrets: pulumi.Input<string>[]): string => inputText(fingerprint(kmsKey, secrets));
  const named = withPodAnnotation(set, ROOT_ANNOTATION, mark(root.user, root.password));
  return auditToken === undefined ? named : withPodAnnotation(named, AUDIT_ANNOTATION, mark(auditToken));
}

function fingerprint(kmsKey: pulumi.Input<string>, secrets: readonly pulumi.Input<string>[]): pulumi.Output<string> {
  const of = ([key, ...others]: string[]): string =>
    createHmac("sha256", String(key)).update(JSON.stringify(others)).digest("hex").slice(0, 16);
  return pulumi.secret(pulumi.all([kmsKey, ...secrets]).apply(of));
}
