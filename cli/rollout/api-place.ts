import { execFile } from "node:child_process";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import type { DeployedServer } from "../stack-file.ts";
import { serviceTrust } from "../tls/service-trust.ts";
import type { Trust } from "../tls/trusted-fetch.ts";

/** Where a model API answers while it is tried. */
export interface ApiPlace {
  readonly url: string;
  readonly trust: Trust | undefined;
  /** What kept the last connection from it; undefined where one gets there. */
  readonly kept: () => string | undefined;
  readonly close: () => void;
}

/** One that is named by its address. @param authority PEM @throws CommandError where that is none */
export function namedPlace(text: string, authority?: string): ApiPlace {
  const { protocol, username, password } = URL.parse(text) ?? {};
  if ((protocol !== "http:" && protocol !== "https:") || username || password) {
    const message = `rollout: --url must be the http(s) address of a model API without a login, like http://127.0.0.1:8000, got ${text}`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const trust = authority === undefined ? undefined : { authority };
  return { url: text.replace(/\/+$/, ""), trust, kept: () => undefined, close: () => undefined };
}

/** That of `make services`. @throws CommandError where it was never started */
export function localPlace(name: string, { services }: Checkout): ApiPlace {
  const address = readText(join(services, name, "endpoint"))?.trim();
  if (address === undefined) {
    const message = `rollout: no service ${name} was started here; run make services, or name a model API by --url`;
    throw new CommandError(message, EXIT.couldNotLook);
  }
  return namedPlace(`http://127.0.0.1:${address.split(":").at(-1)}`);
}

/** A model API of the cluster: the Service whose ready pods are asked, and the one whose name they prove. */
interface Forwarded {
  readonly name: string;
  readonly service: string;
  /** Of its pods. */
  readonly port: number;
}

/** A ready pod of a Service, through the API server of the cluster. @param authority PEM; undefined is that of its Secret */
export async function clusterPlace(
  deployed: DeployedServer,
  { name, service, port }: Forwarded,
  authority: string | undefined,
): Promise<ApiPlace> {
  const { context, namespace } = deployed;
  // The client takes long to load: only who asks a cluster pays for it.
  const [{ CoreV1Api }, { listen, reasonOf }, { kubeConfig }] = await Promise.all([
    import("@kubernetes/client-node"),
    import("../forward/listen.ts"),
    import("../forward/config.ts"),
  ]);
  let kept: string | undefined;
  let server: Server;
  let trust: Trust | undefined;
  try {
    const config = kubeConfig(context);
    trust = await serviceTrust(() => config.makeApiClient(CoreV1Api), name, deployed, authority);
    server = await listen(config, { namespace, service, port }, 0, (reason) => {
      kept = reason;
    });
  } catch (error) {
    throw new CommandError(`rollout: ${reasonOf(error)}`, EXIT.couldNotLook);
  }
  const close = (): void => {
    server.close();
    server.unref();
  };
  const url = `${trust ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, trust, kept: () => kept, close };
}

/**
 * A token of a predictor: that of the environment, or one that this checkout signs for its own model API.
 * @throws CommandError where there is none
 */
export async function predictorToken(name: string, checkout: Checkout, isLocal: boolean): Promise<string> {
  const given = process.env.MODEL_API_TOKEN;
  if (given) return given;
  if (!isLocal) {
    const message = "rollout: MODEL_API_TOKEN is not set; give a token of the role predictor (docs/model-api.md)";
    throw new CommandError(message, EXIT.wrongUse);
  }
  const program = join(checkout.home, "pipelines/mlops/bin/model-api");
  const args = [
    "token",
    "--role=predictor",
    "--subject=smoke",
    "--hours=1",
    `--folder=${join(checkout.services, name)}`,
  ];
  try {
    return (await promisify(execFile)(program, args)).stdout.trim();
  } catch (error) {
    const { stderr = "", message } = error as { readonly stderr?: string; readonly message: string };
    throw new CommandError(`rollout: no token can be signed: ${stderr.trim() || message}`, EXIT.couldNotLook);
  }
}
