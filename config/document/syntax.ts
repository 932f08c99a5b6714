import { type Document, Lexer, type YAMLError } from "yaml";
import type { TextFault } from "./parse-yaml.ts";
import { yamlMistake } from "./yaml-mistakes.ts";

const MAX_DEPTH = 64;

/** The first syntax error alone: what follows it is noise. Null where the text is one YAML 1.2 document. */
export function syntaxFault(document: Document.Parsed, text: string): TextFault | null {
  const errors = [...document.errors, ...document.warnings.filter(({ code }) => code !== "TAG_RESOLVE_FAILED")];
  const first = errors.sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) return faultOf(first, text);
  const { version } = document.directives.yaml;
  if (version === "1.2") return null;
  const message = `the file asks for YAML ${version}, read is 1.2`;
  return { code: "yaml-syntax", offset: 0, path: [], message, fix: "remove the %YAML line" };
}

function faultOf(error: YAMLError, text: string): TextFault {
  const offset = error.pos[0];
  if (error.code === "MULTIPLE_DOCS") {
    const message = "a second document begins here, a platform file is one document";
    return { code: "several-documents", offset, path: [], message, fix: "remove the ---, or make two files" };
  }
  if (error.code === "RESOURCE_EXHAUSTION") return deepFault(offset);
  return { code: "yaml-syntax", path: [], ...yamlMistake(error, text) };
}

function deepFault(offset: number): TextFault {
  return {
    code: "too-deep",
    offset,
    path: [],
    message: `nested deeper than ${MAX_DEPTH} levels`,
    fix: "flatten the file",
  };
}

/** The parser itself runs out of memory on thousands of open brackets or dashes, so they are counted first. */
export function tooDeep(text: string): TextFault | null {
  let flow = 0;
  let block = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow--;
    // collections opened within one line: "- - - -"
    else if (token === "-" || token === "?") block++;
    else if (token === "\n") block = 0;
    if (flow > MAX_DEPTH || block > MAX_DEPTH) return deepFault(offset);
    // the lexer marks documents and scalars by one-character tokens that are not in the text
    if (token !== "\u0002" && token !== "\u001f" && token !== "\u0018") offset += token.length;
  }
  return null;
}
