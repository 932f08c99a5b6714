import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as minio from "@pulumi/minio";
import * as pulumi from "@pulumi/pulumi";
import { metadata } from "../../builders/minio/manifest.ts";
import { metricsPolicy, metricsToken } from "../../builders/monitoring/metrics-access.ts";
import { prometheusRules } from "../../builders/monitoring/prometheus-rule.ts";
import { metricsSecret } from "../../builders/monitoring/service-monitor.ts";
import type { MinioServer } from "../../config/minio-server/schema.ts";
import type { Platform } from "../../config/model.ts";
import type { IdentityServer } from "../server-providers.ts";
import { resourceOf } from "./resource-of.ts";

export interface MonitoringArgs {
  readonly server: MinioServer;
  readonly platforms: readonly Platform[];
  readonly identities: IdentityServer;
  readonly provider: Provider;
}

/** What Prometheus needs beside its settings: a user of its own for the metrics, its token, and for an operator the platforms' alerts. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:Monitoring", name, {}, opts);
    const { server, platforms, identities, provider } = args;
    const own = { parent: this, provider };
    const onServer = { parent: this, provider: identities.provider };
    const claims = { ...onServer, hooks: { beforeCreate: [identities.refuseExisting] } };
    const reader = metricsSecret(server);
    const policy = new minio.IamPolicy(reader, { name: reader, policy: JSON.stringify(metricsPolicy()) }, claims);
    const user = new minio.IamUser(reader, { name: reader }, { ...claims, dependsOn: policy });
    new minio.IamUserPolicyAttachment(
      reader,
      { userName: user.name, policyName: policy.name },
      { ...onServer, deletedWith: user },
    );
    const token = user.secret.apply((secret) => metricsToken({ user: reader, secret }));
    new Secret(
      `Secret/${reader}`,
      { metadata: metadata(server, "metrics"), stringData: pulumi.secret({ token }) },
      { ...own, deleteBeforeReplace: true },
    );
    // Rules are an operator's; a Prometheus of the stack's own has them in its settings.
    for (const platform of server.monitoring ? platforms : []) {
      for (const rule of prometheusRules({ platform, server })) resourceOf(rule, own);
    }
    this.registerOutputs({});
  }
}
