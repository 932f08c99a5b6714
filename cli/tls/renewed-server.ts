import { readFileSync } from "node:fs";
import { createServer as plain, type RequestListener, type Server } from "node:http";
import { createServer as secured } from "node:https";

/** Files of a server's certificate, as PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** How often they are looked at, milliseconds. */
const LOOK = 10_000;

/**
 * A server that speaks TLS where there are files for it, and goes on with what somebody has renewed them to. While they can't be
 * read, or don't fit together, it stays with what they held before.
 * @param look milliseconds
 */
export function renewedServer(answer: RequestListener, files: CertificateFiles | undefined, look = LOOK): Server {
  if (files === undefined) return plain(answer);
  const read = () => ({ cert: readFileSync(files.certificate, "utf8"), key: readFileSync(files.key, "utf8") });
  let held = read();
  const server = secured(held, answer);
  const looking = setInterval(() => {
    try {
      const found = read();
      if (found.cert === held.cert && found.key === held.key) return;
      server.setSecureContext(found);
      held = found;
    } catch (error) {
      process.stderr.write(`the former certificate is used: ${(error as Error).message}\n`);
    }
  }, look).unref();
  server.once("close", () => clearInterval(looking));
  return server;
}
