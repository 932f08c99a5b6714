import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { backendFolder } from "../../config/stack/backend.ts";
import type { KnownResource } from "./moves.ts";

/** Which stack of which project. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/**
 * What the state of a stack knows, read from the file of a file backend: that costs nothing. Of another backend, or a file
 * that can't be read, nothing is known here, and whatever depends on it takes the careful way.
 */
export function knownResources(env: NodeJS.ProcessEnv, stack: StackName): readonly KnownResource[] {
  return writtenResources(env, stack) ?? [];
}

/** As `knownResources`; undefined where nothing is known. */
function writtenResources(env: NodeJS.ProcessEnv, stack: StackName): readonly KnownResource[] | undefined {
  const file = stateFile(env, stack);
  if (file === undefined) return undefined;
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as Checkpoint).checkpoint?.latest?.resources ?? [];
  } catch {
    return undefined;
  }
}

/** The file of a file backend in which the state is; undefined for any other backend. */
function stateFile(env: NodeJS.ProcessEnv, { project, stack }: StackName): string | undefined {
  // During an update the CLI speaks with the keeper of the journal; the state lies where it was.
  const folder = backendFolder(env.BUCKETWORKS_STATE_URL || env.PULUMI_BACKEND_URL || "");
  return folder && join(folder, ".pulumi", "stacks", project, `${stack}.json`);
}

/** As `knownResources`, of any backend: asks Pulumi, which takes a second. */
export async function askedResources({ stack }: StackName): Promise<readonly KnownResource[]> {
  const args = ["stack", "export", "--stack", stack, "--non-interactive"];
  const { stdout } = await promisify(execFile)("pulumi", args, { maxBuffer: 2 ** 30 });
  return (JSON.parse(stdout) as { deployment?: { resources?: KnownResource[] } }).deployment?.resources ?? [];
}

/**
 * As `knownResources`, where nothing may be taken for unknown. Of a stack that was never deployed there are none.
 * @param what it is asked for, for the message
 * @throws pulumi.RunError where the state can't be asked
 */
export async function heldResources(
  env: NodeJS.ProcessEnv,
  stack: StackName,
  what: string,
): Promise<readonly KnownResource[]> {
  const written = writtenResources(env, stack);
  if (written !== undefined) return written;
  const file = stateFile(env, stack);
  // A stack that was never deployed has no state: Pulumi may have packed it, though.
  if (file !== undefined && !existsSync(file) && !existsSync(`${file}.gz`)) return [];
  try {
    return await askedResources(stack);
  } catch {
    throw new pulumi.RunError(
      `the state of stack ${stack.stack} can't be asked ${what}; nothing was changed: pulumi stack export --stack ${stack.stack} says why`,
    );
  }
}

interface Checkpoint {
  readonly checkpoint?: { readonly latest?: { readonly resources?: readonly KnownResource[] } };
}
