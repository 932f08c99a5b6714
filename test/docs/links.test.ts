import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";
import { nodesOf, parsed } from "../support/markdown.ts";

const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT })
  .toString("utf8")
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(ROOT, file)));
const pages = tracked.filter((file) => /^(?:[A-Z]+\.md|docs\/.*\.md)$/.test(file));
const trees = new Map(pages.map((page) => [page, nodesOf(parsed(readFileSync(join(ROOT, page), "utf8")))]));

/** Anchors of a page, as GitHub makes them from headings: a repeated one gets a number. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const node of trees.get(page) ?? []) {
    if (node.type !== "heading") continue;
    const words = nodesOf(node).map((each) => (each.type === "text" || each.type === "inlineCode" ? each.value : ""));
    const slug = words
      .join("")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with a link to a file or a heading; undefined where it leads somewhere. */
function fault(from: string, url: string): string | undefined {
  if (/^[a-z]+:/.test(url)) return undefined;
  const [path = "", anchor] = url.split("#");
  const target = path === "" ? from : normalize(join(dirname(from), path)).replace(/\/$/, "");
  if (!existsSync(join(ROOT, target))) return `${from}: ${url}: there is no ${target}`;
  if (anchor === undefined || statSync(join(ROOT, target)).isDirectory()) return undefined;
  return anchorsOf(target).has(anchor) ? undefined : `${from}: ${url}: ${target} has no such heading`;
}

test("every link of the documentation leads to a file, and to a heading of it", () => {
  const links = [...trees].flatMap(([page, nodes]) =>
    nodes.flatMap((node) => (node.type === "link" ? [[page, node.url] as const] : [])),
  );
  expect(links.length).toBeGreaterThan(150);
  expect(links.flatMap(([page, url]) => fault(page, url) ?? [])).toEqual([]);
});

test("every page that a message or a comment names is there, with its heading", () => {
  const sources = tracked.filter((file) => /\.(ts|sh|yaml)$|^Makefile$/.test(file) && !file.startsWith("test/docs/"));
  const named = sources.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/(?<![/\w])docs\/[\w/-]+\.(?:md|json)(?:#[\w-]+)?/g)].map(
      ([page]) => [file, page] as const,
    );
  });
  expect(named.length).toBeGreaterThan(30);
  expect(named.flatMap(([file, page]) => fault("README.md", page)?.replace("README.md", file) ?? [])).toEqual([]);
});

test("every file that ARCHITECTURE.md tells to change is there; a short name lies beside or above the one before it", () => {
  const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const rows = text.slice(text.indexOf("## Where do I change")).match(/^\| .+$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(40);
  const missing = rows.flatMap((row) => {
    let folder = ".";
    return [...row.matchAll(/`([\w.-]+\/[\w./-]*|[\w.-]+\.(?:ts|sh|json))`/g)].flatMap(([, name = ""]) => {
      const folders = [".", folder, dirname(folder)];
      const found = folders.map((each) => join(each, name)).find((path) => existsSync(join(ROOT, path)));
      if (found === undefined) return [name];
      folder = statSync(join(ROOT, found)).isDirectory() ? found : dirname(found);
      return [];
    });
  });
  expect(missing).toEqual([]);
});

test("docs/README.md lists every page once", () => {
  const links = (trees.get("docs/README.md") ?? []).flatMap((node) => (node.type === "link" ? [node.url] : []));
  for (const page of pages.filter((each) => /^docs\/[^/]+\.md$/.test(each) && each !== "docs/README.md")) {
    const name = page.replace("docs/", "");
    // The beginning of the page leads to the tutorial and to the words, too.
    const often = name === "tutorial.md" || name === "glossary.md" ? 2 : 1;
    expect({ page, times: links.filter((url) => url === name).length }).toEqual({ page, times: often });
  }
});

test("the glossary has 50 terms at most, each once, in the order of the alphabet", () => {
  const terms = [...readFileSync(join(ROOT, "docs/glossary.md"), "utf8").matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm)]
    .map(([, term = ""]) => term.split(",")[0] ?? "")
    .slice(1);
  expect(terms.length).toBeLessThanOrEqual(50);
  expect(terms).toEqual([...new Set(terms)].sort((a, b) => a.localeCompare(b, "en")));
});
