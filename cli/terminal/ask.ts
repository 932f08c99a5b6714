import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** Asks at the terminal. Ctrl-C, Ctrl-D and a terminal that goes away are answers, too: the empty one. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const none = once(terminal, "close").then(() => "");
    const answer = await Promise.race([terminal.question(question).catch(() => ""), none]);
    return answer.trim();
  } finally {
    terminal.close();
  }
}
