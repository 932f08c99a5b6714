import { z } from "zod";
import { defaults } from "../defaults.ts";
import { PROGRAM_IMAGES } from "../values/image.ts";
import { MOST_REPLICAS } from "./service-values.ts";

const text = z.string();
const count = z.int().min(1).max(MOST_REPLICAS);
/** Of a run that fails each time; Kubernetes itself refuses only numbers of more than 32 bits. */
const RETRIES = 100;
const quantity = (what: string, examples: string[]) => text.meta({ examples }).describe(what);

/** What a container runs, and with whose rights. */
const program = {
  command: z.array(text).min(1).optional().describe("Instead of the image's entry point"),
  arguments: z.array(text).optional().describe("Arguments of the program"),
  variables: z
    .record(text, text)
    .optional()
    .describe("Environment of the program; nothing secret, and nothing that its pod is given"),
  service_account: text
    .optional()
    .describe("Service account of this file whose key the program gets, as MINIO_* and AWS_* variables"),
  database_role: text
    .optional()
    .describe("Role of this file's database with which the program logs in, as PG_* and PG* variables"),
};

const step = z.strictObject({ name: text.describe("Of its container, for kubectl logs --container"), ...program });

/** One program of the platform in its cluster. Which keys go with which kind is judged by a rule. */
export const workload = z
  .strictObject({
    kind: z
      .enum(["job", "scheduled_job", "service"])
      .describe("job: runs once for each change; scheduled_job: on a schedule; service: always"),
    image: text
      .optional()
      .describe(
        `By tag or digest, or a data program of pipelines/ (${PROGRAM_IMAGES.join(", ")}), whose image the stack builds or names; absent is the image in which bucketworks runs`,
      ),
    ...program,
    steps: z
      .array(step)
      .min(1)
      .optional()
      .describe(
        "job and scheduled_job: programs of the image that run one after the other, each when the one before has succeeded, each with its own key and login alone, all with one home folder; instead of command, arguments, service_account and database_role",
      ),
    config: text
      .optional()
      .describe(
        "ConfigMap with this file, which the program finds in /app/config as minio-buckets.yaml and as PLATFORM.yaml",
      ),
    cpu: quantity("Processor it asks for", ["100m"]).meta({ default: defaults.workload.cpu }).optional(),
    memory: quantity("Memory it asks for, and its limit", ["256Mi"])
      .meta({ default: defaults.workload.memory })
      .optional(),
    home: quantity("Most that its home folder holds, where alone it can write; it lies on the node's disk", ["2Gi"])
      .meta({ default: defaults.workload.home })
      .optional(),
    gates: z.boolean().optional().describe("job only: the platform's other workloads begin when it has succeeded"),
    schedule: text
      .meta({ examples: ["15 * * * *"] })
      .optional()
      .describe("scheduled_job only: minute, hour, day, month, weekday, as cron has them"),
    time_zone: text
      .meta({ default: defaults.workload.timeZone, examples: ["America/Bogota"] })
      .optional()
      .describe("scheduled_job only: of the schedule"),
    deadline: text
      .meta({ default: defaults.workload.deadline, examples: ["30m"] })
      .optional()
      .describe("job and scheduled_job: how long a run may take, tries together"),
    retries: z
      .int()
      .min(0)
      .max(RETRIES)
      .meta({ default: defaults.workload.retries })
      .optional()
      .describe(
        "job and scheduled_job: how often a failed run is tried again; a scheduled_job in the same pod, with its home folder, a job in a new one",
      ),
    port: z.int().min(1).max(65_535).optional().describe("service only: where the program listens"),
    health: text
      .meta({ default: defaults.workload.health })
      .optional()
      .describe("service only: path that answers 200 when the program is ready"),
    replicas: z
      .strictObject({ min: count.describe("Always this many"), max: count.describe("Never more") })
      .optional()
      .describe("service only: as many as its use of the processor asks for; absent is one"),
  })
  .describe("A program that runs in the cluster of the stack");

export type ProgramSpec = z.infer<typeof step>;
export type WorkloadSpec = z.infer<typeof workload>;
