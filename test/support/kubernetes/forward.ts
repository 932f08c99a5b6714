import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Kubectl } from "./kubectl.ts";

/** A port of the host's loopback that leads into a pod. */
export interface Forward {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens a port to `target` (`pod/NAME`, `service/NAME`, ...) and answers when it takes connections.
 * @throws Error with kubectl's words when it can't
 */
export async function openForward(kubectl: Kubectl, namespace: string, target: string, port: number): Promise<Forward> {
  const args = ["port-forward", `--kubeconfig=${kubectl.kubeconfig}`, "-n", namespace, target, `:${port}`];
  const child = spawn(kubectl.program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(child, "close");
  const complaint = text(child.stderr);
  for await (const line of createInterface(child.stdout)) {
    const local = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (local === undefined) continue;
    // What it says of each connection is read and dropped.
    child.stdout.resume();
    const close = async () => {
      child.kill("SIGKILL");
      await exit;
    };
    return { port: Number(local), close };
  }
  throw new Error(`kubectl ${args.join(" ")}: ${(await complaint).trim()}`);
}
