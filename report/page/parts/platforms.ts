import type { Report } from "../../schema.ts";
import { html, name } from "../markup.ts";
import type { Section } from "../section.ts";
import { bar, table } from "../table.ts";
import { toneOfScore } from "../tone.ts";
import { bytesWords, countWords, scoreWords } from "../words.ts";

/** A line a platform, the worst first. */
export function platforms(report: Report): Section {
  const rows = report.platforms
    .toSorted((a, b) => (a.health_score ?? -1) - (b.health_score ?? -1) || (b.bytes ?? 0) - (a.bytes ?? 0))
    .map(({ name: platform, health_score, total_buckets, unhealthy_buckets, bytes, objects }) => [
      name(platform),
      html`${bar(health_score ?? 0, toneOfScore(health_score))}${scoreWords(health_score)}`,
      countWords(total_buckets),
      unhealthy_buckets === 0 ? "0" : html`<strong class="bad-text">${countWords(unhealthy_buckets)}</strong>`,
      bytes === null ? "–" : bytesWords(bytes),
      objects === null ? "–" : countWords(objects),
    ]);
  const columns = [
    { title: "Platform" },
    { title: "Score", bars: true },
    { title: "Buckets", figures: true },
    { title: "Not healthy", figures: true },
    { title: "Stored", figures: true },
    { title: "Objects", figures: true },
  ];
  return {
    id: "platforms",
    title: "Platforms",
    count: countWords(report.platforms.length),
    tone: "plain",
    body:
      rows.length === 0
        ? html`<p class="note">No platform is in this report.</p>`
        : table("Health and size of each platform", columns, rows),
  };
}
