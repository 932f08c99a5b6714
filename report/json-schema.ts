import { z } from "zod";
import { reportSchema } from "./schema.ts";

/** `docs/report.schema.json` as text. */
export function healthReportSchemaText(): string {
  const schema = z.toJSONSchema(reportSchema, { target: "draft-7" });
  return `${JSON.stringify({ title: "Bucketworks report", ...schema }, null, 2)}\n`;
}
