import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unknownCheckingProxy } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { workloadManifests } from "../../builders/workloads/manifests.ts";
import type { Platform } from "../../config/model.ts";
import { loadModel } from "../../config/spec.ts";
import { type Evaluation, evaluate } from "../../policy/evaluate.ts";
import { readers } from "../../policy/facts/from-resources.ts";
import type { RegisteredResource } from "../../policy/facts/resource.ts";
import type { Judged } from "../../policy/facts.ts";
import { ruleSettings } from "../../policy/rule-settings.ts";
import { rules } from "../../policy/rules.ts";
import { VALID_STACK } from "../support/facts.ts";
import { cronJob, deployment, UNKNOWN } from "../support/kubernetes-objects.ts";
import { resolved } from "../support/platforms.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const goldens = readdirSync(GOLDEN).filter((file) => file.endsWith(".manifests.json"));
const kubernetesRules = rules.filter(({ name }) => name.startsWith("kubernetes-"));

/** What the three kinds of workloads become. */
const RUNNING = ["CronJob", "Deployment", "HorizontalPodAutoscaler", "Job", "PodDisruptionBudget", "Service"];

/** The platform in whose spec everything stands that one may say. */
function complete(): Platform {
  const files = [join(import.meta.dirname, "../fixtures/specs/complete.yaml")];
  const use = { connection: false, credentials: false };
  const result = loadModel({ files, stage: "production", env: {}, use });
  const [only] = result.ok ? result.model.platforms : [];
  if (only === undefined) throw new Error("the complete spec has faults");
  return only;
}

function manifestsOf(file: string): Manifest[] {
  return JSON.parse(readFileSync(join(GOLDEN, file), "utf8")) as Manifest[];
}

/** A manifest of ours, or one like it. */
type Registered = Pick<Manifest, "metadata"> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: object;
};

/** As the engine shows a manifest to the pack. */
function registered(manifest: Registered): RegisteredResource {
  const { apiVersion, kind, metadata } = manifest;
  const type = `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`;
  const urn = `urn:pulumi:production::p::${type}::${metadata.name}`;
  return { type, name: metadata.name, urn, props: unknownCheckingProxy(manifest), opts: { protect: false } };
}

/** What docs/services-on-kubernetes.md asks for: the one pod of ours that talks to the API server. */
const SHIPPER = { "kubernetes-service-account-token": { allowed: ["mlops/log-shipper"] } };

/** Judged by every rule at the level of production. @param given the pack's configuration */
function judged(manifests: readonly Registered[], given: Record<string, unknown> = SHIPPER): Evaluation {
  const resources = manifests.map(registered);
  const of = <K extends keyof typeof readers>(sort: K) =>
    resources.flatMap((each) => readers[sort](each) ?? []) as unknown as Judged[K];
  const all: Judged = {
    resource: [],
    bucket: [],
    grant: [],
    workload: of("workload"),
    service: of("service"),
    namespace: of("namespace"),
    stack: VALID_STACK,
  };
  const settings = ruleSettings(rules, given);
  if (!settings.ok) throw new Error(settings.faults.join("; "));
  return evaluate(rules, settings.settings, all);
}

const found = (manifests: readonly Manifest[]): string[] =>
  judged(manifests).findings.map(({ rule, message }) => `${rule}: ${message}`);

/** Copies of the manifests, one text in them replaced wherever it stands. */
function weakened(manifests: readonly Manifest[], from: string, to: string): Manifest[] {
  const text = JSON.stringify(manifests);
  if (!text.includes(from)) throw new Error(`the manifests hold no ${from}`);
  return JSON.parse(text.replaceAll(from, to)) as Manifest[];
}

/** Of each rule, what of a manifest breaks it. */
const WEAKER: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "kubernetes-image-pinned": [[":RELEASE.2026-09-16T00-00-00Z", ":latest"]],
  "kubernetes-image-vulnerable": [["docker.io/pgsty/silo:RELEASE.2026", "quay.io/minio/minio:RELEASE.2024"]],
  "kubernetes-resources": [['"limits":{"memory":"1Gi"}', '"limits":{}']],
  "kubernetes-non-root": [
    ['"runAsNonRoot":true', '"runAsNonRoot":false'],
    ['"runAsUser":1000', '"runAsUser":0'],
  ],
  "kubernetes-privileges": [
    ['"allowPrivilegeEscalation":false', '"allowPrivilegeEscalation":true'],
    ['"drop":["ALL"]', '"drop":["NET_RAW"]'],
    ['"type":"RuntimeDefault"', '"type":"Unconfined"'],
  ],
  "kubernetes-read-only-root": [['"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false']],
  "kubernetes-host-access": [
    ['"emptyDir":{}', '"hostPath":{"path":"/tmp"}'],
    ['"containerPort":9000', '"containerPort":9000,"hostPort":9000'],
    ['"enableServiceLinks":false', '"hostNetwork":true'],
  ],
  "kubernetes-probes": [
    ['"livenessProbe"', '"startupProbe"'],
    ['"readinessProbe"', '"startupProbe"'],
  ],
  "kubernetes-env-secret": [
    ['"valueFrom":{"secretKeyRef":{"name":"minio-root","key":"password"}}', '"value":"canary-of-no-worth"'],
  ],
  "kubernetes-service-exposure": [['"type":"ClusterIP"', '"type":"LoadBalancer"']],
  "kubernetes-volume-retention": [['"whenDeleted":"Retain"', '"whenDeleted":"Delete"']],
  "kubernetes-service-account-token": [
    ['"automountServiceAccountToken":false', '"automountServiceAccountToken":true'],
    ['"emptyDir":{}', '"projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}'],
  ],
  "kubernetes-pod-security": [["pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn"]],
};

test.each(goldens)("%s keeps every policy of production", (file) => {
  expect(judged(manifestsOf(file))).toEqual({ findings: [], unjudged: [] });
});

test.each(goldens.filter((file) => file.startsWith("services.")))(
  "of %s the shipper of logs alone needs to be named, since it talks to the API server",
  (file) => {
    const subjects = judged(manifestsOf(file), {}).findings.map(({ rule, subject }) => [rule, subject.name]);
    expect(subjects).toEqual([["kubernetes-service-account-token", "mlops/log-shipper"]]);
  },
);

test("what the platforms' workloads become keeps every policy of production", () => {
  const place = {
    configDigest: "0123456789abcdef",
    namespace: "mlops",
    stage: "production",
    image: "registry.example/workloads:1.2.3",
    programImages: {
      cybersec: "registry.example/cybersec:1.2.3",
      dataops: "registry.example/dataops:1.2.3",
      experiments: "registry.example/experiments:1.2.3",
      features: "registry.example/features:1.2.3",
      mlops: "registry.example/mlops:1.2.3",
    },
    imagePullSecret: undefined,
    server: "https://minio-service.mlops.svc:9000",
    caSecret: "minio-tls",
    databaseCaSecret: undefined,
    backupTargets: {},
  };
  const platforms = [...resolved(null, "production").platforms, complete()];
  const manifests = platforms.flatMap(({ name, workloads }) =>
    workloads.flatMap((each) => workloadManifests(each, { ...place, platform: name })),
  );
  expect(new Set(manifests.map(({ kind }) => kind))).toEqual(new Set(RUNNING));
  expect(judged(manifests)).toEqual({ findings: [], unjudged: [] });
});

describe.each(goldens.filter((file) => file.startsWith("minio.")))("%s, made weaker", (file) => {
  const manifests = manifestsOf(file);

  test.each(Object.entries(WEAKER).flatMap(([rule, changes]) => changes.map((change) => [rule, ...change] as const)))(
    "is refused by %s with %s made %s",
    (rule, from, to) => {
      const findings = found(weakened(manifests, from, to));
      expect(findings).not.toEqual([]);
      for (const finding of findings) expect(finding).toMatch(new RegExp(`^${rule}: (Service|StatefulSet|Namespace) `));
    },
  );
});

test("each rule on objects of Kubernetes is proved on what the project deploys, or on a CronJob", () => {
  expect([...Object.keys(WEAKER), "kubernetes-deadline"].sort()).toEqual(
    kubernetesRules.map(({ name }) => name).sort(),
  );
});

test("a Deployment and a CronJob that say what is asked keep every rule", () => {
  expect(judged([deployment(), cronJob()])).toEqual({ findings: [], unjudged: [] });
});

test("containers of every part are judged: init, sidecar, and those of a CronJob's Jobs", () => {
  const bare = { name: "bare", image: "bare" };
  const sidecar = { ...bare, name: "sidecar", restartPolicy: "Always" };
  const messages = (manifest: Manifest) => found([manifest]).filter((line) => line.includes("image-pinned"));
  expect(messages(deployment({ pod: { initContainers: [bare, sidecar] } }))).toHaveLength(2);
  expect(messages(cronJob({ pod: { containers: [bare] } }))).toEqual([
    expect.stringContaining("CronJob mlops/validator runs container bare from bare"),
  ]);
});

test("a sidecar needs probes, a container that only prepares and a CronJob need none", () => {
  const { readinessProbe: _, livenessProbe: __, ...still } = deployment().spec.template.spec.containers[0] ?? {};
  const probed = (initContainers: readonly object[]) => found([deployment({ pod: { initContainers } })]);
  expect(probed([{ ...still, name: "prepare" }])).toEqual([]);
  expect(probed([{ ...still, name: "proxy", restartPolicy: "Always" }])).toEqual([
    expect.stringMatching(/^kubernetes-probes: Deployment mlops\/app has no readinessProbe .* for container proxy;/),
  ]);
  expect(found([cronJob({ job: { activeDeadlineSeconds: undefined } })])).toEqual([
    expect.stringMatching(/^kubernetes-deadline: CronJob mlops\/validator may run for ever/),
  ]);
});

test("a value that isn't known yet leaves its own rules undecided, and no other", () => {
  const { findings, unjudged } = judged([
    deployment({ container: { env: [{ name: "DB_PASSWORD", value: UNKNOWN }], image: UNKNOWN } }),
  ]);
  expect(findings).toEqual([]);
  expect(unjudged.map(({ rule }) => rule)).toEqual([
    "kubernetes-image-pinned",
    "kubernetes-image-vulnerable",
    "kubernetes-env-secret",
  ]);
});

test("no sentence repeats the value of a variable", () => {
  const canary = "postgresql://app:canary-of-no-worth@db/app";
  const env = [
    { name: "DB_PASSWORD", value: "canary-of-no-worth" },
    { name: "DATABASE", value: canary },
  ];
  const findings = found([deployment({ container: { env } })]);
  expect(findings).toHaveLength(2);
  expect(findings.join()).not.toContain("canary");
});

test("a kind of the same name in somebody else's group is none of it", () => {
  const service = { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata: { name: "s" }, spec: {} };
  const cluster = { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", metadata: { name: "db" }, spec: {} };
  expect(judged([{ ...service, spec: { type: "LoadBalancer" } }, cluster])).toEqual({ findings: [], unjudged: [] });
});
