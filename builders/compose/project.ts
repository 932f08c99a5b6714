import { commentLines } from "../../config/text/comment.ts";
import { yamlText } from "../../config/text/yaml.ts";
import { CONSOLE_PORT, S3_PORT } from "../minio/manifest.ts";
import { POSTGRES_PORT } from "../postgres/kubernetes/manifest.ts";
import { migrations, postgres, postgresSettings } from "./database.ts";
import {
  DATA_PIPELINE,
  DATA_PIPELINE_PLATFORM,
  dataPipeline,
  MODEL_REGISTRY,
  MODEL_TRAINING,
  modelTraining,
  testing,
} from "./jobs.ts";
import { INIT, MINIO, OWNER, POSTGRES, POSTGRES_MIGRATIONS, POSTGRES_SETTINGS, VALIDATOR } from "./names.ts";
import { declaredNetworks } from "./networks.ts";
import { hostOf, PLACES, type Program, portVariable, programService } from "./programs.ts";
import { declaredSecrets } from "./secrets.ts";
import type { ComposeService } from "./service.ts";
import { bucketInit, minio, validator } from "./storage.ts";
import { envExample, type PublishedPort } from "./variables.ts";
import { volumeOwner } from "./volume-owner.ts";

/** A project of Compose. @see https://github.com/compose-spec/compose-spec */
export interface ComposeProject {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: ReturnType<typeof declaredNetworks>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: ReturnType<typeof declaredSecrets>;
}

/**
 * Servers, initialiser, what the platforms ask for, and programs that somebody runs.
 * @param platforms names of those of the stack
 */
export function composeProject(programs: readonly Program[], platforms: readonly string[]): ComposeProject {
  const hasPipeline = platforms.includes(DATA_PIPELINE_PLATFORM);
  const registry = programs.find(({ instance }) => instance.name === MODEL_REGISTRY);
  const own = [
    ...programs.map(({ instance }) => instance.name),
    ...(hasPipeline ? [DATA_PIPELINE] : []),
    ...(registry === undefined ? [] : [MODEL_TRAINING]),
  ];
  const volumes = ["minio_data", "postgres_data", "postgres_settings", "state", ...own];
  const asked = programs.flatMap((program): [string, ComposeService][] => {
    const place = PLACES[program.instance.kind];
    return place === undefined ? [] : [[hostOf(program.instance.name), programService(program, place)]];
  });
  const services = {
    [OWNER]: volumeOwner(volumes),
    [MINIO]: minio(),
    [POSTGRES_SETTINGS]: postgresSettings(),
    [POSTGRES]: postgres(),
    [POSTGRES_MIGRATIONS]: migrations(),
    [INIT]: bucketInit(own),
    [VALIDATOR]: validator(),
    ...Object.fromEntries(asked),
    ...(hasPipeline && { [DATA_PIPELINE]: dataPipeline() }),
    ...(registry !== undefined && { [MODEL_TRAINING]: modelTraining(registry.instance.port) }),
    testing: testing(),
  };
  return {
    name: "bucketworks",
    services,
    networks: declaredNetworks(Object.values(services).flatMap(({ networks = [] }) => networks)),
    volumes: Object.fromEntries(volumes.map((name) => [name, {}])),
    secrets: declaredSecrets(),
  };
}

/** `compose.yaml`. Its words mean the same to older readers, to whom `no` and `off` are no text and `0:0` is a number. */
export function composeText(project: ComposeProject): string {
  const head = [
    "Written by bucketworks compose (make docs) from config/platforms: change those, not this. docs/compose.md says how to start it.",
  ];
  return commentLines(head) + yamlText(project, { schema: "yaml-1.1", aliasDuplicateObjects: false });
}

/** `.env.example`. */
export function envText(programs: readonly Program[]): string {
  const servers: PublishedPort[] = [
    { variable: "BUCKETWORKS_PORT", port: S3_PORT, of: "S3 API of MinIO" },
    { variable: "BUCKETWORKS_CONSOLE_PORT", port: CONSOLE_PORT, of: "Console of MinIO" },
    { variable: "BUCKETWORKS_POSTGRES_PORT", port: POSTGRES_PORT, of: "PostgreSQL" },
  ];
  const asked = programs
    .filter(({ instance }) => PLACES[instance.kind]?.published)
    .map(({ instance, title }) => ({ variable: portVariable(instance.name), port: instance.port, of: title }));
  return envExample([...servers, ...asked]);
}
