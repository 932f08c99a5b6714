import * as pulumi from "@pulumi/pulumi";
import { instancesOf } from "../../../builders/services/declared.ts";
import type { PlannedService } from "../../../builders/services/kubernetes/instance.ts";
import type { Planned } from "../../../builders/services/kubernetes/planned.ts";
import type { Lack } from "../../../builders/services/kubernetes/stack-parts.ts";
import type { ClusterServices } from "../../../config/cluster-services/schema.ts";
import type { Platform } from "../../../config/model.ts";
import { DEV_STAGE } from "../../../config/rules/stage.ts";
import { type Fix, formatSettingFault, setCommand } from "../../../config/stack/fault.ts";

/** What nobody deploys is said where everybody looks. */
export function warnOfUnset(platforms: readonly Platform[]): void {
  const names = instancesOf(platforms).map(({ name }) => name);
  const fix = [setCommand("--path bucketworks:services.deploy true"), " (docs/services-on-kubernetes.md)"];
  if (names.length > 0) warn(names, { message: "has no setting for services", fix });
}

interface Lacking {
  readonly message: string;
  readonly fix: Fix;
}

const LACKING: Readonly<Record<Lack, Lacking>> = {
  "mlflow-server": {
    message: "has no image mlflow-server",
    fix: [
      "build pipelines/mlflow-server/Dockerfile (docs/images.md), then ",
      setCommand("--path bucketworks:services.images.mlflow REGISTRY/mlflow-server:COMMIT"),
    ],
  },
  mlops: {
    message: "has no image mlops",
    fix: [
      "build pipelines/mlops/Dockerfile (docs/images.md), then ",
      setCommand("--path bucketworks:programImages.mlops REGISTRY/mlops:COMMIT"),
    ],
  },
  database: {
    message: "deploys no PostgreSQL beside the object store",
    fix: [setCommand("--path bucketworks:postgres.kind statefulset"), " (docs/postgres.md)"],
  },
  tokens: {
    message: "doesn't say whose tokens they take",
    fix: [
      setCommand("--path bucketworks:services.tokens.jwks https://HOST/jwks.json"),
      ", then ",
      setCommand("--path bucketworks:services.tokens.issuer ISSUER"),
    ],
  },
  workloads: {
    message: "has no image in which bucketworks runs",
    fix: [
      "build images/workloads/Dockerfile (docs/images.md), then ",
      setCommand("bucketworks:workloadsImage REGISTRY/workloads:COMMIT"),
    ],
  },
  servicesKey: {
    message: "has no key for passwords of services",
    fix: ["head -c 32 /dev/urandom | base64 | ", setCommand("--secret bucketworks:servicesKey")],
  },
  prometheus: {
    message: "has no Prometheus that it could ask",
    fix: ["write prometheus: {} beside it in the platform's file"],
  },
  statefulset: {
    message: "has no PostgreSQL of kind statefulset beside the object store; another kind has metrics of its own",
    fix: [setCommand("--path bucketworks:postgres.kind statefulset"), " (docs/postgres.md)"],
  },
  mlflow: { message: "doesn't deploy their MLflow", fix: ["what MLflow lacks is said beside this"] },
};

export function warnOfIdle(idle: Planned["idle"]): void {
  for (const lack of Object.keys(LACKING) as Lack[]) {
    const names = idle[lack] ?? [];
    if (names.length > 0) warn(names, LACKING[lack]);
  }
}

/** Where a stage is somebody's work, what services say to one another is worth a certificate. */
export function warnOfPlain(
  planned: readonly PlannedService[],
  { tls }: Pick<ClusterServices, "tls">,
  stage: string,
): void {
  const names = planned.map(({ instance }) => instance.name);
  if (stage === DEV_STAGE || tls.from !== "none" || names.length === 0) return;
  const message = `${names.join(", ")}: what they say to one another travels in plaintext, logins and log lines too`;
  const fix = [
    "have cert-manager give each a certificate: ",
    setCommand("--path bucketworks:services.tls.from cert-manager"),
    ", then ",
    setCommand("--path bucketworks:services.tls.issuer NAME"),
    " (docs/services-on-kubernetes.md#tls-between-services), or let the network encrypt all of it",
  ];
  pulumi.log.warn(formatSettingFault({ message, fix }, pulumi.getStack()));
}

function warn(names: readonly string[], { message, fix }: Lacking): void {
  const fault = { message: `${names.join(", ")}: not deployed, the stack ${message}`, fix };
  pulumi.log.warn(formatSettingFault(fault, pulumi.getStack()));
}
