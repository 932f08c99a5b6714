import { type CreateNodeOptions, Document, type DocumentOptions, Scalar, type SchemaOptions, visit } from "yaml";
import { HIDDEN } from "./plain.ts";

/** YAML of a value, a line an entry. Text with hidden characters is quoted, and they stand as their escapes. */
export function yamlText(value: unknown, options: DocumentOptions & SchemaOptions & CreateNodeOptions = {}): string {
  const document = new Document(value, options);
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && node.value.search(HIDDEN) >= 0) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const yaml = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY });
  return yaml.replaceAll(HIDDEN, (character) => (character === "\n" ? character : escaped(character)));
}

function escaped(character: string): string {
  const code = Number(character.codePointAt(0)).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
