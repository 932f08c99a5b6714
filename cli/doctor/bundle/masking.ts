import { masks } from "../../logs/mask.ts";
import { masked } from "../../terminal/mask.ts";

const PRIVATE_KEY = /-----BEGIN [^-\n]*PRIVATE KEY-----[\s\S]*?(?:-----END [^-\n]*-----|$)/g;

/**
 * Makes a text such that it can be handed on: without the secrets that are known, and without what has the form of one.
 * @param secrets the longest first
 */
export function maskerOf(root: string, secrets: readonly string[]): (text: string) => string {
  const mask = masks(root);
  return (text) => {
    const known = masked(text, secrets).replaceAll(PRIVATE_KEY, "***");
    // Line by line: a form of one line says nothing of the next, and a long text would be cut.
    return known
      .split("\n")
      .map((line) => String(mask(line)))
      .join("\n");
  };
}
