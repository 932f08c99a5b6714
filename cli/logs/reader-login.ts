import { join } from "node:path";
import { LOG_STORE } from "../../builders/services/logs.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import type { StoreLogin } from "./store.ts";

/** @throws CommandError where the store never ran here */
export function readerLogin({ services }: Checkout): StoreLogin {
  const folder = join(services, "logs");
  const [address, password] = ["endpoint", LOG_STORE.readerPassword].map((name) => readText(join(folder, name)));
  if (address !== undefined && password !== undefined) return { address, user: LOG_STORE.reader, password };
  const message = "logs: the store of logs never ran here; run make services, with services.logs in a platform's file";
  throw new CommandError(message, EXIT.couldNotLook);
}
