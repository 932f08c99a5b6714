import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeptPlatform } from "../../builders/kept-model.ts";
import { projectName } from "../../toolchain/state/state-files.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { keptPlatforms } from "../history/kept.ts";
import { lastDeployed } from "../history/updates.ts";
import { readableBackend } from "./forget.ts";
import type { StackAt } from "./look.ts";

/**
 * Gives an environment in which the program says of its platforms what the last update that went well deployed: an update of keys
 * alone deploys nothing else of the specs. The state may say otherwise since: of an update that failed it has what that one wanted.
 * Where the backend's records can't be read, the state is taken.
 */
export async function asKeysAlone<T>(at: StackAt, use: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const kept = await lastKept(at);
  if (kept === undefined) return use({ ...at.env, BUCKETWORKS_KEYS_ALONE: "state" });
  const folder = temporaryFolder(tmpdir(), "bucketworks-kept-");
  try {
    const file = join(folder, "kept.json");
    writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
    return await use({ ...at.env, BUCKETWORKS_KEYS_ALONE: file });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function lastKept(at: StackAt): Promise<Readonly<Record<string, KeptPlatform>> | undefined> {
  const files = readableBackend(at);
  const last = files && (await lastDeployed(files, projectName(at.root), at.stack));
  return last && keptPlatforms(await last.state());
}
