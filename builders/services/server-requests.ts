/** How the local server tells the shipper of logs of each request. */
export const SERVER_REQUESTS = {
  /** Of the server's target, as in `audit_webhook:logs`. */
  target: "logs",
  /** At the shipper. */
  path: "/server-requests",
  /** File of the token that the shipper asks for, in its folder: it is there where a platform asks for these lines. */
  tokenFile: "requests-token",
  /** File in the folder of logs. */
  log: "minio-requests.log",
} as const;

/** Requests that wait on the server's disk while the shipper is away; of more than that nothing is told. About 4 KiB each. */
const QUEUE = 10_000;

const variable = (name: string): string => `MINIO_AUDIT_WEBHOOK_${name}_${SERVER_REQUESTS.target}`;

/** The variable that says where the shipper is. */
export const REQUESTS_ENDPOINT = variable("ENDPOINT");

/**
 * What the server is started with; no secret is among it.
 * @param address host:port of the shipper
 * @param folder in which requests wait
 */
export function requestVariables(address: string, folder: string): Readonly<Record<string, string>> {
  return {
    [variable("ENABLE")]: "on",
    [REQUESTS_ENDPOINT]: endpointOf(address),
    [variable("QUEUE_SIZE")]: String(QUEUE),
    [variable("QUEUE_DIR")]: folder,
  };
}

/** The variable of the token, and its value. */
export function requestSecret(token: string): readonly [name: string, value: string] {
  return [variable("AUTH_TOKEN"), authorizationOf(token)];
}

/** The header by which the shipper knows the server. */
export function authorizationOf(token: string): string {
  return `Bearer ${token}`;
}

/** What the server's configuration has then, as `mc admin config get` calls it. */
export function expectedRequests(address: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return { [`audit_webhook:${SERVER_REQUESTS.target}`]: { endpoint: endpointOf(address) } };
}

function endpointOf(address: string): string {
  return `http://${address}${SERVER_REQUESTS.path}`;
}
