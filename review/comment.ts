import type { Markdown } from "./markdown.ts";
import { code } from "./markdown.ts";
import type { Review } from "./review.ts";
import { type Section, sectionsOf, summary } from "./sections.ts";

/** Most characters of a comment: GitHub takes 65,536. */
export const COMMENT_LIMIT = 65_000;

/** The first line of a stage's comment, by which the next run finds it. */
export function markerOf(stage: string): string {
  return `<!-- bucketworks:comment stage=${stage} -->`;
}

export interface CommentOptions {
  /** Name of the stack; a stage's name is all lower-case letters, digits and dashes. */
  readonly stage: string;
  /** File that holds the whole text; undefined where there is none. */
  readonly artifact: string | undefined;
  /** Most characters, at least 2,000. @default COMMENT_LIMIT */
  readonly limit?: number;
}

export interface Comment {
  readonly text: string;
  /** Items that found no room. */
  readonly left: number;
}

/** The comment as it is posted, cut where it would be too long. */
export function commentText(review: Review, { stage, artifact, limit = COMMENT_LIMIT }: CommentOptions): Comment {
  const head = `${markerOf(stage)}\n## Preview of ${code(stage).text}\n\n${summary(review).text.trim()}\n`;
  const sections = sectionsOf(review);
  const items = sections.reduce((sum, section) => sum + section.items.length, 0);
  const whole = layOut(sections, Number.POSITIVE_INFINITY);
  if (head.length + whole.text.length <= limit) return { text: `${head}${whole.text}`, left: 0 };
  const room = limit - head.length - notice(items, artifact).length;
  const { text, taken } = layOut(sections, room);
  const left = items - taken;
  return { text: `${head}${text}${notice(left, artifact)}`, left };
}

/** Everything as text to read at a terminal, nothing of it folded. */
export function reviewText(review: Review): string {
  const sections = sectionsOf(review).map((section) => ({ ...section, folded: false }));
  return `${summary(review).text.trim()}\n${layOut(sections, Number.POSITIVE_INFINITY).text}`;
}

/** Everything, however long. */
export function wholeText(review: Review, stage: string): string {
  return commentText(review, { stage, artifact: undefined, limit: Number.POSITIVE_INFINITY }).text;
}

function notice(left: number, artifact: string | undefined): string {
  const where = artifact === undefined ? "run `bucketworks comment` with `--artifact`" : `see ${code(artifact).text}`;
  return `\n**This comment is cut: ${left} more lines have no room here; for all of it ${where}.**\n`;
}

/** As many items as fit, in order; a section that is begun is ended. */
function layOut(sections: readonly Section[], room: number): { text: string; taken: number } {
  let [text, taken] = ["", 0];
  for (const { title, items, folded } of sections) {
    const [open, close] = folded
      ? [`\n<details><summary>${plain(title)} (${items.length})</summary>\n\n`, "\n</details>\n"]
      : [`\n### ${plain(title)}\n\n`, ""];
    let body = "";
    for (const item of items) {
      const line = `${item.text}\n`;
      if (text.length + open.length + body.length + line.length + close.length > room) {
        return { text: body === "" ? text : `${text}${open}${body}${close}`, taken };
      }
      body += line;
      taken += 1;
    }
    text += `${open}${body}${close}`;
  }
  return { text, taken };
}

function plain(title: Markdown): string {
  return title.text;
}
