import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Has a state loaded from a file that nobody else can read; its secrets are encrypted as they were exported.
 * @param load runs `pulumi stack import` with that file
 */
export async function importState(state: object, load: (file: string) => Promise<string>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-state-"));
  try {
    const file = join(folder, "state.json");
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await load(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
