import type { Server } from "node:http";
import { SERVER_REQUESTS } from "../../builders/services/server-requests.ts";
import { type CertificateFiles, renewedServer } from "../tls/renewed-server.ts";
import type { RequestReceiver } from "./request-receiver.ts";
import type { Told } from "./told.ts";

/**
 * Answers how a shipper does: whether it is well, and its metrics.
 * @param receiver takes what the server tells of requests; without it nothing is taken
 * @param tls files of its certificate; without them it speaks plain HTTP
 */
export function toldServer(told: Told, receiver?: RequestReceiver, tls?: CertificateFiles): Server {
  return renewedServer((request, answer) => {
    if (request.url === "/health") {
      const complaint = told.complaint();
      answer.writeHead(complaint === undefined ? 200 : 503).end(`${complaint ?? "OK"}\n`);
    } else if (request.url === "/metrics")
      answer.setHeader("Content-Type", "text/plain; version=0.0.4").end(told.metrics());
    else if (request.url === SERVER_REQUESTS.path && receiver !== undefined)
      // A disk that is full: it waits at the server, and comes again.
      receiver.receive(request, answer).catch(() => answer.writeHead(503).end());
    else answer.writeHead(404).end();
  }, tls);
}
