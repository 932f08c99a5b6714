import { BlockList, connect, isIPv4 } from "node:net";
import { proxyEnvironment } from "../../../config/values/proxy.ts";
import { type Context, hostAndPort, serverOf } from "../context.ts";
import { right, type Seen, wrong } from "../finding.ts";

const TIMEOUT_MS = 5000;

/** The variables that name a proxy, and whether the way to the server leads through one. */
export async function lookAtProxies(at: Context): Promise<Seen[]> {
  const named = proxyEnvironment(at.env);
  if (named === undefined) return [right("no variable names a proxy")];
  const faults = Object.entries(named).flatMap(([name, value]) => (/no_proxy/i.test(name) ? [] : faultOf(name, value)));
  if (faults.length > 0) return faults;
  const proxy = proxyOf(at);
  const names = Object.keys(named).filter((name) => !/no_proxy/i.test(name));
  if (proxy === undefined) return [right(`${names.join(", ")} set; the server is asked directly`)];
  const fault = await connectionFault(proxy);
  const seen = `the server is asked through the proxy ${proxy.host}`;
  if (fault === undefined) return [right(seen)];
  return [
    wrong(`${seen}, which can't be reached (${fault})`, "fix the variable, or add the server's host to no_proxy"),
  ];
}

/** The proxy between this machine and the server; undefined where there is none. */
export function proxyOf(at: Context): URL | undefined {
  const server = serverOf(at);
  const named = proxyEnvironment(at.env);
  const value = server.secure ? (named?.https_proxy ?? named?.HTTPS_PROXY) : (named?.http_proxy ?? named?.HTTP_PROXY);
  if (named === undefined || !value || !URL.canParse(value)) return undefined;
  return isExcepted(hostAndPort(server), named.no_proxy ?? "") ? undefined : new URL(value);
}

/** As Node's agents take `no_proxy`, by which requests go: a name alone stands for itself and nothing below it. */
function isExcepted({ host, port }: { readonly host: string; readonly port: number }, list: string): boolean {
  return list.split(",").some((each) => {
    const entry = each.trim().toLowerCase();
    if (entry === "*" || entry === host || entry === `${host}:${port}`) return true;
    if (entry.startsWith("*.")) return host.endsWith(entry.slice(1));
    if (entry.startsWith(".")) return host.endsWith(entry) || host === entry.slice(1);
    return isInRange(host, entry.split("-"));
  });
}

function isInRange(host: string, [first = "", last = ""]: readonly string[]): boolean {
  if (![host, first, last].every((each) => isIPv4(each))) return false;
  const range = new BlockList();
  range.addRange(first, last);
  return range.check(host);
}

/** What it holds may be a password: only its name is said. */
function faultOf(name: string, value: string): Seen[] {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return [];
  return [
    wrong(`${name} is no URL that begins with http:// or https://`, `export ${name}=http://HOST:PORT, or unset it`),
  ];
}

function connectionFault({ hostname, port, protocol }: URL): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) });
    const end = (fault: string | undefined): void => {
      socket.destroy();
      resolve(fault);
    };
    socket.setTimeout(TIMEOUT_MS, () => end("no answer in time"));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
