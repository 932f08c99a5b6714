import type { Checkout } from "./checkout.ts";
import { makePrivateFolder, readText, writePrivate } from "./private-files.ts";
import { rootCredentials } from "./secrets.ts";

/** The alias that `mc` commands by hand use: `mc ls dev`. */
const ALIAS = "dev";

/** Writes `mc`'s own configuration, so that the credentials never appear in an argument; other aliases stay. */
export function writeAlias(checkout: Checkout, endpoint: string): void {
  const { user, password } = rootCredentials(checkout);
  const before = readText(checkout.mc.config);
  const aliases = before === undefined ? {} : (JSON.parse(before).aliases ?? {});
  const alias = { url: `http://${endpoint}`, accessKey: user, secretKey: password, api: "S3v4", path: "on" };
  const text = JSON.stringify({ version: "10", aliases: { ...aliases, [ALIAS]: alias } }, null, 2);
  if (text === before) return;
  makePrivateFolder(checkout.mc.folder);
  writePrivate(checkout.mc.config, text);
}
