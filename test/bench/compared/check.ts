import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../support/toolchain.ts";
import { measured } from "../measured.ts";
import type { Bench } from "../results/schema.ts";
import { wanted, wantedFile } from "./platform.ts";
import { rounded } from "./rounds.ts";

/** Buckets in one file. */
const COUNTS = [500, 5000];

/** What `bucketworks check` of one file takes, the sizes in turn. It asks no server. */
export async function checked(rounds: number): Promise<Bench["checks"]> {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-bench-"));
  const on = new Date().toISOString().slice(0, 10);
  const all = COUNTS.map((buckets) => ({ buckets, on, rounds: [] as Bench["checks"][number]["rounds"] }));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const each of all) {
        const file = join(folder, `${each.buckets}.yaml`);
        writeFileSync(file, wantedFile(wanted(each.buckets, "ours")));
        const took = await measured(process.pid, { words: [`${ROOT}bin/bucketworks`, "check", file] });
        each.rounds.push({ ...rounded(took), serverSeconds: 0 });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return all;
}
