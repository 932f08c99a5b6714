import { createServer, type Server } from "node:http";
import type { Told } from "./told.ts";

/** Answers how a shipper does: whether it is well, and its metrics. */
export function toldServer(told: Told): Server {
  return createServer((request, answer) => {
    if (request.url === "/health") {
      const complaint = told.complaint();
      answer.writeHead(complaint === undefined ? 200 : 503).end(`${complaint ?? "OK"}\n`);
    } else if (request.url === "/metrics")
      answer.setHeader("Content-Type", "text/plain; version=0.0.4").end(told.metrics());
    else answer.writeHead(404).end();
  });
}
