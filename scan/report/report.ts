import { z } from "zod";
import type { JsonSchema } from "../../config/schema/json-schema.ts";
import { findingSchema, notLookedSchema } from "../finding.ts";

/** What `bucketworks scan --format json` prints. */
export const reportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  stage: z.string(),
  server: z.string().describe("URL of the server"),
  looked: z
    .strictObject({
      ...{ buckets: z.int(), users: z.int(), groups: z.int(), policies: z.int(), serviceAccounts: z.int() },
      configuration: z.boolean().describe("whether the server's own configuration was read; the right is a mighty one"),
    })
    .describe("how much of each was read on the server"),
  findings: z.array(findingSchema).describe("the highest risk first"),
  ignored: z.int().describe("findings left out by the ignore file"),
  unmanaged: z
    .record(z.string(), z.int())
    .describe("how many of each kind are as the specs list them under unmanaged: no findings"),
  unusedIgnores: z
    .array(z.strictObject({ kind: z.string(), name: z.string(), place: z.string() }))
    .describe("entries of the ignore file that no finding needed"),
  notLooked: z.array(notLookedSchema).describe("what could not be looked at: no findings are known of it"),
  waiting: z
    .array(z.strictObject({ bucket: z.string(), platform: z.string(), rule: z.string(), tier: z.string() }))
    .describe("lifecycle rules that wait for a tier: neither right nor wrong"),
});

export type ScanReport = z.infer<typeof reportSchema>;

/** `docs/scan.schema.json` as text. */
export function reportSchemaText(): string {
  const schema = z.toJSONSchema(reportSchema, { target: "draft-7" }) as JsonSchema;
  return `${JSON.stringify({ title: "Bucketworks scan", ...schema }, null, 2)}\n`;
}
