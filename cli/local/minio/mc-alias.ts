import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { makePrivateFolder, readText, writePrivate } from "../private-files.ts";
import { rootCredentials } from "../secrets.ts";

/** The alias that `mc` commands by hand use: `mc ls dev`. */
const ALIAS = "dev";

/** Writes `mc`'s own configuration, so that the credentials never appear in an argument; other aliases stay. */
export function writeAlias(checkout: Checkout, endpoint: string): void {
  const { user, password } = rootCredentials(checkout);
  const alias = { url: `http://${endpoint}`, accessKey: user, secretKey: password, api: "S3v4", path: "on" };
  const aliases = aliasesIn(checkout);
  if (isDeepStrictEqual(aliases[ALIAS], alias)) return;
  makePrivateFolder(checkout.mc.folder);
  writePrivate(checkout.mc.config, JSON.stringify({ version: "10", aliases: { ...aliases, [ALIAS]: alias } }, null, 2));
}

/** @throws CommandError where the file is garbled: it may hold aliases of somebody's own */
function aliasesIn({ root, mc }: Checkout): Record<string, unknown> {
  try {
    return JSON.parse(readText(mc.config) ?? "{}").aliases ?? {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(
      `${relative(root, mc.config)}: is cut off or garbled (no JSON), and may hold aliases of your own; put it right, or remove it: make up writes the alias ${ALIAS} again`,
      EXIT.couldNotLook,
    );
  }
}
