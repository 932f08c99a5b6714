import type { ServerAddress } from "../../live/server-address.ts";
import { checkoutAt } from "../checkout.ts";
import { readText } from "../local/private-files.ts";

/** Whether a server is the local one of a checkout, which the checkout's own services watch over. */
export function isOwnServer({ endpoint }: Pick<ServerAddress, "endpoint">, root: string): boolean {
  return endpoint === readText(checkoutAt(root).minio.endpoint);
}
