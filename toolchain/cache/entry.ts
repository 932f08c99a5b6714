import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const MANIFEST = "manifest.json";

interface FileRecord {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** What lies beside a piece's files: written last, so that a folder without it is no piece. */
export interface Manifest {
  readonly source: string;
  readonly seconds: number;
  readonly files: Readonly<Record<string, FileRecord>>;
}

/** The state of a piece's folder: `absent`, `whole`, or `damaged` with the reason. */
export type State = { kind: "absent" } | { kind: "whole"; manifest: Manifest } | { kind: "damaged"; reason: string };

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name !== MANIFEST && lstatSync(join(folder, name)).isFile()).sort();
}

/** Looks at a piece. A file of another size is damage; one of another date is read and compared, as all are when `thorough`. */
export async function inspect(folder: string, thorough: boolean): Promise<State> {
  if (!existsSync(folder)) return { kind: "absent" };
  const manifest = readManifest(folder);
  if (!manifest) return { kind: "damaged", reason: "its manifest is missing or unreadable" };
  for (const [name, record] of Object.entries(manifest.files)) {
    const file = join(folder, name);
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (!found) return { kind: "damaged", reason: `${name} is missing` };
    if (found.size !== record.size) {
      return { kind: "damaged", reason: `${name} has ${found.size} bytes instead of ${record.size}` };
    }
    if ((thorough || found.mtimeMs !== record.mtimeMs) && (await sha256(file)) !== record.sha256) {
      return { kind: "damaged", reason: `${name} has other contents than were built` };
    }
  }
  return { kind: "whole", manifest };
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

/** Seals a filled folder with its manifest and renames it into place, whole or not at all. */
export async function settle(filled: string, folder: string, source: string, seconds: number): Promise<Manifest> {
  const files: Record<string, FileRecord> = {};
  for (const name of filesIn(filled)) {
    const { size, mtimeMs } = lstatSync(join(filled, name));
    files[name] = { size, mtimeMs, sha256: await sha256(join(filled, name)) };
  }
  const manifest: Manifest = { source, seconds, files };
  writeFileSync(join(filled, MANIFEST), `${JSON.stringify(manifest, undefined, 1)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(filled, folder);
  return manifest;
}
