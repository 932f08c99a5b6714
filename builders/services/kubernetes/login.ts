import { derivedBytes } from "../../derived-bytes.ts";
import type { Metadata } from "../../kubernetes/manifest.ts";
import { type Instance, metadata } from "./instance.ts";
import { type Mounted, secretFile } from "./mounted.ts";
import type { ServicePlace } from "./place.ts";

/** Files of a login, as its Secret has them. */
export const LOGIN = { user: "user", password: "password" } as const;

/** The Secret of a service's login. */
export function loginSecret(instance: Instance, place: ServicePlace): Metadata {
  return metadata(instance, place, "login");
}

/** What it holds. Another key makes other passwords; 43 characters that a URL and a shell bear. */
export function loginData(key: string, secret: string, user: string): Record<string, string> {
  return { [LOGIN.user]: user, [LOGIN.password]: derivedBytes(key, `service ${secret}`, 32).toString("base64url") };
}

/** The password of a login as a file. */
export function passwordFile(volume: string, folder: string, { name }: Metadata): Mounted {
  return secretFile(volume, folder, name, LOGIN.password);
}
