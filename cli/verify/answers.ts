import type { BucketAnswer } from "../../live/read-buckets.ts";
import type { Verified } from "../../report/parts.ts";

/** What the server's answers were like, beside what they said. */
export class Answers {
  readonly #answers = new Map<string, BucketAnswer[]>();
  readonly #parts: { readonly what: string; readonly milliseconds: number }[] = [];

  readonly onAnswer = (bucket: string, answer: BucketAnswer): void => {
    const known = this.#answers.get(bucket);
    if (known === undefined) this.#answers.set(bucket, [answer]);
    else known.push(answer);
  };

  readonly onPart = (what: string, milliseconds: number): void => {
    this.#parts.push({ what, milliseconds });
  };

  /** How long each took, by bucket. */
  milliseconds(): Map<string, number[]> {
    return new Map([...this.#answers].map(([bucket, all]) => [bucket, all.map(({ milliseconds }) => milliseconds)]));
  }

  /** One line a check, with its duration and the name that the server's own log gives the request. */
  lines({ findings, identities, forged }: Verified): string[] {
    const wrong = new Set(findings.map(({ bucket, setting }) => `${bucket} ${setting}`));
    const settings = [...this.#answers].flatMap(([bucket, all]) =>
      all.map(({ what, milliseconds, requestId }) => {
        const isWrong = wrong.has(`${bucket} ${what}`) || wrong.has(`${bucket} bucket`);
        const request = requestId === undefined ? "" : `, request ${requestId}`;
        return `${bucket} ${what}: ${isWrong ? "wrong" : "looked at"} (${milliseconds.toFixed(1)} ms${request})`;
      }),
    );
    const counts: Readonly<Record<string, string>> = {
      identities: ` (${identities?.identities ?? 0} with ${identities?.tries ?? 0} tries)`,
      "forged requests": ` (${forged.tries})`,
    };
    const parts = this.#parts.map(
      ({ what, milliseconds }) => `${what}${counts[what] ?? ""}: ${(milliseconds / 1000).toFixed(2)} s`,
    );
    return [...settings, ...parts];
  }
}
