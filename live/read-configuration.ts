import type { LiveConfiguration } from "./configuration.ts";
import { configurationIn } from "./configuration.ts";
import type { Look } from "./live-server.ts";
import { ReadError } from "./read-error.ts";
import type { Reader } from "./reader.ts";

const OLD = "policy_opa";
const ASKED = { what: "the server's configuration", right: "admin:ConfigUpdate" };

/**
 * The configuration that the server runs with; null where the credentials may not. It comes in one answer, secrets too:
 * each further answer is encrypted with a key that takes a fifth of a second to derive.
 */
export function readConfiguration(reader: Reader): Promise<Look<LiveConfiguration | null>> {
  return reader.look(async () => {
    const all = await ask(reader, "config", {}, { holds: "api", none: "AccessDenied" });
    // the whole leaves out the policy plugin of old, which still decides; a server that has none calls it unknown
    const old = all && (await ask(reader, "get-config-kv", { key: OLD }, { holds: OLD, none: "XMinioConfigError" }));
    return all === undefined ? null : new Map([...all, ...(old ?? [])]);
  });
}

async function ask(
  { client }: Reader,
  call: string,
  query: Readonly<Record<string, string>>,
  { holds, none }: { readonly holds: string; readonly none: string },
): Promise<LiveConfiguration | undefined> {
  const text = await client.encryptedText(call, query, ASKED, none);
  const found = text === undefined ? undefined : configurationIn(text);
  if (text !== undefined && !found?.has(holds)) {
    throw new ReadError(`the server tells ${ASKED.what} in a form that isn't known`, false);
  }
  return found;
}
