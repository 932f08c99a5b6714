/**
 * Asked by `toolchain/bin/pulumi` after `pulumi stack rename` on the checkout's own backend: `node renamed.ts ROOT OLD NEW`.
 * The copies of before name every resource by the old stack: they are laid aside, so that nobody is offered a second
 * state of the same resources, and the stack under its new name is copied at once.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { argv } from "node:process";
import { Fault } from "../fault.ts";
import { keepState } from "./keep.ts";
import { keptCopies, projectName, statePlaces } from "./state-files.ts";

const [root = ".", old = "", name = ""] = argv.slice(2);
try {
  const project = projectName(root);
  const [before, after] = [old, name].map((stack) => statePlaces(root, project, stack)) as [Places, Places];
  if (!existsSync(before.file)) {
    const aside = join(before.kept, `renamed-to-${name}-${Date.now()}`);
    for (const each of [...keptCopies(before), `${before.file}.bak`, before.backups])
      move(each, join(aside, basename(each)));
    // What only this checkout has of the stack: its salt, and settings of its own.
    const stacks = join(root, ".bucketworks", "stacks");
    move(join(stacks, `${old}.salt`), join(stacks, `${name}.salt`));
    move(join(stacks, "own", `Pulumi.${old}.yaml`), join(stacks, "own", `Pulumi.${name}.yaml`));
    if (existsSync(after.file)) keepState(after);
  }
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  process.stderr.write(`pulumi: ${error.message}\n`);
  process.exitCode = 3;
}

type Places = ReturnType<typeof statePlaces>;

/** Overwrites nothing. */
function move(from: string, to: string): void {
  if (!existsSync(from) || existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  renameSync(from, to);
}
