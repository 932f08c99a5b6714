import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { Ingress } from "@pulumi/kubernetes/networking/v1/ingress.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";

/** The SDK types texts as those that are known later, and dates, otherwise than the API: this is the one place where both meet. */
type Class = new (name: string, args: never, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** Resources of Pulumi's SDK by kind; only what is used is loaded, the whole of it takes long. */
const CLASSES: Readonly<Partial<Record<Manifest["kind"] | "Secret", Class>>> = {
  ConfigMap,
  CronJob,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
};

/**
 * One resource of a manifest; kinds that the SDK doesn't know are custom resources. Logical names are `<kind>/<name>`.
 * @param name instead of the manifest's own, which may be known later
 */
export function resourceOf(
  manifest: Manifest,
  opts: pulumi.CustomResourceOptions,
  name = manifest.metadata.name,
): pulumi.CustomResource {
  const Of = CLASSES[manifest.kind] ?? (CustomResource as unknown as Class);
  return new Of(`${manifest.kind}/${name}`, manifest as never, opts);
}
