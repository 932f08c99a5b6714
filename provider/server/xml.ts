import { XMLParser, XMLValidator } from "fast-xml-parser";

/** Text, or elements by name; one or several make no difference. */
type Raw = string | { readonly [name: string]: readonly Raw[] };

/** Text stays as it was written: neither `007` nor a blank at its end is lost. Entities are decoded below. */
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  isArray: () => true,
});

/** An element of an answer of the server. */
export class XmlElement {
  readonly #raw: Raw;

  private constructor(raw: Raw) {
    this.#raw = raw;
  }

  /** The root of a document; undefined where it has another name, or is cut off. */
  static root(body: string, name: string): XmlElement | undefined {
    if (XMLValidator.validate(body) !== true) return undefined;
    const root = (parser.parse(body) as Record<string, readonly Raw[] | undefined>)[name]?.[0];
    return root === undefined ? undefined : new XmlElement(root);
  }

  all(name: string): XmlElement[] {
    const found = typeof this.#raw === "object" && Object.hasOwn(this.#raw, name) ? this.#raw[name] : undefined;
    return (found ?? []).map((raw) => new XmlElement(raw));
  }

  /** The first one at the end of a path of names. */
  one(...path: string[]): XmlElement | undefined {
    return path.reduce<XmlElement | undefined>((element, name) => element?.all(name)[0], this);
  }

  /** Undefined where there is no such element. */
  text(...path: string[]): string | undefined {
    const found = this.one(...path);
    if (found === undefined) return undefined;
    return typeof found.#raw === "string" ? decoded(found.#raw) : "";
  }
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Go writes quotes, tabs and line feeds as numbers: `&#34;`, `&#xA;`. */
function decoded(raw: string): string {
  return raw.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (entity, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ""] ?? entity;
    },
  );
}
