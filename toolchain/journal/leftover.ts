import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { readFileText } from "../../config/system-fault.ts";
import { Fault } from "../fault.ts";
import { digestOf, type Journal, readJournal } from "./journal-file.ts";
import { commandLine, isRunning } from "./processes.ts";
import { settle, type UpdateFiles } from "./settle.ts";

/** How long the process that writes a journal may take to end it once its CLI is gone, milliseconds. */
const ENDING_MS = 10_000;
const STEP_MS = 50;

/**
 * Brings the states of a project up to date whose last update was killed together with the process that writes its
 * journal, each by its journal. One whose update goes on is left alone.
 * @param folder of the file backend, `.pulumi` in it
 * @throws Fault where a journal can't be read, or isn't of that state: nothing is changed
 */
export function settleLeftovers(folder: string, project: string): void {
  const journals = join(folder, "journals", project);
  if (!existsSync(journals)) return;
  for (const name of readdirSync(journals)) {
    if (!name.endsWith(".jsonl")) continue;
    const state = join(folder, "stacks", project, `${basename(name, ".jsonl")}.json`);
    settleLeftover({ state, journal: join(journals, name) });
  }
}

function settleLeftover(files: UpdateFiles): void {
  for (let waited = 0; waited <= ENDING_MS; waited += STEP_MS) {
    const journal = read(files);
    if (journal === undefined) {
      // Nothing was done before its first line was on the disk.
      rmSync(files.journal, { force: true });
      return;
    }
    const { pid, cli } = journal.header;
    if (!isWriting(pid)) {
      replayed(files, journal);
      return;
    }
    if (isRunning(cli)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP_MS);
  }
}

function isWriting(pid: number): boolean {
  return isRunning(pid) && commandLine(pid).includes("journal");
}

function read({ journal, state }: UpdateFiles): Journal | undefined {
  try {
    return readJournal(journal);
  } catch (error) {
    throw new Fault(
      `${journal}: ${(error as Error).message}, so it can't be said what the update did that was killed; nothing was changed. Keep a copy of it and of ${state}, then move it away: pulumi up --refresh compares the state with the server`,
    );
  }
}

function replayed(files: UpdateFiles, journal: Journal): void {
  const state = existsSync(files.state) ? digestOf(readFileText(files.state)) : undefined;
  // It was killed between its state and its own removal.
  if (state !== undefined && state === journal.made) rmSync(files.journal);
  else settle(files, journal, new Date());
}
