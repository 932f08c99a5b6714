import { lookAtDisk } from "./checks/disk.ts";
import { lookAtPackages } from "./checks/packages.ts";
import { lookAtPlugins } from "./checks/plugins.ts";
import { lookAtToolchain } from "./checks/toolchain.ts";
import type { Place, Seen } from "./finding.ts";

/** Checks that run before anything is installed. Nothing here may import a package of npm. */
export const BARE: Readonly<Record<string, (at: Place) => Promise<Seen[]>>> = {
  toolchain: lookAtToolchain,
  packages: lookAtPackages,
  plugins: lookAtPlugins,
  disk: lookAtDisk,
};

/**
 * What `toolchain/bundle/start.ts` runs in place of the program where its packages aren't there: `doctor` looks at what can
 * be looked at, any other command says what is missing.
 * @returns the exit code
 */
export async function startBare(root: string, argv: readonly string[]): Promise<number> {
  if (argv[0] !== "doctor") {
    process.stderr.write(`bucketworks: its npm packages aren't installed; run make packages in ${root}\n`);
    return 3;
  }
  for (const [name, look] of Object.entries(BARE)) {
    for (const { state, seen, cure } of await look({ root })) {
      process.stdout.write(
        `${state.padEnd(7)}  ${name}: ${seen}\n${cure === undefined ? "" : `         cure: ${cure}\n`}`,
      );
    }
  }
  process.stdout.write("skipped  everything else: because packages isn't right\n");
  return 1;
}
