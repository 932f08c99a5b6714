import { z } from "zod";
import { defaults } from "../defaults.ts";
import { LOGIN_ROLES } from "../values/mlflow-logins.ts";
import { rollout } from "./rollout.ts";
import { enabled, MOST_REPLICAS, port, text, whole } from "./service-values.ts";

/** Services that are a platform's own: each platform that asks for one gets its own, with its bucket and key. */

const { mlflow: usual, modelApi: usualApi } = defaults.services;
const WORKERS = 64;

const serviceAccount = (what: string) => z.string().describe(what);

export const mlflow = z
  .strictObject({
    enabled,
    port: port(usual.port),
    service_account: serviceAccount("Service account whose key the server has; it reads and writes the bucket"),
    bucket: z.string().describe("Bucket of the platform that keeps the artifacts"),
    prefix: text("", "Below which artifacts lie, like mlflow/"),
    database: z
      .string()
      .meta({ examples: ["mlflow"] })
      .optional()
      .describe("Its own database on the PostgreSQL server; <platform>_mlflow, where nothing is said"),
    workers: whole(usual.workers, 1, WORKERS, "Processes that answer requests"),
    auth: z
      .boolean()
      .meta({ default: false })
      .optional()
      .describe("Whether everybody logs in with a password; true where logins are named"),
    logins: z
      .record(z.string(), z.enum(LOGIN_ROLES))
      .meta({ examples: [{ ana: "read", ben: "edit" }] })
      .optional()
      .describe("Who logs in, and what they may do in it: read, edit or manage"),
    replicas: whole(usual.replicas, 1, MOST_REPLICAS, "Pods on Kubernetes"),
    cpu: text(usual.cpu, "Processor that a pod asks for"),
    memory: text(usual.memory, "Memory that a pod asks for, and its limit"),
  })
  .describe("Tracks experiments and keeps registered models (MLflow); its artifacts lie in a bucket of the platform");

export const modelApi = z
  .strictObject({
    enabled,
    port: port(usualApi.port),
    model: z
      .string()
      .meta({ examples: ["identity-masker"] })
      .describe("Registered model of the platform's mlflow"),
    alias: text(usualApi.alias, "Alias of the version that it serves"),
    version: z
      .int()
      .min(1)
      .meta({ examples: [3] })
      .optional()
      .describe("Number of the version that it serves, whatever has the alias: another one comes by an update"),
    service_account: serviceAccount("Service account whose key reads the artifacts of mlflow"),
    requests_per_minute: whole(usualApi.requestsPerMinute, 1, 1_000_000, "How many requests one subject may make"),
    min_replicas: whole(usualApi.minReplicas, 1, MOST_REPLICAS, "Fewest pods on Kubernetes"),
    max_replicas: whole(usualApi.maxReplicas, 1, MOST_REPLICAS, "Most pods on Kubernetes"),
    cpu: text(usualApi.cpu, "Processor that a pod asks for"),
    memory: text(usualApi.memory, "Memory that a pod asks for, and its limit"),
    rollout: rollout.optional(),
  })
  .describe("Answers requests with a registered model");

export type MlflowSpec = z.infer<typeof mlflow>;
export type ModelApiSpec = z.infer<typeof modelApi>;
