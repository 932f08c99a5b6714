import { z } from "zod";
import { platformSpec } from "./platform.ts";

/** The part of JSON Schema that the language needs. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  examples?: unknown[];
  pattern?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  $ref?: string;
  [keyword: string]: unknown;
}

export const ENVIRONMENTS =
  "Per stage an overlay of the file's own shape, merged first: maps by key, lists of buckets by name, other lists replaced, null removes";

/** The JSON Schema of a platform file, for editors: draft 7, which every editor's YAML support knows. */
export function platformJsonSchema(): JsonSchema {
  const file = jsonSchemaOf(platformSpec);
  const { $schema, properties, ...rest } = file;
  const overlay = sparse({ type: "object", properties: properties ?? {}, additionalProperties: false });
  return {
    $schema,
    title: "Bucketworks platform",
    ...rest,
    properties: {
      ...properties,
      environments: {
        description: ENVIRONMENTS,
        type: "object",
        propertyNames: { pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$" },
        additionalProperties: overlay,
      },
    },
  };
}

/** `docs/schema.json` as text. */
export function platformJsonSchemaText(): string {
  return `${JSON.stringify(platformJsonSchema(), null, 2)}\n`;
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  // zod's own type of a schema is wider than what these schemas use; this is the edge
  return z.toJSONSchema(schema, { io: "input", target: "draft-7" }) as JsonSchema;
}

/** An object of which any part may be given, and null removes a part. A bucket is found by its name, an entry of another list isn't found. */
function sparse(schema: JsonSchema): JsonSchema {
  const { required, ...result } = schema;
  if (schema.properties !== undefined) {
    const entries = Object.entries(schema.properties).map(([key, value]) => [key, sparseValue(key, value)] as const);
    result.properties = Object.fromEntries(entries);
  }
  const { additionalProperties } = schema;
  if (typeof additionalProperties === "object") result.additionalProperties = nullable(sparse(additionalProperties));
  return result;
}

function sparseValue(key: string, schema: JsonSchema): JsonSchema {
  if (key !== "buckets" || schema.items === undefined) return nullable(sparse(schema));
  const bucket = sparse(schema.items);
  const { name } = schema.items.properties ?? {};
  if (name === undefined) throw new Error("an overlay finds a bucket by its name");
  return nullable({ ...schema, items: { ...bucket, properties: { ...bucket.properties, name }, required: ["name"] } });
}

function nullable(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  if (schema.type === undefined) return schema;
  const type = [schema.type].flat();
  return { ...schema, type: [...type, "null"], ...(schema.enum !== undefined && { enum: [...schema.enum, null] }) };
}
