import { XMLParser, XMLValidator } from "fast-xml-parser";

/** An element: its text, or its children by name. A name's children are always a list, however many there are. */
export type Element = string | { readonly [name: string]: readonly Element[] };

/**
 * minio-js's own reading is not used: it takes `007` for 7, gives one element bare and several as a list, and leaves
 * `&#34;` in tag values as it stands. Here all text stays text; entities are decoded below, once.
 */
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  isArray: () => true,
});

/** The root element of a document if it has this name; undefined for any other text. */
export function parseXml(body: string, root: string): Element | undefined {
  if (XMLValidator.validate(body) !== true) return undefined;
  return (parser.parse(body) as Record<string, readonly Element[] | undefined>)[root]?.[0];
}

/** Children of that name; none where the element holds text. */
export function children(element: Element | undefined, name: string): readonly Element[] {
  if (typeof element !== "object" || !Object.hasOwn(element, name)) return [];
  return element[name] ?? [];
}

/** The first child of that name. */
export function child(element: Element | undefined, name: string): Element | undefined {
  return children(element, name)[0];
}

/** Text of the first child of that name; undefined where there is no such child. */
export function childText(element: Element | undefined, name: string): string | undefined {
  const found = child(element, name);
  return found === undefined ? undefined : text(found);
}

/** Text of an element; empty where it holds elements. */
export function text(element: Element): string {
  return typeof element === "string" ? decode(element) : "";
}

/** Names of the child elements, in the order of the document. */
export function names(element: Element | undefined): string[] {
  return typeof element === "object" ? Object.keys(element).filter((name) => name !== "#text") : [];
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Go writes quotes, tabs and line feeds as numbers: `&#34;`, `&#xA;`. */
function decode(raw: string): string {
  return raw.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (entity, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ""] ?? entity;
    },
  );
}
