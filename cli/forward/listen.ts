import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { ApiException, type KubeConfig, PortForward } from "@kubernetes/client-node";

/** A Service in the cluster. */
export interface ForwardTarget {
  readonly namespace: string;
  readonly service: string;
  /** Port of its pods. */
  readonly port: number;
}

/**
 * Listens on loopback and carries each connection to a ready pod of the Service. Where none is ready a connection is
 * closed at once: its client may try again.
 * @param said told what keeps a connection from the cluster, and `undefined` when one gets there; only what is new
 */
export async function listen(
  config: KubeConfig,
  target: ForwardTarget,
  port: number,
  said: (reason: string | undefined) => void,
): Promise<Server> {
  const forward = new PortForward(config, true);
  let last: string | undefined;
  const say = (reason: string | undefined): void => {
    if (reason !== last) said(reason);
    last = reason;
  };
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    carry(forward, target, socket).then(
      () => say(undefined),
      (error: unknown) => {
        say(reasonOf(error));
        socket.destroy();
      },
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** What the API server said, or why it couldn't be asked. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiException) return saidBy(error.body) ?? `the API server answers ${error.code}`;
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}

/** `message` of a Status of Kubernetes, which comes parsed or not. */
function saidBy(body: unknown): string | undefined {
  try {
    return (typeof body === "string" ? JSON.parse(body) : body)?.message;
  } catch {
    return undefined;
  }
}

async function carry(forward: PortForward, target: ForwardTarget, socket: Socket): Promise<void> {
  const { namespace, service, port } = target;
  socket.on("error", () => socket.destroy());
  const refusals = new PassThrough();
  const carried = await forward.portForwardService(namespace, service, [port], socket, refusals, socket, 0);
  const channel = typeof carried === "function" ? carried() : carried;
  if (channel === null) throw new Error(`no connection to service ${service} in namespace ${namespace}`);
  channel.on("close", () => {
    refusals.end();
    socket.destroy();
  });
  socket.on("close", () => channel.close());
  void text(refusals);
}
