import { z } from "zod";

const databaseRole = z
  .strictObject({ description: z.string().optional().describe("What the role is for, for people") })
  .describe("A login role of PostgreSQL");

/** The platform's database on the PostgreSQL server of the stack. */
export const database = z
  .strictObject({
    name: z
      .string()
      .meta({ examples: ["mlops_db"] })
      .describe("Name on the server; platforms of one stack may share a database"),
    roles: z
      .record(z.string(), databaseRole)
      .describe("Login roles by key, <platform>_<key> on the server; what they may do is granted by migrations"),
  })
  .describe("The platform's PostgreSQL database; its tables are config/migrations/<platform>/NNN.do.<name>.sql");

export type DatabaseSpec = z.infer<typeof database>;
