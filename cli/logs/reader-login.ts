import { join } from "node:path";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import type { StoreLogin } from "./store.ts";

/** Who may search the store, and who may add to it. */
export const READER = "reader";
export const WRITER = "writer";
/** The file of the reader's password, in the service's folder. */
export const READER_PASSWORD = "reader-password";

/** @throws CommandError where the store never ran here */
export function readerLogin({ services }: Checkout): StoreLogin {
  const folder = join(services, "logs");
  const [address, password] = ["endpoint", READER_PASSWORD].map((name) => readText(join(folder, name)));
  if (address !== undefined && password !== undefined) return { address, user: READER, password };
  const message = "logs: the store of logs never ran here; run make services, with services.logs in a platform's file";
  throw new CommandError(message, EXIT.couldNotLook);
}
