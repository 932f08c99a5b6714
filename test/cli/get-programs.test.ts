import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { getPrograms } from "../../cli/local/services/programs.ts";

const root = mkdtempSync(join(tmpdir(), "bucketworks programs "));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Stands in for the toolchain. */
function toolchain(script: string): void {
  mkdirSync(join(root, "toolchain"), { recursive: true });
  writeFileSync(join(root, "toolchain", "bootstrap.sh"), script);
}

test("a program that can't be had is said in one line, and the others come", async () => {
  toolchain(`case "$*" in
    *prometheus*) echo "toolchain: services: making 2.42.0" >&2
      echo "toolchain: Debian's packages: apt-get -o ended with exit code 100:" >&2
      echo "  Get:1" >&2; echo "  E: no network" >&2; exit 1 ;;
  esac`);
  const said: string[] = [];
  const { programs, lacking } = await getPrograms(checkoutAt(root), ["node_exporter", "prometheus"], (line) =>
    said.push(line),
  );
  expect([...programs]).toEqual(["node_exporter"]);
  expect(lacking).toEqual([
    "prometheus can't be had: Debian's packages: apt-get -o ended with exit code 100: E: no network",
  ]);
  expect(said).toContain("services: making 2.42.0");
});

test("where all are there, the toolchain is asked once", async () => {
  toolchain('echo asked >>"$0.log"; [ "$(wc -l <"$0.log")" = 1 ]');
  const { programs, lacking } = await getPrograms(checkoutAt(root), ["alertmanager", "prometheus"], () => undefined);
  expect([...programs]).toEqual(["alertmanager", "prometheus"]);
  expect(lacking).toEqual([]);
});
