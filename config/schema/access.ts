import { z } from "zod";
import { defaults } from "../defaults.ts";

const policyKeys = z.array(z.string()).describe("Keys of policies of this file");

export const grant = z
  .strictObject({
    role: z
      .enum(["list", "read", "write", "delete", "read_write", "restore", "inspect"])
      .describe(
        "list: names only; read: list and get; write: put, also in parts, no delete; delete; read_write: read, write and delete; restore: list and get former versions too, where every other role reaches what is current alone; inspect: the bucket's settings, no object and no name",
      ),
    bucket: z.string().describe("A bucket of this file"),
    prefixes: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Key prefixes the role is limited to; absent is the whole bucket"),
  })
  .describe("One role on one bucket");

const policy = z.strictObject({
  name: z.string().optional().describe("Name on the server; absent is <platform>-<key>"),
  grants: z.array(grant).min(1).describe("What the policy permits; everything else is refused"),
});

const group = z.strictObject({ policies: policyKeys });

const user = z.strictObject({
  policies: policyKeys.optional(),
  groups: z.array(z.string()).optional().describe("Keys of groups of this file"),
});

const serviceAccount = z.strictObject({
  user: z.string().describe("Key of the user of this file it acts for; it can never do more than that user"),
  policies: z.array(z.string()).min(1).describe("Keys of policies of this file; their grants make its own document"),
});

const rotation = z
  .strictObject({
    max_age_days: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe("Days after which the key of a service account is to be replaced; absent is when somebody asks for it"),
    grace_days: z
      .int()
      .min(1)
      .max(90)
      .meta({ default: defaults.rotation.graceDays })
      .optional()
      .describe("Days that the old key is taken beside the new one"),
  })
  .describe("How keys of service accounts are replaced by bucketworks rotate");

/** Who may do what. */
export const access = z
  .strictObject({
    policies: z.record(z.string(), policy).optional().describe("Policies by key"),
    groups: z.record(z.string(), group).optional().describe("Groups by name on the server"),
    users: z.record(z.string(), user).optional().describe("Users by name on the server"),
    service_accounts: z.record(z.string(), serviceAccount).optional().describe("Service accounts by name"),
    rotation: rotation.optional(),
  })
  .describe("Identities and what they may do");

export type AccessSpec = z.infer<typeof access>;
export type GrantSpec = z.infer<typeof grant>;
