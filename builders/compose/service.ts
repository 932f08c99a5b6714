import { secretPath } from "./secrets.ts";
import { type Variable, variable } from "./variables.ts";

/** A service as Compose reads it, as far as ours go. @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md */
export interface ComposeService {
  readonly image: string;
  readonly build?: Build;
  readonly profiles?: readonly string[];
  readonly user: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly networks?: readonly string[];
  readonly network_mode?: "none";
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly healthcheck?: Healthcheck;
  readonly restart: "unless-stopped" | "no";
  readonly stop_grace_period?: string;
  readonly stop_signal?: "SIGINT";
  readonly shm_size?: string;
  readonly cap_add?: readonly string[];
  readonly read_only: true;
  readonly cap_drop: readonly ["ALL"];
  readonly security_opt: readonly ["no-new-privileges:true"];
  readonly init: true;
  readonly deploy: { readonly resources: { readonly limits: Limits } };
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
}

interface Limits {
  readonly cpus: string;
  readonly memory: string;
  readonly pids: number;
}

export interface Build {
  /** From the project's root. */
  readonly context: string;
  /** From the context. */
  readonly dockerfile: string;
}

interface Healthcheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
}

interface Dependency {
  readonly condition: "service_healthy" | "service_completed_successfully";
  /** It starts again where what it waited for was made anew. */
  readonly restart?: true;
}

type SameForAll = "read_only" | "cap_drop" | "security_opt" | "init" | "deploy" | "logging";

/** What is said of a service; the rest is the same for all. */
interface Given extends Omit<ComposeService, "user" | "restart" | SameForAll> {
  /** @default the user of the machine, whose files the secrets are */
  readonly user?: string;
  /** Of Kubernetes, `512Mi`. */
  readonly memory: string;
  /** Ends by itself. @default false */
  readonly once?: boolean;
}

/** User and group of our containers: whose the secrets' files are. */
export const USER = `${variable("BUCKETWORKS_UID")}:${variable("BUCKETWORKS_GID")}`;

/**
 * A container that has no right beyond its own user's, and writes to its volumes and its `/tmp` alone.
 * One that ended by itself isn't started again, every other one is.
 */
export function service({ memory, once = false, user = USER, ...given }: Given): ComposeService {
  return {
    ...given,
    user,
    read_only: true,
    tmpfs: [...(given.tmpfs ?? []), "/tmp:mode=1777,size=256m"],
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    init: true,
    restart: once ? "no" : "unless-stopped",
    deploy: { resources: { limits: { cpus: variable("BUCKETWORKS_CPUS"), memory: composeBytes(memory), pids: 512 } } },
    logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
  };
}

/** Asked every ten seconds; what it needs to start doesn't count as failed. */
export function healthcheck(test: readonly string[], startSeconds = 60): Healthcheck {
  return { test: ["CMD", ...test], interval: "10s", timeout: "20s", retries: 3, start_period: `${startSeconds}s` };
}

export const HEALTHY: Dependency = { condition: "service_healthy" };
export const COMPLETED: Dependency = { condition: "service_completed_successfully" };
/** As `COMPLETED`; and where it ran again, so does who waited. */
export const PREPARED: Dependency = { ...COMPLETED, restart: true };

/** Nothing but this machine reaches it. */
export function published(port: Variable, inside: number): string {
  return `127.0.0.1:${variable(port, String(inside))}:${inside}`;
}

/** An image that is built here, unless the registry has it. */
export function ownImage(name: string): string {
  return `${variable("BUCKETWORKS_REGISTRY")}/${name}:${variable("BUCKETWORKS_TAG")}`;
}

/** Text that Compose takes as it is, whatever `$` is in it. */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** `MINIO_ROOT_USER_FILE: /run/secrets/minio-root-user`. */
export function secretFiles(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, secret]) => [name, secretPath(secret)]));
}

/** Compose knows Kubernetes' quantities by one letter: `512m` is 512Mi. */
function composeBytes(quantity: string): string {
  return quantity.replace(/([KMGT])i$/, (_, letter: string) => letter.toLowerCase());
}
