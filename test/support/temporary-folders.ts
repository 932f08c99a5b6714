import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

/** A temporary folder with a space in its name: no path of the toolchain may break on one. It goes with the tests of its file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bucket works-")));
  made.push(folder);
  return folder;
}

/** Called by what runs before each file: files share this module, so that its own `afterAll` would be the first file's alone. */
export function removeAfterFile(): void {
  afterAll(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}
