import { join } from "node:path";
import { SERVER_REQUESTS } from "../../../builders/services/server-requests.ts";
import type { Checkout } from "../../checkout.ts";
import { readText } from "../private-files.ts";

/** Where the local server tells of its requests, and with which token. */
export interface RequestLog {
  /** host:port of the shipper of logs. */
  readonly address: string;
  readonly token: string;
}

/** Undefined where no platform asks for it: `services up` puts the token there, and takes it away. */
export function requestLog({ services }: Pick<Checkout, "services">): RequestLog | undefined {
  const folder = join(services, "log_shipper");
  const [address, token] = [readText(join(folder, "endpoint")), readText(requestTokenFile({ services }))];
  return address === undefined || token === undefined ? undefined : { address, token };
}

export function requestTokenFile({ services }: Pick<Checkout, "services">): string {
  return join(services, "log_shipper", SERVER_REQUESTS.tokenFile);
}
