import { createHmac } from "node:crypto";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { type Checksums, keyProfile, keyVariables } from "../../builders/key-variables.ts";
import { kserveAnnotations } from "../../builders/kserve.ts";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../builders/kubernetes/pod-annotation.ts";
import { configMap, workloadManifests } from "../../builders/workloads/manifests.ts";
import { keySecretName, platformLabels, type WorkloadPlace } from "../../builders/workloads/workload-metadata.ts";
import type { Workload } from "../../config/model.ts";
import { isLabelValue } from "../../config/stack/kubernetes-values.ts";
import type { BackupTargetSettings } from "../../config/stack/settings.ts";
import type { DatabaseLogin } from "../database-logins.ts";
import type { CredentialOutput } from "../outputs.ts";
import { backupTargetSecret } from "./backup-target-secret.ts";
import { inputText } from "./input-text.ts";
import { jobTimeouts } from "./job-timeouts.ts";
import { resourceOf } from "./resource-of.ts";

export interface WorkloadsArgs {
  readonly place: WorkloadPlace;
  readonly workloads: readonly Workload[];
  /** Service accounts whose keys other programs of the cluster use. */
  readonly exportedServiceAccounts: readonly string[];
  /** Those that the platform's services use. */
  readonly serviceKeys: readonly string[];
  /** What programs are told of checksums, beside their key. */
  readonly checksums: Checksums | undefined;
  /** Text of the platform's file; nobody reads it where no workload has `config`. */
  readonly config: string;
  /** Of the platform, by service account. */
  readonly credentials: pulumi.Output<Record<string, CredentialOutput>>;
  readonly region: string;
  readonly provider: Provider;
  /** What workloads find when they begin: the platform's buckets and identities. */
  readonly ready: pulumi.Resource;
  /** What those that log in to a database wait for. */
  readonly migrated: pulumi.Resource | undefined;
  /** Other servers that backups go to, of the stack. */
  readonly backupTargets: Readonly<Record<string, BackupTargetSettings>>;
  /** Of the stack, by role. */
  readonly logins: pulumi.Output<Record<string, DatabaseLogin>> | undefined;
}

const IDENTITY = "bucketworks.io/identity";
const ISSUED = "bucketworks.io/issued";
const KEY = "bucketworks.io/key";
const LOGIN = "bucketworks.io/login";

/** The programs of one platform on Kubernetes, with the keys and the file they read. */
export class PlatformWorkloads extends pulumi.ComponentResource {
  constructor(name: string, args: WorkloadsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:PlatformWorkloads", name, {}, opts);
    const { place, workloads, exportedServiceAccounts, serviceKeys, config, provider, ready, migrated } = args;
    const own = { parent: this, provider };
    const accounts = new Set([
      ...exportedServiceAccounts,
      ...serviceKeys,
      ...workloads.flatMap(({ steps }) => steps.flatMap(({ serviceAccount }) => serviceAccount ?? [])),
    ]);
    const targets = new Set(workloads.flatMap(({ steps }) => steps.flatMap(({ backupTarget }) => backupTarget ?? [])));
    const secrets = [
      ...[...accounts].sort().map((account) => keySecret(account, args, own)),
      ...[...targets].map((target) => backupTargetSecret(target, place, args.backupTargets, own)),
    ];
    const files = new Set(workloads.flatMap((workload) => workload.config ?? []));
    const configs = [...files].map((file) => resourceOf(configMap(file, config, place), own));
    const make = (workload: Workload, gates: readonly pulumi.Resource[]): pulumi.CustomResource[] => {
      const logsIn = workload.steps.some(({ databaseRole }) => databaseRole !== null);
      const tables = logsIn && migrated !== undefined ? [migrated] : [];
      const dependsOn = [ready, ...secrets, ...configs, ...tables, ...gates];
      return workloadManifests(workload, place).map((manifest) => {
        const wait = manifest.kind === "Job" && { customTimeouts: jobTimeouts(manifest) };
        return resourceOf(withKeys(manifest, workload, args), { ...own, dependsOn, ...wait });
      });
    };
    const first = workloads.filter(isGate);
    const gates = first.flatMap((workload) => make(workload, []));
    for (const workload of workloads.filter((each) => !isGate(each))) {
      make(workload, gates);
    }
    this.registerOutputs({});
  }
}

function isGate({ run }: Workload): boolean {
  return run.kind === "job" && run.gates;
}

/**
 * Tells the pods of a service with which key and login they run, so that others make other pods. What runs by the clock reads
 * its Secrets each time, and a Job that is done isn't run again for a key.
 */
function withKeys(manifest: Manifest, { steps: [program] }: Workload, args: WorkloadsArgs): Manifest {
  if (manifest.kind !== "Deployment" || program === undefined) return manifest;
  const { credentials, logins } = args;
  const { serviceAccount, databaseRole } = program;
  const marks = [
    serviceAccount !== null && ([KEY, credentials.apply((all) => all[serviceAccount]?.secretKey)] as const),
    databaseRole !== null &&
      logins !== undefined &&
      ([LOGIN, logins.apply((all) => all[databaseRole]?.password)] as const),
  ].filter((mark) => mark !== false);
  return marks.reduce(
    (all, [name, secret]) => withPodAnnotation(all, name, inputText(pulumi.unsecret(secret.apply(fingerprint)))),
    manifest,
  );
}

/** Nobody gets from it to a random secret, and a preview may show that it is another. */
function fingerprint(secret = ""): string {
  return createHmac("sha256", secret).update("fingerprint").digest("hex").slice(0, 16);
}

/** A key as variables and as AWS's file. Another key is another Secret, and so another date of issue. */
function keySecret(
  account: string,
  { place, credentials, region, checksums, exportedServiceAccounts }: WorkloadsArgs,
  opts: pulumi.CustomResourceOptions,
): Secret {
  const key = credentials.apply((all) => {
    const found = all[account];
    if (found === undefined) throw new pulumi.RunError(`platform ${place.platform} has no service account ${account}`);
    return { ...found, endpoint: place.server, region, checksums };
  });
  const data = key.apply((each) => ({ ...keyVariables(each), credentials: keyProfile("default", each) }));
  const name = keySecretName(account);
  const labels = {
    ...platformLabels(place),
    "bucketworks.io/owner": place.platform,
    // Accounts may have names that no label takes.
    ...(isLabelValue(account) && { [IDENTITY]: account }),
    [ISSUED]: new Date().toISOString().slice(0, "YYYY-MM-DD".length),
  };
  // KServe looks nowhere else for the server of a Secret.
  const kserve = exportedServiceAccounts.includes(account) ? kserveAnnotations({ endpoint: place.server, region }) : {};
  const annotations = { [IDENTITY]: account, ...kserve };
  return new Secret(
    `Secret/${name}`,
    {
      metadata: { name, namespace: place.namespace, labels, annotations },
      stringData: pulumi.secret(data),
    },
    { ...opts, ignoreChanges: [`metadata.labels["${ISSUED}"]`], deleteBeforeReplace: true },
  );
}
