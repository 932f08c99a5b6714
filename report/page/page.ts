import { plainText } from "../../config/text/plain.ts";
import type { Report } from "../schema.ts";

/** The report as one HTML text that needs nothing else. */
export function reportPage({ stage, overall_health_score: score }: Report): string {
  const title = `Bucketworks ${plainText(stage)}`.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><p>Score ${score ?? "unknown"}</p></html>\n`;
}
