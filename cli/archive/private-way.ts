import { secureByDefault } from "../../config/values/endpoint.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/** Refuses a way over which keys of everybody would go in plaintext. @throws CommandError */
export function requirePrivateWay(
  command: string,
  server: { readonly secure: boolean; readonly endpoint: string },
): void {
  if (server.secure || !secureByDefault(server.endpoint)) return;
  const message = `${command}: http://${server.endpoint} would carry every key of the server in plaintext; give it TLS (bucketworks:secure), or run this where the server is`;
  throw new CommandError(message, EXIT.wrongUse);
}
