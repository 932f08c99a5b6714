import { ENVIRONMENTS, type JsonSchema, platformJsonSchema } from "./json-schema.ts";

const HEAD = `# Spec reference

Generated from \`config/schema/\` by \`make docs\`; do not edit. [spec.md](spec.md) says how a file is read and which
value wins, [errors.md](errors.md) has every error code,
[schema.json](schema.json) completes and checks specs in an editor:

\`\`\`yaml
# yaml-language-server: $schema=../../docs/schema.json
\`\`\`
`;

/** `docs/spec-reference.md` as text: a section for each object of the language. */
export function referenceText(): string {
  const { properties, ...file } = platformJsonSchema();
  const { environments, ...own } = properties ?? {};
  const shown: JsonSchema = {
    ...file,
    properties: { ...own, environments: { type: "object", description: ENVIRONMENTS } },
  };
  return `${[HEAD, ...sections("The file", "", shown)].join("\n")}`;
}

function sections(title: string, description: string, schema: JsonSchema): string[] {
  const { properties = {}, required = [] } = schema;
  const rows = Object.entries(properties).map(([key, value]) => row(key, value, required.includes(key)));
  const head = ["| key | value | default | meaning |", "|---|---|---|---|"];
  const text = description === "" ? [] : [`${description}.`, ""];
  const own = [`## ${title}`, "", ...text, ...head, ...rows, ""].join("\n");
  const below = Object.entries(properties).flatMap(([key, value]) => nested(title, key, value));
  return [own, ...below];
}

function nested(title: string, key: string, schema: JsonSchema): string[] {
  const parent = title === "The file" ? "" : `${title}.`;
  if (schema.properties !== undefined) return sections(`${parent}${key}`, schema.description ?? "", schema);
  const { additionalProperties, items } = schema;
  if (items?.properties !== undefined) return sections(`${parent}${key}[]`, schema.description ?? "", items);
  if (typeof additionalProperties === "object" && additionalProperties.properties !== undefined) {
    return sections(`${parent}${key}.<key>`, schema.description ?? "", additionalProperties);
  }
  return [];
}

function row(key: string, schema: JsonSchema, required: boolean): string {
  const fallback = schema.default === undefined ? (required ? "required" : "none") : `\`${String(schema.default)}\``;
  const meaning = (schema.description ?? "").replaceAll("|", "\\|");
  return `| \`${key}\` | ${valueText(schema)} | ${fallback} | ${meaning} |`;
}

function valueText(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(valueText).join(", or ");
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  const types = [schema.type ?? []].flat().map((type) => typeNames[type] ?? type);
  const { minimum, maximum } = schema;
  const range = minimum === undefined ? "" : `, ${minimum} to ${maximum}`;
  if (schema.items !== undefined) return schema.items.properties === undefined ? "list of texts" : "list of maps";
  if (typeof schema.additionalProperties === "object") {
    return schema.additionalProperties.properties === undefined ? "map of texts" : "map of maps";
  }
  return `${types.join(" or ")}${range}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true or false",
  object: "map",
};
