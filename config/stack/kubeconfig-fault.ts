import { named, systemFault } from "../system-fault.ts";

/** The sentence for a kubeconfig that can't be read: a missing file, a folder, no YAML. */
export function kubeconfigFault(error: unknown): string {
  const reason =
    systemFault(named(error, process.env.KUBECONFIG || "~/.kube/config")) ??
    (error instanceof Error ? error.message.split("\n")[0] : String(error));
  return `the kubeconfig can't be read: ${reason} (KUBECONFIG names it, or ~/.kube/config)`;
}
