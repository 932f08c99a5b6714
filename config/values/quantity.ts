const CPU = /^(\d+(?:\.\d+)?)(m?)$/;
const MEMORY = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const BYTES: Readonly<Record<string, number>> = {
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};
const MOST_PROCESSORS = 64;
const LEAST_MEMORY = 2 ** 20;

/** What a program asks for. */
export type Quantity = "cpu" | "memory";

/** What is wrong with a quantity of Kubernetes, to follow it; null for a good one. */
export function quantityFault(kind: Quantity, text: string): string | null {
  if (kind === "cpu") {
    const [, number, milli] = CPU.exec(text) ?? [];
    if (number === undefined) return "must be processors, like 2 or 250m (thousandths)";
    const processors = Number(number) / (milli === "" ? 1 : 1000);
    if (processors === 0) return "must be more than 0";
    return processors > MOST_PROCESSORS ? `must be at most ${MOST_PROCESSORS} processors` : null;
  }
  const [, number, unit] = MEMORY.exec(text) ?? [];
  if (number === undefined) return "must be a number with one of Ki, Mi, Gi, Ti, k, M, G, T";
  return Number(number) * (BYTES[unit ?? ""] ?? 1) < LEAST_MEMORY ? "must be at least 1Mi" : null;
}

/** What to write instead: what was most likely meant, else an example. */
export function quantityFix(kind: Quantity, given: string | number): string {
  const [, number = "", letters = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(given).trim()) ?? [];
  const likely = kind === "cpu" ? likelyCpu(number, letters) : likelyMemory(number, letters);
  const isRight = number !== "" && quantityFault(kind, likely) === null;
  // without quotes YAML takes it for a number
  const shown = /^[\d.]+$/.test(likely) ? `"${likely}" in quotes` : likely;
  return isRight
    ? `write ${shown}`
    : kind === "cpu"
      ? "write 250m, or as much as it needs"
      : "write 512Mi, or as much as it needs";
}

function likelyCpu(number: string, letters: string): string {
  const isMilli = /^m/i.test(letters) || Number(number) > MOST_PROCESSORS;
  return isMilli ? `${number}m` : number;
}

/** Megabytes where nothing else is said; `512MB` is 512M, `1gib` is 1Gi. */
function likelyMemory(number: string, letters: string): string {
  const [, letter = "m", binary] = /^([kmgt])(i?)b?$/i.exec(letters) ?? [];
  const isBytes = letters === "" && Number(number) >= LEAST_MEMORY;
  if (isBytes) return number;
  const isUnsaid = letters === "" || letters === "m";
  if (isUnsaid || binary) return `${number}${letter.toUpperCase()}i`;
  return `${number}${letter.toLowerCase() === "k" ? "k" : letter.toUpperCase()}`;
}
