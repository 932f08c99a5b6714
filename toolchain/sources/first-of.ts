import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Fault, Unavailable } from "../fault.ts";
import type { SourceMode, Work } from "../pieces/piece.ts";

/** One way to get a piece; `fill` throws Unavailable when it isn't one here. */
export interface Source {
  readonly name: string;
  readonly kind: "official" | "build";
  readonly fill: () => Promise<void>;
}

/** Takes the first source that is one here, and says in one line why the ones before it are not. */
export async function firstOf(
  sources: readonly Source[],
  mode: SourceMode,
  folder: string,
  work: Work,
): Promise<string> {
  const reasons: string[] = [];
  for (const source of sources) {
    if (mode === "build" && source.kind === "official") continue;
    if (source.kind === "build" && reasons.length > 0) {
      if (mode === "download") break;
      work.say(`${reasons.join("; ")}; ${source.name}`);
    }
    try {
      await source.fill();
      return source.name;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      reasons.push(error.message);
      for (const left of [folder, work.scratch]) empty(left);
    }
  }
  throw new Fault(
    `no official source will do (${reasons.join("; ")}), and BUCKETWORKS_TOOLCHAIN_SOURCE=download forbids building`,
  );
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}
