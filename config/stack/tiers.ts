import { z } from "zod";
import { bucketNameFaults } from "../values/names.ts";
import { isOrigin } from "../values/origin.ts";
import { regionFault } from "../values/region.ts";
import { isTierName } from "../values/tier-name.ts";

const NAME =
  "is no name of a tier: MinIO wants upper-case letters, digits, - and _, and keeps STANDARD and REDUCED_REDUNDANCY";

const tier = z
  .strictObject({
    /** The protocol of the other store: `minio` for another MinIO, `s3` for everything else that speaks S3. */
    type: z.enum(["minio", "s3"]),
    endpoint: z
      .string()
      .refine(isOrigin, "must be the URL of the other store, https://HOST:PORT, without path or user"),
    bucket: z.string().superRefine((given, { addIssue }) => {
      for (const { message } of bucketNameFaults(given))
        addIssue({ code: "custom", message: `${message}, got ${JSON.stringify(given)}` });
    }),
    /** Below which objects lie there; absent is the whole bucket. */
    prefix: z
      .string()
      .regex(/^[\w.-]+(?:\/[\w.-]+)*$/, "must be names of letters, digits, . _ - with / between them, none at the ends")
      .optional(),
    region: z
      .string()
      .refine((given) => regionFault(given) === null, "must be lower-case letters, digits and dashes")
      .optional(),
    /** Class that the other store keeps them in, `STANDARD_IA` of AWS for example. */
    storageClass: z
      .string()
      .regex(/^[A-Z][A-Z_]*$/, "must be a storage class like STANDARD_IA")
      .optional(),
    /** When it leaves the settings: retain leaves it on the server; delete_if_empty has the server remove one that holds nothing. */
    onDelete: z.enum(["retain", "delete_if_empty"]).default("retain"),
    /** May take over a tier that is on the server already, or a place that holds objects already. */
    adopt: z.boolean().default(false),
  })
  .superRefine(({ type, storageClass }, { addIssue }) => {
    if (type === "minio" && storageClass !== undefined)
      addIssue({
        code: "custom",
        path: ["storageClass"],
        message: "belongs to type s3 alone",
        params: { remove: true },
      });
  });

/** `bucketworks:tiers`: other object stores, to which lifecycle rules move objects, by the names that rules call them. */
export const Tiers = z.record(z.string(), tier).superRefine((given, { addIssue }) => {
  for (const name of Object.keys(given))
    if (!isTierName(name)) addIssue({ code: "custom", path: [name], message: NAME, params: { remove: true } });
});

export type Tiers = Readonly<z.output<typeof Tiers>>;
export type Tier = Tiers[string];
