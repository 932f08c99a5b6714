import { z } from "zod";
import { isOrigin } from "../values/origin.ts";
import { regionFault } from "../values/region.ts";

const REMOTE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const NAME = "is no name of a remote: use 1 to 63 letters, digits, - and _, the first a letter or digit";

const remote = z.strictObject({
  endpoint: z.string().refine(isOrigin, "must be the URL of the other server, https://HOST:PORT, without path or user"),
  /** Of the other server, where it has one of its own. */
  region: z
    .string()
    .refine((given) => regionFault(given) === null, "must be lower-case letters, digits and dashes")
    .optional(),
});

/** `bucketworks:remotes`: other MinIO servers, to which buckets are replicated, by the names that specs call them. */
export const Remotes = z.record(z.string(), remote).superRefine((given, { addIssue }) => {
  for (const name of Object.keys(given))
    if (!REMOTE_NAME.test(name)) addIssue({ code: "custom", path: [name], message: NAME, params: { remove: true } });
});

export type Remotes = Readonly<z.output<typeof Remotes>>;
export type Remote = Remotes[string];
