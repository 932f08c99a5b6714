import { type Content, html, type Markup } from "./markup.ts";
import type { Tone } from "./tone.ts";

/** A part of the page, with its line in the table of contents. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** Beside its title in the table of contents: how much there is of it. */
  readonly count: string | null;
  readonly tone: Tone;
  readonly body: Content;
}

/** What stands where nobody looked. */
export function notLooked(reason: string): Markup {
  return html`<p class="note"><strong>Not looked at.</strong> ${reason}</p>`;
}

export function calm(words: string): Markup {
  return html`<p class="calm"><span class="mark good" aria-hidden="true">✓</span> ${words}</p>`;
}
