import * as pulumi from "@pulumi/pulumi";
import { instancesOf } from "../../../builders/services/declared.ts";
import type { Planned } from "../../../builders/services/kubernetes/planned.ts";
import type { Lack } from "../../../builders/services/kubernetes/stack-parts.ts";
import type { Platform } from "../../../config/model.ts";
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

function warn(names: readonly string[], { message, fix }: Lacking): void {
  const fault = { message: `${names.join(", ")}: not deployed, the stack ${message}`, fix };
  pulumi.log.warn(formatSettingFault(fault, pulumi.getStack()));
}
