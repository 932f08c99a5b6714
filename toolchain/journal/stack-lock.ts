import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { Fault } from "../fault.ts";

/**
 * Takes the lock of a stack as Pulumi's file backend does (diy/lock.go), so that a run without a journal sees it.
 * @param folder of the stack's locks
 * @param pid of the CLI, which answers for what it does
 * @returns its file
 * @throws Fault where somebody else has the stack; in the words of the CLI
 */
export function takeLock(folder: string, pid: number): string {
  refuseOthers(folder, undefined);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${randomUUID()}.json`);
  const username = userInfo().username;
  writeFileSync(file, JSON.stringify({ pid, username, hostname: hostname(), timestamp: new Date().toISOString() }));
  try {
    refuseOthers(folder, file);
  } catch (error) {
    releaseLock(file);
    throw error;
  }
  return file;
}

export function releaseLock(file: string): void {
  rmSync(file, { force: true });
}

function refuseOthers(folder: string, own: string | undefined): void {
  if (!existsSync(folder)) return;
  const others = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((file) => file !== own);
  if (others.length === 0) return;
  const holders = others.map((file) => `  ${file}${holder(file)}`);
  const head = `the stack is currently locked by ${others.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.`;
  throw new Fault([head, ...holders].join("\n"));
}

function holder(file: string): string {
  try {
    const { username, hostname, pid, timestamp } = JSON.parse(readFileSync(file, "utf8"));
    return `: created by ${username}@${hostname} (pid ${pid}) at ${timestamp}`;
  } catch {
    return "";
  }
}
