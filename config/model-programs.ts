import { z } from "zod";
import { days, list, object, text, textByName, texts } from "./model-shapes.ts";
import { LOGIN_ROLES } from "./values/mlflow-logins.ts";

/** Programs of the resolved model: workloads in the cluster, services beside the platforms. */

/** Of a run that ends: retried so often, all tries within the deadline. */
const limits = { deadlineSeconds: z.number(), retries: z.number() };

const workloadRun = z.discriminatedUnion("kind", [
  object({
    kind: z.literal("job"),
    /** The platform's other workloads begin when it has succeeded. */
    gates: z.boolean(),
    ...limits,
  }),
  object({
    kind: z.literal("scheduled_job"),
    /** As cron has it, in the time zone. */
    schedule: text,
    timeZone: text,
    ...limits,
  }),
  object({
    kind: z.literal("service"),
    port: z.number(),
    /** Path that answers 200 when the program is ready. */
    health: text,
    replicas: object({ min: z.number(), max: z.number() }),
  }),
]);

/** A container of a workload: what it runs and with whose rights. */
const workloadStep = object({
  name: text,
  /** Empty is the image's entry point. */
  command: texts,
  arguments: texts,
  variables: textByName,
  /** Whose key the program gets. */
  serviceAccount: text.nullable(),
  /** Role on the database server with which it logs in. */
  databaseRole: text.nullable(),
  /** Another server whose key it gets as well, one of `bucketworks:backupTargets`; absent is none. */
  backupTarget: text.optional(),
});

export const workload = object({
  name: text,
  run: workloadRun,
  /** Null is the image in which bucketworks runs; a bare name is a data program's. */
  image: text.nullable(),
  /** One after the other; one alone has the workload's name. */
  steps: list(workloadStep),
  /** Name of the ConfigMap with the platform's file; null where the program doesn't get it. */
  config: text.nullable(),
  /** Quantities of Kubernetes. */
  cpu: text,
  memory: text,
  /** Most that the home folder holds. */
  home: text,
});

/** How other pods come in the place of those that run, by Argo Rollouts. */
export const rollout = object({
  strategy: z.enum(["blue_green", "canary"]),
  /** Of canary: share of the pods that are new, in percent, and for how long; null until a person goes on. */
  steps: z.array(object({ weight: z.number(), pauseSeconds: z.number().nullable() })),
  analysis: object({
    errorPercent: z.number(),
    /** That 99 of 100 requests keep. */
    latencyMs: z.number(),
    /** Fewest in an interval by which pods are judged. */
    requests: z.number(),
    intervalSeconds: z.number(),
    rounds: z.number(),
  }).nullable(),
});

/** Programs beside the platforms; null where the platform asks for none. */
export const services = object({
  prometheus: object({
    port: z.number(),
    retentionDays: days,
    /** Of what it keeps, in bytes. */
    maxBytes: z.number(),
    scrapeSeconds: z.number(),
  }).nullable(),
  alertmanager: object({
    port: z.number(),
    groupWaitSeconds: z.number(),
    groupIntervalSeconds: z.number(),
    repeatSeconds: z.number(),
  }).nullable(),
  nodeExporter: object({ port: z.number() }).nullable(),
  postgresExporter: object({ port: z.number() }).nullable().default(null),
  logs: object({
    port: z.number(),
    retentionDays: days,
    /** Of what it keeps, in bytes. */
    maxBytes: z.number(),
    /** Bucket of the audit trail, and whose key adds to it. */
    audit: object({ bucket: text, serviceAccount: text }).nullable(),
    /** Whether each request to the local server is a line. */
    serverRequests: z.boolean().default(false),
  })
    .nullable()
    .default(null),
  grafana: object({ port: z.number() }).nullable().default(null),
  jupyter: object({ port: z.number() }).nullable().default(null),
  /** The platform's own. */
  mlflow: object({
    port: z.number(),
    serviceAccount: text,
    bucket: text,
    /** Empty or with / at its end. */
    prefix: text,
    database: text,
    /** Role on the database server, which owns what is in the database. */
    role: text,
    workers: z.number(),
    auth: z.boolean(),
    /** What each may do that the file names, sorted by name; kept models of before have none. */
    logins: z.record(text, z.enum(LOGIN_ROLES)).readonly().default({}),
    replicas: z.number(),
    /** Quantities of Kubernetes. */
    cpu: text,
    memory: text,
  })
    .nullable()
    .default(null),
  /** The platform's own. */
  modelApi: object({
    port: z.number(),
    model: text,
    alias: text,
    serviceAccount: text,
    /** Of one subject. */
    requestsPerMinute: z.number(),
    /** Number of the version that is served whatever has the alias; null follows the alias. */
    version: z.number().nullable().default(null),
    replicas: object({ min: z.number(), max: z.number() }),
    /** Quantities of Kubernetes. */
    cpu: text,
    memory: text,
    rollout: rollout.nullable().default(null),
  })
    .nullable()
    .default(null),
});

/** A program that runs in the cluster of the stack. */
export type Workload = z.output<typeof workload>;
/** One container of a workload. */
export type WorkloadStep = z.output<typeof workloadStep>;
/** How a workload runs. */
export type WorkloadRun = Workload["run"];
/** How other pods of a service come in the place of those that run. */
export type Rollout = z.output<typeof rollout>;
/** Programs beside a platform. */
export type Services = z.output<typeof services>;
/** Those of which one serves all platforms of a stack. */
export type SharedServices = Omit<Services, "mlflow" | "modelApi">;

/** What a platform has that asks for none. */
export const NO_SERVICES: Services = {
  prometheus: null,
  alertmanager: null,
  nodeExporter: null,
  postgresExporter: null,
  logs: null,
  grafana: null,
  jupyter: null,
  mlflow: null,
  modelApi: null,
};
