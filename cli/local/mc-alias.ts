import { isDeepStrictEqual } from "node:util";
import type { Checkout } from "./checkout.ts";
import { makePrivateFolder, readText, writePrivate } from "./private-files.ts";
import { rootCredentials } from "./secrets.ts";

/** The alias that `mc` commands by hand use: `mc ls dev`. */
const ALIAS = "dev";

/** Writes `mc`'s own configuration, so that the credentials never appear in an argument; other aliases stay. */
export function writeAlias(checkout: Checkout, endpoint: string): void {
  const { user, password } = rootCredentials(checkout);
  const alias = { url: `http://${endpoint}`, accessKey: user, secretKey: password, api: "S3v4", path: "on" };
  const aliases: Record<string, unknown> = JSON.parse(readText(checkout.mc.config) ?? "{}").aliases ?? {};
  if (isDeepStrictEqual(aliases[ALIAS], alias)) return;
  makePrivateFolder(checkout.mc.folder);
  writePrivate(checkout.mc.config, JSON.stringify({ version: "10", aliases: { ...aliases, [ALIAS]: alias } }, null, 2));
}
