import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault } from "../fault.ts";

/** What `pulumi stack select` notes of one project. */
interface Workspace {
  /** By the URL of the backend. */
  readonly stacks?: Readonly<Record<string, string>>;
}

/** The stack that `pulumi stack select` chose for a project on this shell's backend. @param project its folder */
export function selectedStack(project: string, env: NodeJS.ProcessEnv): string | undefined {
  const digest = createHash("sha1").update(join(project, "Pulumi.yaml")).digest("hex");
  const folder = join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "workspaces");
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (!file.endsWith(`-${digest}-workspace.json`)) continue;
    const stack = read(join(folder, file)).stacks?.[env.PULUMI_BACKEND_URL ?? ""];
    if (stack !== undefined) return stack;
  }
  return undefined;
}

function read(file: string): Workspace {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Workspace;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Fault(`${file}: isn't JSON, so no stack is selected; remove it, then: pulumi stack select STACK`);
  }
}
