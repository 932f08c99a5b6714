import { z } from "zod";
import { list, object, text, texts } from "./model-shapes.ts";

const entity = object({
  name: text,
  /** Column. */
  key: text,
  type: z.enum(["string", "int32", "int64"]),
  description: text,
});

const field = object({
  name: text,
  type: z.enum(["bool", "float32", "float64", "int32", "int64", "string", "timestamp"]),
  description: text,
  /** Null is no limit. */
  least: z.number().nullable(),
  most: z.number().nullable(),
  /** From 0 to 1. */
  nullShare: z.number(),
});

const view = object({
  name: text,
  description: text,
  entities: texts,
  prefix: text,
  /** Columns. */
  timestamp: text,
  created: text,
  ttlSeconds: z.number(),
  online: z.boolean(),
  /** Sorted by name. */
  fields: list(field),
});

/** A platform's feature store with every default applied. */
export const features = object({
  /** Absent in a model of a version that knew Feast alone. */
  store: z.enum(["feast", "hopsworks"]).default("feast"),
  bucket: text,
  serviceAccount: text,
  /** On the server. */
  databaseRole: text,
  /** Of the platform's database. */
  schema: text,
  /** Null where nothing goes online by the clock. */
  schedule: text.nullable(),
  /** Sorted by name. */
  entities: list(entity),
  /** Sorted by name. */
  views: list(view),
});

/** The feature store of a platform. */
export type Features = z.output<typeof features>;
