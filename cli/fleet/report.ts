import { htmlText } from "../../config/text/html.ts";
import { counted, table } from "../terminal/print.ts";
import { type FleetReport, ordered, type StackResult } from "./result.ts";

const WORDS: Readonly<Record<number, string>> = { 0: "right", 1: "findings", 2: "wrong use", 3: "could not look" };

/** How one came out, in the words of its command. */
function word(command: string, { code }: StackResult): string {
  if (command === "up" && code === 1) return "failed";
  return (command === "up" || command === "preview") && code === 0 ? "done" : (WORDS[code] ?? String(code));
}

/** One table, the gravest first, and a last line. */
export function reportText({ command, results, stacks }: FleetReport): string {
  const rows = ordered(results).map((each) => [
    each.stack,
    each.endpoint ?? "-",
    word(command, each),
    `${each.seconds.toFixed(1)} s`,
    each.what,
  ]);
  return `${table([["STACK", "SERVER", "RESULT", "TOOK", "WHAT"], ...rows])}\n\n${lastLine(command, results, stacks)}`;
}

function lastLine(command: string, results: readonly StackResult[], stacks: number): string {
  const counts = new Map<string, number>();
  for (const each of ordered(results)) {
    const name = word(command, each);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
  const left = stacks - results.length;
  return `${command} of ${counted(stacks, "stack")}: ${parts}${left === 0 ? "" : `, ${left} not yet: --resume goes on`}`;
}

/** The same as a page by itself, that asks no network. */
export function reportPage(report: FleetReport): string {
  const { command, began, results, stacks } = report;
  const rows = ordered(results).map((each) => {
    const cells = [each.stack, each.endpoint ?? "-", word(command, each), each.seconds.toFixed(1), each.what, each.log];
    const [name = "", ...rest] = cells.map(htmlText);
    return `<tr class="code-${each.code}"><th scope="row">${name}</th>${rest.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const title = `bucketworks fleet ${htmlText(command)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>Begun ${htmlText(began)}. ${htmlText(lastLine(command, results, stacks))}.</p>
<div class="wide"><table>
<thead><tr><th scope="col">Stack</th><th scope="col">Server</th><th scope="col">Result</th><th scope="col">Seconds</th><th scope="col">What</th><th scope="col">Log</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; } main { max-width: 75rem; margin: auto; padding: 1rem; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
.code-1 td:nth-of-type(2) { color: light-dark(#8a4b00, #ffb454); font-weight: 600; }
.code-2 td:nth-of-type(2), .code-3 td:nth-of-type(2) { color: light-dark(#a4001d, #ff8a94); font-weight: 600; }
`;
