import { type Document, Lexer, type YAMLError } from "yaml";
import type { TextFault } from "./yaml-tree.ts";

const MAX_FLOW_DEPTH = 64;

/** The first syntax error alone (what follows it is noise), and every duplicate key. */
export function syntaxFaults(document: Document.Parsed): { faults: TextFault[]; fatal: boolean } {
  const duplicates = document.errors.filter((error) => error.code === "DUPLICATE_KEY");
  const others = document.errors.filter((error) => error.code !== "DUPLICATE_KEY");
  others.push(...document.warnings.filter((warning) => warning.code !== "TAG_RESOLVE_FAILED"));
  const first = others.sort((a, b) => a.pos[0] - b.pos[0])[0];
  const faults = duplicates.map((error) => ({
    code: "duplicate-key" as const,
    offset: error.pos[0],
    path: [],
    message: "the key stands here a second time in the same map",
    fix: "remove one of the two, or rename it",
  }));
  if (first === undefined) {
    if (document.directives.yaml.version === "1.2") return { faults, fatal: false };
    const message = `the file asks for YAML ${document.directives.yaml.version}, read is 1.2`;
    return { faults: [syntaxFault(0, message, "remove the %YAML line")], fatal: true };
  }
  return { faults: [...faults, faultOf(first)], fatal: true };
}

function faultOf(error: YAMLError): TextFault {
  const offset = error.pos[0];
  if (error.code === "MULTIPLE_DOCS") {
    const message = "a second document begins here, a platform file is one document";
    return { code: "several-documents", offset, path: [], message, fix: "remove the ---, or make two files" };
  }
  if (error.code === "RESOURCE_EXHAUSTION") return deepFault(offset);
  return syntaxFault(offset, lowerFirst(error.message), "mend the YAML here");
}

function syntaxFault(offset: number, message: string, fix: string): TextFault {
  return { code: "yaml-syntax", offset, path: [], message, fix };
}

function deepFault(offset: number): TextFault {
  return {
    code: "too-deep",
    offset,
    path: [],
    message: `nested deeper than ${MAX_FLOW_DEPTH} levels`,
    fix: "flatten the file",
  };
}

/** The parser itself runs out of memory on thousands of open brackets, so they are counted first. */
export function tooDeep(text: string): TextFault | null {
  let depth = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > MAX_FLOW_DEPTH) return deepFault(offset);
    // the lexer marks documents and scalars by one-character tokens that are not in the text
    if (token !== "\u0002" && token !== "\u001f" && token !== "\u0018") offset += token.length;
  }
  return null;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
