import { createHash } from "node:crypto";
import { closeSync, type Dirent, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { arch, freemem, platform, release, totalmem } from "node:os";
import { basename, join, relative } from "node:path";
import { stackSettings } from "../../../toolchain/stack-settings.ts";
import { endingOf } from "../../ending/error-to-exit.ts";
import { versionsAt } from "../../version.ts";
import { stateText } from "../checks/state.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";

/** Of each log its end, bytes. */
const TAIL = 256 * 1024;
/** Logs at most. */
const MOST_LOGS = 40;
/** Variables that say something of how we run; others are nobody's matter. */
const OURS =
  /^(BUCKETWORKS|MINIO|PULUMI|AWS|MC|NODE|ENVIRONMENT|CONFIG_DIR|BUCKET_CONFIG_FILE|LOG_LEVEL)(_|$)|_proxy$|^(PATH|LANG|TERM|NO_COLOR)$/i;

/** Files of a bundle by their names, not masked yet. */
export function entriesOf(at: Context, findings: readonly Finding[]): Record<string, string> {
  const { root, stage } = at;
  return {
    "findings.json": json({ schemaVersion: 1, stage, findings }),
    "versions.json": json({
      ...versionsAt(root),
      system: { platform: platform(), release: release(), arch: arch(), memory: totalmem(), free: freemem() },
    }),
    "environment.json": json(environment(at.env)),
    "settings.yaml": settings(root, stage),
    "platform-files.json": json(readable(() => platformFiles(at))),
    "state-shape.json": json(readable(() => stateShape(stateText(at)))),
    ...logs(at),
  };
}

/** What can't be read says why: a fault is what the bundle is made for. */
function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return { unknown: endingOf(error).text.split("\n")[0] };
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function environment(env: NodeJS.ProcessEnv): Record<string, string> {
  const named = Object.entries(env).filter(([name]) => OURS.test(name));
  return Object.fromEntries(named.map(([name, value = ""]) => [name, value]).sort());
}

/** The stack's settings; of what is encrypted only that it is there, and nothing of the salt. */
export function settings(root: string, stage: string): string {
  let text: string;
  try {
    text = stackSettings(root, stage) ?? `# stack ${stage} has no settings\n`;
  } catch (error) {
    text = `# can't be read: ${error instanceof Error ? error.message : String(error)}\n`;
  }
  return text.replaceAll(/^(\s*-?\s*["']?(?:secure|encryptionsalt|encryptedkey)["']?:).*$/gm, "$1 '***'");
}

/** Their names and digests: what they say may be a secret. */
function platformFiles({ found, root }: Context): unknown {
  if (found.kind === "none") return { unknown: found.why.split("\n")[0] };
  const folder = join(root, "config", "platforms");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  const digest = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  const { platforms } = found.model;
  return {
    platforms: platforms.map(({ name, buckets }) => ({ name, buckets: buckets.length })),
    files: Object.fromEntries(names.map((name) => [name, digest(name)])),
  };
}

/** Which resources a state has and what is half done: no input, output or id. Pure. */
export function stateShape(text: string | undefined): unknown {
  if (text === undefined) return { state: "none in files" };
  try {
    const { version, checkpoint } = JSON.parse(text) as { version?: unknown; checkpoint?: { latest?: Shape | null } };
    const { manifest, resources = [], pending_operations: pending = [] } = checkpoint?.latest ?? {};
    return {
      version,
      written: manifest?.time,
      resources: resources.map(({ urn, type, protect, initErrors }) => ({
        urn,
        type,
        protect,
        initErrors: initErrors?.length,
      })),
      pending: pending.map(({ type, resource }) => ({ type, urn: resource.urn })),
    };
  } catch {
    return { state: "no JSON", bytes: Buffer.byteLength(text) };
  }
}

interface Shape {
  readonly manifest?: { readonly time?: unknown };
  readonly resources?: readonly { urn: string; type: string; protect?: boolean; initErrors?: unknown[] }[];
  readonly pending_operations?: readonly { type: string; resource: { urn: string } }[];
}

/** The ends of the logs of servers, services and programs. */
function logs({ checkout, root }: Context): Record<string, string> {
  const folders = [checkout.minio.folder, checkout.postgres.folder, checkout.logs, checkout.services];
  const files = folders.flatMap((folder) => logsIn(folder, 3)).slice(0, MOST_LOGS);
  const shown = (file: string): string => {
    const text = readable(() => tail(file));
    return typeof text === "string" ? text : json(text);
  };
  return Object.fromEntries(
    files.map((file) => [join("logs", relative(join(root, ".bucketworks"), file)), shown(file)]),
  );
}

/** A folder that can't be listed stands for itself, and says why in its place. */
function logsIn(folder: string, depth: number): string[] {
  if (depth === 0 || !existsSync(folder)) return [];
  const found = readable(() => readdirSync(folder, { withFileTypes: true }));
  if (!Array.isArray(found)) return [folder];
  return (found as Dirent[]).flatMap((each) => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return basename(path) === "data" ? [] : logsIn(path, depth - 1);
    return each.isFile() && /\.(log|jsonl|ndjson)$/.test(each.name) ? [path] : [];
  });
}

function tail(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, TAIL));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString("utf8");
    // The first line is cut: half of a secret would be known as none.
    return size > TAIL ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    closeSync(descriptor);
  }
}
