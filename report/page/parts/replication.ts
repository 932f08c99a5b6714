import { readableBytes } from "../../../config/values/readable-bytes.ts";
import type { ReplicationEntry, Report } from "../../schema.ts";
import { type Content, html, name } from "../markup.ts";
import { notLooked, type Section } from "../section.ts";
import { longTable } from "../table.ts";
import { counted, countWords } from "../words.ts";

const ROWS = 20;

/** How far copies on other servers are behind. */
export function replication({ replication: found }: Report): Section {
  const entries = "entries" in found ? found.entries : [];
  const wrong = entries.filter((entry) => !isGood(entry)).length;
  const columns = ["Bucket", "Other server", "Waiting", "Failed in the last hour"].map((title) => ({ title }));
  const all = countWords(entries.length);
  return {
    id: "replication",
    title: "Replication",
    count: "reason" in found ? "–" : wrong > 0 ? `${countWords(wrong)} of ${all}` : all,
    tone: wrong > 0 ? "warning" : "plain",
    body:
      "reason" in found
        ? notLooked(found.reason)
        : html`<p>What waits or failed is on this side alone until it is sent again, which the server does by itself.</p>
          ${longTable("How far the copies of each bucket are behind", columns, entries.map(rowOf), ROWS)}`,
  };
}

function rowOf(entry: ReplicationEntry): Content[] {
  const { name: bucket, answers, queued_objects, queued_bytes, failed_objects, failed_bytes } = entry;
  const mark = (good: boolean, words: string): Content =>
    html`<span class="mark ${good ? "good" : "critical"}" aria-hidden="true">${good ? "✓" : "✗"}</span> ${words}`;
  const amount = (objects: number, bytes: number): string => `${counted(objects, "object")} (${readableBytes(bytes)})`;
  return [
    name(bucket),
    mark(answers, answers ? "answers" : "doesn't answer"),
    queued_objects === 0 ? "none" : amount(queued_objects, queued_bytes),
    failed_objects === 0 ? "none" : mark(false, amount(failed_objects, failed_bytes)),
  ];
}

function isGood({ answers, failed_objects: failed }: ReplicationEntry): boolean {
  return answers && failed === 0;
}
