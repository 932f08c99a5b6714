import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Manifest } from "./base-objects.ts";

/** What a command answered. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl against one cluster, as its administrator. */
export class Kubectl {
  readonly program: string;
  readonly kubeconfig: string;

  /** @param folder holds kubectl; undefined takes the one on PATH */
  constructor(folder: string | undefined, kubeconfig: string) {
    this.program = folder === undefined ? "kubectl" : join(folder, "kubectl");
    this.kubeconfig = kubeconfig;
  }

  /** Runs a command to its end, whatever its exit code. */
  async try(args: readonly string[], input = ""): Promise<Answer> {
    const child = spawn(this.program, [`--kubeconfig=${this.kubeconfig}`, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const exit = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? -1));
    });
    // A command that doesn't read its input closes it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  }

  /** Runs a command that has to succeed; answers what it wrote. @throws Error with what it said instead */
  async run(args: readonly string[], input = ""): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit code ${code}: ${stderr.trim()}`);
    return stdout;
  }

  /** Applies objects, server-side: what the API server refuses is refused here. */
  apply(objects: readonly Manifest[]): Promise<string> {
    return this.run(["apply", "--server-side", "-f", "-"], list(objects));
  }

  /** Has the API server judge objects, with its warnings, and keep none. */
  dryRun(objects: readonly Manifest[]): Promise<Answer> {
    return this.try(["apply", "--server-side", "--dry-run=server", "-f", "-"], list(objects));
  }

  /** Creates objects that are known to be right, which is quicker than applying them. */
  create(objects: readonly Manifest[]): Promise<string> {
    return this.run(["create", "--validate=false", "-f", "-"], list(objects));
  }
}

function list(items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
