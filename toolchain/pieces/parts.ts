import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, platform } from "../cache/key.ts";
import { checkGoMod, type GoPin, type Pins } from "../pins.ts";
import type { SourceMode } from "./piece.ts";

/** What all pieces are made from: the checkout's toolchain folder, its pins, and the user's choices. */
export interface Recipe {
  readonly toolchain: string;
  readonly pins: Pins;
  readonly mode: SourceMode;
  /** Where official Pulumi parts are downloaded from. */
  readonly pulumiUrl: string;
  /** Where Silo's releases are downloaded from. */
  readonly siloUrl: string;
}

/** Go's names for this machine, as they stand in archive names. */
export const GO_ARCH = process.arch === "x64" ? "amd64" : process.arch;

/** The key of a piece that may be built from the module folder `go/<name>`; the source mode counts when it isn't `auto`. */
export function goKey(recipe: Recipe, name: string, pin: GoPin | undefined, more: readonly string[]): string {
  const folder = join(recipe.toolchain, "go", name);
  const goMod = readFileSync(join(folder, "go.mod"), "utf8");
  if (pin) checkGoMod(`toolchain/go/${name}/go.mod`, goMod, pin);
  const mode = recipe.mode === "auto" ? [] : [recipe.mode];
  return keyOf([name, platform(), goMod, readFileSync(join(folder, "go.sum"), "utf8"), ...more, ...mode]);
}
