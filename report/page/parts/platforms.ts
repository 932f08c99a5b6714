import type { Report } from "../../schema.ts";
import { html, name } from "../markup.ts";
import type { Section } from "../section.ts";
import { bar, table } from "../table.ts";
import { toneOfScore } from "../tone.ts";
import { amountWords, bytesWords, countWords, scoreWords } from "../words.ts";

/** A line a platform, the worst first. */
export function platforms(report: Report): Section {
  const { price_per_gib_month: price } = report;
  const rows = report.platforms
    .toSorted((a, b) => (a.health_score ?? -1) - (b.health_score ?? -1) || (b.bytes ?? 0) - (a.bytes ?? 0))
    .map(({ name: platform, health_score, total_buckets, unhealthy_buckets, bytes, objects, cost_per_month }) => [
      name(platform),
      html`${bar(health_score ?? 0, toneOfScore(health_score))}${scoreWords(health_score)}`,
      countWords(total_buckets),
      unhealthy_buckets === 0 ? "0" : html`<strong class="bad-text">${countWords(unhealthy_buckets)}</strong>`,
      bytes === null ? "–" : bytesWords(bytes),
      objects === null ? "–" : countWords(objects),
      ...(price === undefined ? [] : [cost_per_month === undefined ? "–" : amountWords(cost_per_month)]),
    ]);
  const columns = [
    { title: "Platform" },
    { title: "Score", bars: true },
    { title: "Buckets", figures: true },
    { title: "Not healthy", figures: true },
    { title: "Stored", figures: true },
    { title: "Objects", figures: true },
    ...(price === undefined ? [] : [{ title: "Cost a month", figures: true }]),
  ];
  return {
    id: "platforms",
    title: "Platforms",
    count: countWords(report.platforms.length),
    tone: "plain",
    body:
      rows.length === 0
        ? html`<p class="note">No platform is in this report.</p>`
        : [
            table("Health and size of each platform", columns, rows),
            price !== undefined && html`<p class="note">Cost of what is stored, at ${price} for a GiB and month.</p>`,
          ],
  };
}
