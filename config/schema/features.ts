import { z } from "zod";
import { defaults } from "../defaults.ts";

const { features: usual } = defaults;

const text = z.string();

const entity = z
  .strictObject({
    description: text.optional().describe("What it is, for people"),
    key: text.meta({ examples: ["user_id"] }).describe("Column that says which one"),
    type: z
      .enum(["string", "int32", "int64"])
      .meta({ default: usual.keyType })
      .optional()
      .describe("Of that column's values"),
  })
  .describe("What features are of");

const field = z
  .strictObject({
    description: text.optional().describe("What it is, for people"),
    type: z
      .enum(["bool", "float32", "float64", "int32", "int64", "string", "timestamp"])
      .describe("Of the column's values"),
    min: z.number().optional().describe("Least value that is right"),
    max: z.number().optional().describe("Greatest value that is right"),
    null_percent: z
      .number()
      .min(0)
      .max(100)
      .meta({ default: usual.nullPercent })
      .optional()
      .describe("Most values that may be missing, in 100"),
  })
  .describe("A feature: a column of the view's files");

const view = z
  .strictObject({
    description: text.optional().describe("What it is, for people"),
    entities: z.array(text).min(1).describe("Entities of this file whose keys, together, name one row"),
    prefix: text
      .meta({ examples: ["feature_group=activity/version=1/"] })
      .describe("Beginning of the keys of its Parquet files in the bucket"),
    timestamp: text
      .meta({ default: usual.timestamp })
      .optional()
      .describe("Column of the files: when a row's values were true"),
    created: text
      .meta({ default: usual.created })
      .optional()
      .describe("Column of the files: when the row was there to be read; no label before that moment gets it"),
    ttl_days: z.int().min(1).max(3650).describe("How long a value counts"),
    online: z
      .boolean()
      .meta({ default: usual.online })
      .optional()
      .describe("Whether its newest values are kept in PostgreSQL, to be read while somebody waits"),
    fields: z.record(text, field).describe("Features by name"),
  })
  .describe("Features of the same entities, from the same files");

/** The feature store of a platform. */
export const features = z
  .strictObject({
    bucket: text.describe("Bucket of this file with the features' Parquet files, the offline store"),
    service_account: text.describe(
      "Service account of this file that reads them, and writes the profiles that drift is measured against below _profiles/",
    ),
    store: z
      .enum(["feast", "hopsworks"])
      .meta({ default: usual.store })
      .optional()
      .describe(
        "Where definitions are kept: by Feast in the platform's database, or as external feature groups of a Hopsworks project, which the stack names (docs/features.md)",
      ),
    schedule: text
      .meta({ examples: ["17 * * * *"] })
      .optional()
      .describe(
        "feast only, and needed there: when the newest values are brought online, in UTC: minute, hour, day, month, weekday, as cron has them",
      ),
    entities: z.record(text, entity).describe("Entities by name"),
    views: z.record(text, view).describe("Feature views by name; another meaning is another name"),
  })
  .describe(
    "A feature store (Feast): training sets from Parquet in a bucket, online values and the registry in the platform's database, as its role feature_store",
  );

export type FeaturesSpec = z.infer<typeof features>;
