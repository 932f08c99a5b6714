import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../toolchain.ts";

/** Of a service of compose.yaml, what a container is started with. */
interface Service {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly user: string;
  readonly read_only: boolean;
  readonly init: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[]; readonly start_period: string };
  readonly deploy: { readonly resources: { readonly limits: { readonly memory: string; readonly pids: number } } };
}

/** What a test has in place of Compose's networks and volumes. */
interface Place {
  readonly image: string;
  readonly name: string;
  /** Folder by the name of a volume. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Texts that stand for others: a name of Compose's network, a port that is taken on the machine. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/**
 * Arguments of `docker run` for a service of compose.yaml: its user, mounts, limits, environment, command and health check as
 * they stand there. It is on the machine's network, as the engine of tests has no other.
 */
export function composeRun(service: string, { image, name, volumes, replaced = {} }: Place): string[] {
  const { services } = parse(readFileSync(join(ROOT, "compose.yaml"), "utf8")) as { services: Record<string, Service> };
  const found = services[service];
  if (found === undefined) throw new Error(`compose.yaml has no service ${service}`);
  const text = (value: string): string =>
    Object.entries(replaced).reduce((made, [from, to]) => made.replaceAll(from, to), interpolated(value));
  const [entry, ...words] = [...(found.entrypoint ?? []), ...(found.command ?? [])].map(text);
  const health = found.healthcheck;
  return [
    "run",
    "--network=host",
    `--name=${name}`,
    `--user=${text(found.user)}`,
    ...(found.read_only ? ["--read-only"] : []),
    ...(found.init ? ["--init"] : []),
    `--memory=${found.deploy.resources.limits.memory}`,
    `--pids-limit=${found.deploy.resources.limits.pids}`,
    ...found.cap_drop.map((each) => `--cap-drop=${each}`),
    ...found.security_opt.map((each) => `--security-opt=${each}`),
    ...(found.tmpfs ?? []).map((each) => `--tmpfs=${each}`),
    ...(found.volumes ?? []).map((each) => `--volume=${each.replace(/^[^:]+/, (volume) => folderOf(volume, volumes))}`),
    ...Object.entries(found.environment ?? {}).map(([key, value]) => `--env=${key}=${text(value)}`),
    // Docker's own command line takes a shell's words alone.
    ...(health ? [`--health-cmd=${health.test.slice(1).map(text).map(quoted).join(" ")}`, "--health-interval=1s"] : []),
    ...(health ? [`--health-start-period=${health.start_period}`] : []),
    ...(found.entrypoint ? [`--entrypoint=${entry}`, image, ...words] : [image, ...(entry ? [entry] : []), ...words]),
  ];
}

function folderOf(volume: string, volumes: Readonly<Record<string, string>>): string {
  const folder = volumes[volume];
  if (folder === undefined) throw new Error(`no folder for the volume ${volume}`);
  return folder;
}

/** Compose's variables by their defaults; `$$` is a dollar. */
function interpolated(text: string): string {
  return text.replace(/\$\$|\$\{\w+:-([^}]*)\}/g, (_, value?: string) => value ?? "$");
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
