import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity, connect, type PeerCertificate } from "node:tls";
import type { ServerAddress } from "../../../live/server-address.ts";
import { type Context, hostAndPort, serverOf } from "../context.ts";
import { note, right, type Seen, wrong } from "../finding.ts";
import { proxyOf } from "./proxies.ts";

const TIMEOUT_MS = 5000;
const DAY_MS = 24 * 3600 * 1000;
/** A certificate that ends sooner is told of. */
const SOON_DAYS = 30;

/** The server's certificate: who signed it, for which names, and for how long. */
export async function lookAtCertificate(at: Context): Promise<Seen[]> {
  const server = serverOf(at);
  if (!server.secure) return [note(`${server.endpoint} is asked without TLS: what is sent can be read on the way`)];
  if (proxyOf(at) !== undefined) return [note("the certificate is looked at by each request, through the proxy")];
  const met = await meet(server);
  if ("code" in met) return [noTls(server, met.code)];
  const { certificate, untrusted } = met;
  const ends = new Date(certificate.valid_to);
  const days = Math.floor((ends.getTime() - Date.now()) / DAY_MS);
  const { host } = hostAndPort(server);
  const misnamed = checkServerIdentity(host, certificate);
  const seen: Seen[] = [];
  if (days < 0) seen.push(wrong(`the certificate ended on ${ends.toISOString()}`, "renew it on the server"));
  else if (new Date(certificate.valid_from).getTime() > Date.now()) {
    seen.push(wrong(`the certificate begins on ${certificate.valid_from}`, "set this machine's clock, or wait"));
  }
  if (misnamed !== undefined) {
    const names = certificate.subjectaltname ?? "no name";
    seen.push(
      wrong(
        `the certificate is for ${names}, not for ${host}`,
        "use one of its names as the endpoint, or have it renewed for this one",
      ),
    );
  }
  if (untrusted !== undefined && untrusted !== "CERT_HAS_EXPIRED" && untrusted !== "CERT_NOT_YET_VALID") {
    seen.push(
      wrong(
        `nobody known signed the certificate (${untrusted}); its issuer is ${issuerOf(certificate)}`,
        caCure(server),
      ),
    );
  }
  if (seen.length > 0) return seen;
  const told = `${issuerOf(certificate)} signed the certificate, it ends on ${ends.toISOString()}`;
  return [days < SOON_DAYS ? note(`${told}, in ${days} days`, "renew it on the server") : right(told)];
}

type Met =
  | { readonly certificate: PeerCertificate; readonly untrusted: string | undefined }
  | { readonly code: string };

function meet(server: ServerAddress): Promise<Met> {
  const { host, port } = hostAndPort(server);
  const ca = server.caFile === undefined ? {} : { ca: readFileSync(server.caFile) };
  const name = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    // Nothing is sent over it: it is made to look at the certificate, whatever that is.
    const socket = connect({
      host,
      port,
      ...ca,
      ...name,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const end = (met: Met): void => {
      socket.destroy();
      resolve(met);
    };
    socket.setTimeout(TIMEOUT_MS, () => end({ code: "ETIMEDOUT" }));
    socket.once("error", (error: NodeJS.ErrnoException) => end({ code: error.code ?? error.message }));
    socket.once("secureConnect", () => {
      const reason = socket.authorizationError as Error | string | undefined;
      const untrusted = socket.authorized ? undefined : String((reason as { code?: string })?.code ?? reason);
      end({ certificate: socket.getPeerCertificate(), untrusted });
    });
  });
}

function noTls({ endpoint, endpointFrom }: ServerAddress, code: string): Seen {
  const cure = `set bucketworks:secure to false, or fix the endpoint of ${endpointFrom ?? "the settings"}`;
  return wrong(`${endpoint} doesn't speak TLS (${code})`, cure);
}

function caCure({ caFile }: ServerAddress): string {
  if (caFile === undefined) return "set bucketworks:caFile to the file of the CA that signed it";
  return `${caFile} holds another CA: have it hold the one that signed the certificate`;
}

function issuerOf({ issuer }: PeerCertificate): string {
  const { CN, O } = issuer ?? {};
  return String(CN ?? O ?? "nobody");
}
