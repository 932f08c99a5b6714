import type { AddressInfo } from "node:net";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readStackFile } from "../stack-file.ts";
import { tell } from "../terminal/print.ts";
import { serviceTrust } from "../tls/service-trust.ts";
import type { StoreLogin } from "./store.ts";

/** Service and Secret of the program that searches, as builders/services/kubernetes names them. */
const SERVICE = "logs";
const SECRET = "logs-login";

/**
 * Does something with the logs of a stack that runs on Kubernetes, through a local port that is there meanwhile. Who may read
 * the Secret of the reader's login there may read logs.
 * @throws CommandError where the stack has none, or this person may not
 */
export async function withClusterLogs<T>(
  root: string,
  stack: string,
  use: (login: StoreLogin) => Promise<T>,
): Promise<T> {
  const { deployed } = readStackFile(root, stack);
  if (deployed === undefined) {
    const message = `logs: stack ${stack} doesn't run on Kubernetes (bucketworks:target); leave out --stack for the logs of this checkout`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const { context, namespace } = deployed;
  // The client takes long to load: only who asks a cluster pays for it.
  const [{ CoreV1Api }, { kubeConfig }, { listen, reasonOf }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("../forward/config.ts"),
    import("../forward/listen.ts"),
  ]);
  const asked = async () => {
    const config = kubeConfig(context);
    const api = config.makeApiClient(CoreV1Api);
    const [{ data = {} }, { spec }, trust] = await Promise.all([
      api.readNamespacedSecret({ name: SECRET, namespace }),
      api.readNamespacedService({ name: SERVICE, namespace }),
      serviceTrust(() => api, SERVICE, deployed),
    ]);
    const text = (key: string) => Buffer.from(data[key] ?? "", "base64").toString();
    return { config, port: spec?.ports?.[0]?.port ?? 0, user: text("user"), password: text("password"), trust };
  };
  const { config, port, user, password, trust } = await asked().catch((error: unknown) => {
    const fix = `a platform of the stack has to ask for logs, and the stack to deploy them (docs/services-on-kubernetes.md#logs)`;
    const message = `logs: no login for the logs of stack ${stack} in namespace ${namespace}: ${reasonOf(error)}; ${fix}`;
    throw new CommandError(message, EXIT.couldNotLook);
  });
  const server = await listen(config, { namespace, service: SERVICE, port }, 0, (reason) => {
    if (reason !== undefined) tell(`logs: ${reason}`);
  });
  try {
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return await use({ address, user, password, trust: trust && (() => trust) });
  } finally {
    server.close();
    server.unref();
  }
}
