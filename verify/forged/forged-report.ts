import { codeOf } from "../../live/faults.ts";
import type { Answer } from "../../live/request.ts";
import { ADVISORIES, type Hole } from "./requests.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A hole by which requests that prove nothing got in. */
export interface ForgedFinding {
  readonly hole: Hole;
  /** Name under which it is published. */
  readonly advisory: string;
  readonly requests: readonly LetIn[];
  /** What may be stored still and can't be removed, `bucket/key`. */
  readonly left: readonly string[];
}

/** A request that was carried out. */
interface LetIn {
  /** What was sent, for people. */
  readonly request: string;
  readonly bucket: string;
  /** What the server said: a code, or the status. */
  readonly answer: string;
}

export interface Untried {
  readonly hole: Hole | null;
  /** One sentence. */
  readonly reason: string;
}

export interface ForgedReport {
  /** Requests sent. */
  readonly tries: number;
  readonly findings: readonly ForgedFinding[];
  /** What nobody at hand can try: a key that may write is needed, or a bucket without lock. */
  readonly untried: readonly Untried[];
  /** Answers that say neither yes nor no. */
  readonly notTried: readonly Untried[];
  /** What may be stored still of requests that are no finding, `bucket/key`. */
  readonly left: readonly string[];
}

/** An answer to a request, and what the request may have left in the bucket. */
export interface Answered {
  readonly bucket: string;
  readonly answer: Answer;
  /** `bucket/key` */
  readonly left: readonly string[];
}

export type Outcome = Verdict | "name that may";

/** Collects the answers to forged requests, and makes the report of them. */
export class ForgedOutcomes {
  /** By the form of request, in the names it was tried with. */
  readonly #outcomes = new Map<string, { readonly hole: Hole; readonly all: readonly Outcome[] }>();
  readonly #letIn: (LetIn & { readonly hole: Hole; readonly left: readonly string[] })[] = [];
  readonly #untried: Untried[] = [];
  readonly #left: string[] = [];

  leaveOut(reason: string): void {
    this.#untried.push({ hole: null, reason });
  }

  /** Notes what may be stored still. */
  leave(left: readonly string[]): void {
    this.#left.push(...left);
  }

  note(form: string, hole: Hole, outcome: Outcome): void {
    const all = this.#outcomes.get(form)?.all ?? [];
    this.#outcomes.set(form, { hole, all: [...all, outcome] });
  }

  /** Judges an answer; a request that was carried out is a finding. */
  judge(hole: Hole, request: string, { bucket, answer, left }: Answered): Verdict {
    const verdict = verdictOf(hole, answer);
    if (verdict === "open") {
      this.#letIn.push({ hole, request, bucket, answer: codeOf(answer) ?? String(answer.status), left });
    } else this.leave(left);
    return verdict;
  }

  /**
   * @param url of the server
   * @param fault one sentence, where the server stopped answering
   */
  report(tries: number, url: string, fault?: string): ForgedReport {
    const { untried, notTried } = this.#doubts(url);
    return {
      tries,
      findings: this.#findings(),
      untried: fault === undefined ? [...this.#untried, ...untried] : this.#untried,
      left: [...new Set(this.#left)],
      notTried: fault === undefined ? notTried : [...notTried, { hole: null, reason: fault }],
    };
  }

  /** A hole is tried when each form of its requests was, if only in one name. */
  #doubts(url: string): Pick<ForgedReport, "untried" | "notTried"> {
    const forms = [...this.#outcomes.values()];
    const holes = [...new Set(forms.map(({ hole }) => hole))];
    const some = (hole: Hole, is: (all: readonly Outcome[]) => boolean) =>
      forms.some((form) => form.hole === hole && is(form.all));
    const unclear = holes.filter((hole) => some(hole, (all) => all.includes("unclear")));
    const unknown = holes.filter(
      (hole) => !some(hole, (all) => all.includes("open")) && some(hole, (all) => all.every((one) => one === "name")),
    );
    const nobody = "neither the key at hand nor a user of the specs may write where it was tried";
    return {
      untried: unknown.map((hole) => ({ hole, reason: nobody })),
      notTried: unclear.map((hole) => ({ hole, reason: `${url} answers neither yes nor no` })),
    };
  }

  #findings(): ForgedFinding[] {
    const found = Object.entries(ADVISORIES).map(([hole, advisory]) => {
      const mine = this.#letIn.filter((each) => each.hole === hole);
      const requests = mine.map(({ request, bucket, answer }) => ({ request, bucket, answer }));
      return { hole: hole as Hole, advisory, requests, left: [...new Set(mine.flatMap(({ left }) => left))] };
    });
    return found.filter(({ requests }) => requests.length > 0);
  }
}
