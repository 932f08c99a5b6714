import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, type LineCounter } from "yaml";
import type { ErrorCode } from "../error-codes.ts";
import { isCredential, isSecret } from "../schema/values.ts";
import { lookAlikeIn, lookAlikeInKey } from "./look-alikes.ts";
import type { Entry, FaultyNode, ListNode, MapNode, Node, Path, Place, ScalarNode } from "./source-tree.ts";
import { codePoint } from "./yaml-mistakes.ts";

/** A fault found while the text is turned into a tree. */
export interface TextFault {
  readonly code: ErrorCode;
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
}

export interface YamlTree {
  readonly root: Node;
  readonly faults: readonly TextFault[];
  readonly lines: LineCounter;
}

/** The core schema's own types; every other tag would need code of its own to be understood. */
const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;
/** Values reached through aliases, in one file. */
const MAX_ALIASED_VALUES = 10_000;
const MAX_DEPTH = 64;
/** A whole value in the quotes of a word processor. */
const CURLY_QUOTES = /^([\u2018-\u201f\u00ab\u00bb])[^\u2018-\u201f\u00ab\u00bb]+[\u2018-\u201f\u00ab\u00bb]$/;

/** Below these stand words for people, values of others, or what is no business of a message. */
const FREE_TEXT = ["description", "tags", "variables", "command", "arguments", "minio_config", "unmanaged", "reason"];

/** Text below these keys begins keys of objects, as the server has them. */
const BEGINS_KEYS = ["prefix", "prefixes", "public_read", "paths"];

/** Turns a parsed document into a tree: tags, aliases, keys and characters are judged on the way. */
export function treeOf(document: Document, lines: LineCounter, text: string): YamlTree {
  const walk = new Walk(document, lines, text);
  return { root: walk.node(document.contents, { offset: 0, path: [], stage: null }, 0), faults: walk.faults, lines };
}

class Walk {
  readonly faults: TextFault[] = [];
  private readonly document: Document;
  private readonly lines: LineCounter;
  private readonly text: string;
  private readonly open: unknown[] = [];
  private aliasDepth = 0;
  private aliasedValues = 0;

  constructor(document: Document, lines: LineCounter, text: string) {
    this.document = document;
    this.lines = lines;
    this.text = text;
  }

  node(source: unknown, parent: Place, depth: number): Node {
    const place: Place = { ...parent, offset: startOf(source) ?? parent.offset };
    if (depth > MAX_DEPTH) {
      return this.faulty("too-deep", place, `nested deeper than ${MAX_DEPTH} levels`, "flatten the file");
    }
    if (this.aliasDepth > 0 && ++this.aliasedValues > MAX_ALIASED_VALUES) {
      if (this.aliasedValues > MAX_ALIASED_VALUES + 1) return { kind: "faulty", place };
      const message = `aliases repeat more than ${MAX_ALIASED_VALUES} values in this file`;
      return this.faulty("bad-alias", place, message, "write the values out, or use fewer aliases");
    }
    if (isAlias(source)) return this.alias(source, place, depth);
    const tag = isScalar(source) || isCollection(source) ? source.tag : undefined;
    if (tag !== undefined && !CORE_TAG.test(tag)) {
      const which = mayHoldSecret(place.path) ? "a tag" : `tag ${tag.replace("tag:yaml.org,2002:", "!!")}`;
      const fix = "remove the tag, or put text that begins with ! in quotes";
      return this.faulty("custom-tag", place, `${which} is not part of the language`, fix);
    }
    if (isMap(source) || isSeq(source)) {
      this.open.push(source);
      const node = isMap(source) ? this.map(source.items, place, depth) : this.list(source.items, place, depth);
      this.open.pop();
      return node;
    }
    return this.scalar(isScalar(source) ? source.value : source, place, isScalar(source) ? source.source : undefined);
  }

  private alias(source: { source: string; resolve(doc: Document): unknown }, place: Place, depth: number): Node {
    const target = source.resolve(this.document);
    const [which, anchor] = mayHoldSecret(place.path)
      ? ["an alias", "its anchor (&)"]
      : [`alias *${source.source}`, `&${source.source}`];
    if (target === undefined) {
      const fix = `write ${anchor} before it, or put text that begins with * in quotes`;
      return this.faulty("bad-alias", place, `${which} has no anchor`, fix);
    }
    if (this.open.includes(target)) {
      return this.faulty("bad-alias", place, `${which} contains itself`, "write the value out");
    }
    this.aliasDepth++;
    const node = this.node(target, place, depth);
    this.aliasDepth--;
    return node;
  }

  private map(items: readonly { key: unknown; value: unknown }[], place: Place, depth: number): MapNode {
    const entries = new Map<string, Entry>();
    for (const item of items) {
      const keyOffset = startOf(item.key) ?? place.offset;
      const name = this.key(item.key, { ...place, offset: keyOffset });
      if (name === null) continue;
      const key: Place = { ...place, offset: keyOffset, path: [...place.path, name] };
      const before = entries.get(name);
      if (before !== undefined) {
        this.duplicate(name, before.key, key);
        continue;
      }
      entries.set(name, { key, node: this.node(item.value, key, depth + 1) });
    }
    return { kind: "map", entries, removed: new Map(), place };
  }

  private list(items: readonly unknown[], place: Place, depth: number): ListNode {
    const nodes = items.map((item, index) => this.node(item, { ...place, path: [...place.path, index] }, depth + 1));
    return { kind: "list", items: nodes, place };
  }

  private duplicate(name: string, first: Place, second: Place): void {
    const { line, col } = this.lines.linePos(first.offset);
    const which = mayHoldSecret(second.path.slice(0, -1)) ? "a key" : `key ${name}`;
    this.fault("duplicate-key", second, `${which} stands at ${line}:${col} already`, "remove one of the two");
  }

  /** A key as text, or null where it can't be one. Numbers and booleans are taken as written. */
  private key(source: unknown, place: Place): string | null {
    const value = isScalar(source) ? source.value : source;
    if (value === "<<") {
      this.fault(
        "bad-key",
        place,
        "merge keys (<<) are not supported",
        "write the keys out, or use an alias for the whole value",
      );
      return null;
    }
    if (value === "__proto__") {
      this.fault("bad-key", place, "key __proto__ is not allowed", "choose another key");
      return null;
    }
    if (typeof value === "string") {
      const character = controlCharacter(value);
      if (character === null) return this.asMeant(value, place);
      this.fault("bad-character", place, `key holds the control character ${character}`, "remove it");
      return null;
    }
    if ((typeof value === "number" || typeof value === "boolean") && isScalar(source))
      return source.source ?? String(value);
    if (isMap(source)) {
      const message = "a map stands where a key belongs, as in {{ }} of a template";
      this.fault("bad-key", place, message, "write the value, or give it per stage in environments");
    } else this.fault("bad-key", place, "a key must be text", "write the key as plain or quoted text");
    return null;
  }

  private scalar(value: unknown, place: Place, source: string | undefined): ScalarNode | FaultyNode {
    if (typeof value === "string") {
      const character = controlCharacter(value);
      if (character !== null)
        return this.faulty("bad-character", place, `text holds the control character ${character}`, "remove it");
      const quote = CURLY_QUOTES.exec(value)?.[1];
      if (quote === undefined) {
        const isName = !isSecret(place.path) && !place.path.some((step) => FREE_TEXT.includes(String(step)));
        return { kind: "scalar", value: isName ? this.asMeant(value, place) : value, place };
      }
      const message = `text stands in the quotation mark ${codePoint(quote)}, which is part of it`;
      return this.faulty("bad-character", place, message, "write straight quotes");
    }
    if (typeof value === "number" && source !== undefined && /^[-+]?0[\dxob]/i.test(source)) {
      const which = mayHoldSecret(place.path) ? "a number" : `number ${source}`;
      const message = `${which} begins with 0 and can be read in several ways: decimal, octal, hexadecimal`;
      return this.faulty("wrong-type", place, message, "write it as a decimal number, or put text in quotes");
    }
    if (typeof value === "number" || typeof value === "boolean") {
      return { kind: "scalar", value, place, ...(source !== undefined && { source }) };
    }
    return { kind: "scalar", value: null, place };
  }

  /** A name without the letters that only look like those it is written with elsewhere; the rest is judged as meant. */
  private asMeant(name: string, place: Place): string {
    const isKey = place.path.some((step) => BEGINS_KEYS.includes(String(step)));
    const found = isKey ? lookAlikeInKey(name) : lookAlikeIn(name);
    if (found === null) return name;
    // an escape in double quotes doesn't show its letter: then the name is the place
    const at = this.text.indexOf(found.character, place.offset);
    const isWritten = at !== -1 && at <= place.offset + name.length;
    const where = { ...place, offset: isWritten ? at : place.offset };
    const fix = mayHoldSecret(place.path)
      ? "type the name again on one keyboard layout"
      : `write ${JSON.stringify(found.meant)}`;
    this.fault("bad-character", where, `a name holds ${found.words}`, fix);
    return found.meant;
  }

  private faulty(code: ErrorCode, place: Place, message: string, fix: string): FaultyNode {
    this.fault(code, place, message, fix);
    return { kind: "faulty", place };
  }

  private fault(code: ErrorCode, place: Place, message: string, fix: string): void {
    this.faults.push({ code, offset: place.offset, path: place.path, message, fix });
  }
}

/** Where text may be a password or one by mistake: at credentials, and all that is about identities. */
function mayHoldSecret(path: Path): boolean {
  const below = path.slice(path[0] === "environments" ? 2 : 0);
  return below[0] === "access" || path.some((step) => isCredential(String(step)));
}

function startOf(source: unknown): number | undefined {
  if (!isScalar(source) && !isCollection(source) && !isAlias(source)) return undefined;
  return source.range?.[0];
}

/** The first control character other than tab, line feed and carriage return, as `U+0000`; null where there is none. */
function controlCharacter(text: string): string | null {
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    if (control && point !== 9 && point !== 10 && point !== 13) {
      return codePoint(character);
    }
  }
  return null;
}
