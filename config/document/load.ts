import { LineCounter, parseDocument } from "yaml";
import type { SpecIssue } from "../issues.ts";
import { shownPath } from "../schema/shown-path.ts";
import { type TextFault, treeOf } from "./parse-yaml.ts";
import type { Node } from "./source-tree.ts";
import { syntaxFault, tooDeep } from "./syntax.ts";
import { firstBadByte } from "./utf8.ts";

/** One platform file, parsed; nothing about its shape is judged yet. */
export interface SpecDocument {
  /** As the caller named the file; every issue carries it. */
  readonly file: string;
  /** File name without its extension. */
  readonly platform: string;
  readonly root: Node;
  readonly lines: LineCounter;
}

export interface Loaded {
  /** Null where the text is no YAML document at all. */
  readonly document: SpecDocument | null;
  readonly issues: readonly SpecIssue[];
}

/** Bytes; a spec is written by hand. */
export const MAX_FILE_BYTES = 1_048_576;
const PLATFORM_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** Bytes of one file to a tree with positions. Faults of the text become issues; nothing is thrown. */
export function loadSpec(file: string, bytes: Uint8Array): Loaded {
  if (bytes.byteLength > MAX_FILE_BYTES) {
    const message = `file has ${bytes.byteLength} bytes, allowed are ${MAX_FILE_BYTES} (1 MiB)`;
    return { document: null, issues: [wholeFile(file, "too-large", message, "split the platform into several files")] };
  }
  const bad = firstBadByte(bytes);
  if (bad !== null) {
    const before = new TextDecoder().decode(bytes.subarray(0, bad)).split("\n");
    const issue = wholeFile(file, "not-utf8", `byte ${bad + 1} is not UTF-8 text`, "save the file as UTF-8");
    return { document: null, issues: [{ ...issue, line: before.length, column: (before.at(-1) ?? "").length + 1 }] };
  }
  return parseSpec(file, new TextDecoder().decode(bytes));
}

/** Text of one file to a tree with positions. */
export function parseSpec(file: string, text: string): Loaded {
  const platform = platformName(file);
  const issues: SpecIssue[] = [];
  if (!PLATFORM_NAME.test(platform)) {
    const message = `the file name makes the platform ${JSON.stringify(platform)}, allowed are letters, digits, dots, dashes and underscores`;
    issues.push(wholeFile(file, "platform-name", message, "rename the file"));
  }
  const lines = new LineCounter();
  const toIssue = (fault: TextFault): SpecIssue => {
    const { line, col } = lines.linePos(fault.offset);
    const { code, message, fix } = fault;
    return { code, file, line, column: col, path: shownPath(fault.path), message, fix, stage: null };
  };
  const deep = tooDeep(text);
  if (deep !== null) {
    lines.addNewLine(0);
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
    return { document: null, issues: [...issues, toIssue(deep)] };
  }
  // log level "silent" would also be silent about a second document
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: "error" });
  const syntax = syntaxFault(parsed, text);
  if (syntax !== null) return { document: null, issues: [...issues, toIssue(syntax)] };
  if (parsed.contents === null) {
    const issue = wholeFile(
      file,
      "empty-file",
      "the file holds no document",
      "write bucket_groups, or remove the file",
    );
    return { document: null, issues: [...issues, issue] };
  }
  const tree = treeOf(parsed, lines, text);
  issues.push(...tree.faults.map(toIssue));
  return { document: { file, platform, root: tree.root, lines }, issues };
}

/** `config/platforms/usdcop.yaml` is platform `usdcop`. */
export function platformName(file: string): string {
  const base = file.split(/[\\/]/).at(-1) ?? file;
  return base.replace(/\.[^.]*$/, "");
}

/** An issue about a file as a whole. */
export function wholeFile(file: string, code: SpecIssue["code"], message: string, fix: string): SpecIssue {
  return { code, file, line: 0, column: 0, path: "", message, fix, stage: null };
}
