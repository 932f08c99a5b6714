import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { keyVariables } from "../../builders/key-variables.ts";
import { featureVariable } from "../../config/resolve/features.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT, type ExitCode } from "../ending/exit.ts";
import { untilInterrupted } from "../ending/signals.ts";
import { stackLogins } from "../local/services/logins.ts";
import { getSources, sourceFolder } from "../local/services/sources.ts";
import { tell } from "../terminal/print.ts";
import type { Asked } from "./asked.ts";
import { hopsworksVariables } from "./hopsworks.ts";

/** Each store's program is in an environment of its own, and has the same name there. */
const SOURCES = { feast: { environment: "features" }, hopsworks: { environment: "hopsworks" } } as const;
/** What PostgreSQL's own clients read, and the names of the same in data programs. */
const DATABASE = ["HOST", "PORT", "USER", "PASSWORD", "DATABASE"];
const PASSED = ["PATH", "HOME", "TMPDIR", "LANG", "NO_PROXY", "PIPELINE_METRICS_FOLDER", "LOG_FOLDER"];

/**
 * Runs the program `features` of `pipelines/features` and reads what it prints.
 * @throws CommandError with its sentence
 */
export async function runFeatures<T>(
  checkout: Checkout,
  asked: Asked,
  words: readonly string[],
  schema: z.ZodType<T>,
): Promise<T> {
  const source = SOURCES[asked.features.store];
  const { lacking } = await getSources(checkout, [source], () => undefined);
  if (lacking.length > 0) throw new CommandError(lacking.join("\n"), EXIT.couldNotLook);
  const env = { ...(await surroundings(checkout, asked)), FEATURES: featureVariable(asked.platform, asked.features) };
  const program = join(sourceFolder(source, checkout.root), "bin", "features");
  return untilInterrupted(async (stop) => {
    const child = spawn(program, [...words], { env, stdio: ["ignore", "pipe", "pipe"] });
    const end = (): void => void child.kill("SIGTERM");
    stop.addEventListener("abort", end, { once: true });
    let out = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(child, "close")) as [number | null];
    stop.removeEventListener("abort", end);
    const lines = said.trimEnd().split("\n");
    if (code === 0) {
      for (const line of lines.filter((each) => each.startsWith("{"))) tell(line);
      return schema.parse(JSON.parse(out));
    }
    throw new CommandError(sentence(lines), codeOf(code));
  });
}

/** Its own sentence, which may have several lines; of a fault that it doesn't know, the last line. */
function sentence(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line.startsWith("features: "));
  if (first < 0) return `feature: the program failed: ${lines.at(-1) || "it said nothing"}`;
  return ["feature: ", lines.slice(first).join("\n").slice("features: ".length)].join("");
}

function codeOf(code: number | null): ExitCode {
  return code === EXIT.findings || code === EXIT.wrongUse ? code : EXIT.couldNotLook;
}

/** The servers that the shell names, else those of `make up`, or of the stack. */
async function surroundings(checkout: Checkout, { features, stage, stack }: Asked): Promise<Record<string, string>> {
  const given = process.env;
  const passed = Object.fromEntries(PASSED.flatMap((name) => (given[name] ? [[name, given[name]]] : [])));
  const own = { ...localFolders(checkout), ...passed };
  if (features.store === "hopsworks") return { ...own, ...(await hopsworksVariables(checkout, stack ?? stage)) };
  if (given.PGHOST) {
    const named = DATABASE.flatMap((name) => (given[`PG${name}`] ? [[`PG_${name}`, given[`PG${name}`]]] : []));
    const others = Object.entries(given).filter(([name]) => /^(?:MINIO_|AWS_|PGSSL)/.test(name));
    return { ...own, PG_PORT: "5432", ...Object.fromEntries([...named, ...others]) };
  }
  if (stage !== DEV_STAGE) {
    throw new CommandError(
      `feature: PGHOST is missing: the servers of make up have nothing of stage ${stage}; name that stage's by PGHOST and MINIO_ENDPOINT, with their logins`,
      EXIT.wrongUse,
    );
  }
  const logins = await stackLogins(checkout);
  return { ...own, ...logins.role(features.databaseRole), ...keyVariables(logins.key(features.serviceAccount)) };
}

/** Where the store of logs and node_exporter of this checkout look. */
function localFolders({ root }: Checkout): Record<string, string> {
  const metrics = join(root, ".bucketworks", "services", "node_exporter", "textfile");
  return {
    LOG_FOLDER: join(root, ".bucketworks", "logs"),
    ...(existsSync(metrics) && { PIPELINE_METRICS_FOLDER: metrics }),
  };
}
