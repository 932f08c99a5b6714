import { z } from "zod";
import { isOrigin } from "../values/origin.ts";
import { regionFault } from "../values/region.ts";

const SERVER_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Another server, as this one or who makes backups reaches it. */
export const remote = z.strictObject({
  endpoint: z.string().refine(isOrigin, "must be the URL of the other server, https://HOST:PORT, without path or user"),
  /** Of the other server, where it has one of its own. */
  region: z
    .string()
    .refine((given) => regionFault(given) === null, "must be lower-case letters, digits and dashes")
    .optional(),
});

/** A map of servers by the names that specs call them. @param one what one is called, for messages */
export function namedServers<T extends z.ZodType>(one: string, server: T) {
  const message = `is no name of a ${one}: use 1 to 63 letters, digits, - and _, the first a letter or digit`;
  return z.record(z.string(), server).superRefine((given, { addIssue }) => {
    for (const name of Object.keys(given))
      if (!SERVER_NAME.test(name)) addIssue({ code: "custom", path: [name], message, params: { remove: true } });
  });
}

/** `bucketworks:remotes`: other MinIO servers, to which buckets are replicated, by the names that specs call them. */
export const Remotes = namedServers("remote", remote);

export type Remotes = Readonly<z.output<typeof Remotes>>;
export type Remote = Remotes[string];
