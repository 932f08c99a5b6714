import { createHmac } from "node:crypto";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { type Manifest, type Metadata, parted } from "../../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../../builders/kubernetes/pod-annotation.ts";
import type { PlannedService } from "../../../builders/services/kubernetes/instance.ts";
import { inputText } from "../input-text.ts";
import { resourceOf } from "../resource-of.ts";

export interface ServiceArgs {
  readonly service: PlannedService;
  /** Its own Secrets. */
  readonly secrets: readonly { readonly metadata: Metadata; readonly data: pulumi.Input<Record<string, string>> }[];
  /** What its pods were started with, by annotation: with another secret there are other pods. */
  readonly marks: Readonly<Record<string, pulumi.Input<string>>>;
  /** How long an update waits for the pods. */
  readonly readyWithin: string;
  readonly provider: Provider;
  /** What it finds when it begins. */
  readonly ready: readonly pulumi.Resource[];
}

/** One program of a service on Kubernetes. Its volume outlives it. */
export class ServiceDeployment extends pulumi.ComponentResource {
  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:ServiceDeployment", name, {}, opts);
    const { service, secrets, marks, readyWithin, provider, ready } = args;
    const own = { parent: this, provider, dependsOn: [...ready] };
    const made = secrets.map(
      ({ metadata, data }) =>
        new Secret(
          `Secret/${metadata.name}`,
          { metadata, stringData: pulumi.secret(data) },
          { ...own, deleteBeforeReplace: true },
        ),
    );
    const [programs, others] = programsOf(service.manifests);
    const [rollouts, needed] = parted(others, "Rollout");
    // Which pods a Service leads to is Argo Rollouts's from then on.
    const ignoreChanges = rollouts.length === 0 ? [] : ["spec.selector"];
    const before = needed.map((each) => resourceOf(each, each.kind === "Service" ? { ...own, ignoreChanges } : own));
    const running = programs.map((each) => {
      const marked = Object.entries(marks).reduce(
        (all, [annotation, secret]) => withPodAnnotation(all, annotation, inputText(fingerprint(secret))),
        each,
      );
      return resourceOf(marked, {
        ...own,
        dependsOn: [...ready, ...made, ...before],
        // A volume keeps the size that it was made with, whatever is asked for later.
        ignoreChanges: each.kind === "StatefulSet" ? ["spec.volumeClaimTemplates"] : [],
        customTimeouts: { create: readyWithin, update: readyWithin },
      });
    });
    // It runs the pods that a Deployment describes, so it looks for that one.
    for (const each of rollouts) resourceOf(each, { ...own, dependsOn: [...ready, ...before, ...running] });
    this.registerOutputs({});
  }
}

type Program = Extract<Manifest, { readonly kind: "StatefulSet" | "Deployment" }>;

/** What runs pods, and what that needs. */
function programsOf(manifests: readonly Manifest[]): [Program[], Manifest[]] {
  const runs = (each: Manifest): each is Program => each.kind === "StatefulSet" || each.kind === "Deployment";
  return [manifests.filter(runs), manifests.filter((each) => !runs(each))];
}

/** Nobody gets from it to the secret, and a preview may show that it is another. */
function fingerprint(secret: pulumi.Input<string>): pulumi.Output<string> {
  const of = (text: string): string => createHmac("sha256", text).update("fingerprint").digest("hex").slice(0, 16);
  return pulumi.unsecret(pulumi.output(secret).apply(of));
}
