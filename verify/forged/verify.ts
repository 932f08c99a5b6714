import { randomBytes } from "node:crypto";
import type { ResolvedModel } from "../../config/model.ts";
import { CouldNotLook } from "../could-not-look.ts";
import { answerFault, codeOf, urlOf } from "../faults.ts";
import { type Answer, type ServerAddress, Wire } from "../wire.ts";
import { Ground } from "./ground.ts";
import { asksBeforeTheName, isUnknown, type Verdict, verdictOf } from "./judge.ts";
import { ADVISORIES, copySource, type ForgedRequest, forgedRequests, type Hole, type Place } from "./requests.ts";
import { Sender } from "./send.ts";
import { writersOf } from "./writers.ts";

/** A hole by which requests that prove nothing got in. */
export interface ForgedFinding {
  readonly hole: Hole;
  /** Name under which it is published. */
  readonly advisory: string;
  readonly requests: readonly LetIn[];
  /** What is stored and can't be removed, `bucket/key`. */
  readonly left: readonly string[];
}

/** A request that was carried out. */
export interface LetIn {
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
}

type Outcome = Verdict | "name that may";

/** Of one form of request, in the names it was tried with. */
interface Outcomes {
  readonly hole: Hole;
  readonly all: readonly Outcome[];
}

/**
 * Sends forged requests in the names of who may write: whoever knows a name must not get in by it. Nothing is stored
 * by a server that we know, open or not (`requests.ts`), and what another stores is removed; buckets with object lock
 * are left out, there nothing could be. Names are no secrets: those of users stand in the specs. Where the server stops
 * answering the rest counts as not tried.
 */
export async function verifyForged(model: ResolvedModel, server: ServerAddress): Promise<ForgedReport> {
  const wire = new Wire(server);
  const sender = new Sender(server);
  try {
    return await new Trial(wire, sender, server).run(model);
  } finally {
    wire.close();
    sender.close();
  }
}

class Trial {
  readonly #wire: Wire;
  readonly #ground: Ground;
  readonly #sender: Sender;
  readonly #server: ServerAddress;
  readonly #key = `bucketworks-verify-${randomBytes(6).toString("hex")}`;
  readonly #outcomes = new Map<string, Outcomes>();
  readonly #untried: Untried[] = [];
  #tries = 0;
  readonly #letIn: (LetIn & { readonly hole: Hole; readonly left: readonly string[] })[] = [];

  constructor(wire: Wire, sender: Sender, server: ServerAddress) {
    this.#wire = wire;
    this.#ground = new Ground(wire, server);
    this.#sender = sender;
    this.#server = server;
  }

  async run(model: ResolvedModel): Promise<ForgedReport> {
    const fault = await this.#tryAll(model).catch((error) => {
      if (error instanceof CouldNotLook) return error;
      throw error;
    });
    const { untried, notTried } = this.#doubts();
    return {
      tries: this.#tries,
      findings: this.#findings(),
      untried: fault === undefined ? [...this.#untried, ...untried] : this.#untried,
      notTried: fault === undefined ? notTried : [...notTried, { hole: null, reason: fault.message }],
    };
  }

  async #tryAll({ platforms }: ResolvedModel): Promise<undefined> {
    const found = await this.#ground.openBuckets(platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name)));
    const [bucket] = found;
    if (bucket === undefined) {
      const reason =
        "no bucket of the specs, as far as this key sees them, is there without object lock; with it no try could be cleaned up";
      this.#untried.push({ hole: null, reason });
      return;
    }
    const own = { accessKey: this.#server.accessKey, label: "of the key at hand", bucket, prefix: "" };
    const mayPut = await this.#ground.mayPut(bucket, this.#key);
    for (const writer of [own, ...writersOf(platforms, found)]) {
      for (const request of forgedRequests(this.#place(writer))) {
        const verdict = await this.#tryOut(request, writer);
        this.#note(request, verdict === "name" && writer === own && mayPut ? "name that may" : verdict);
      }
    }
    for (const request of forgedRequests(this.#place({ ...own, accessKey: this.#key }))) {
      if (asksBeforeTheName(await this.#sent(request))) this.#note(request, "closed");
    }
    for (const request of forgedRequests(this.#place({ ...own, accessKey: undefined }))) {
      await this.#tryOut(request, own);
    }
    const copied = await this.#copy(own);
    const mayCopy = mayPut && copied === "name" && (await this.#ground.mayGet(bucket, `${this.#key}-source`));
    this.#note({ hole: "unsigned copy source", form: "copy" }, mayCopy ? "name that may" : copied);
  }

  #note({ hole, form }: Pick<ForgedRequest, "hole" | "form">, outcome: Outcome): void {
    const all = this.#outcomes.get(form)?.all ?? [];
    this.#outcomes.set(form, { hole, all: [...all, outcome] });
  }

  /** A hole is tried when each form of its requests was, be it by one name. */
  #doubts(): Pick<ForgedReport, "untried" | "notTried"> {
    const forms = [...this.#outcomes.values()];
    const holes = [...new Set(forms.map(({ hole }) => hole))];
    const some = (hole: Hole, is: (all: readonly Outcome[]) => boolean) =>
      forms.some((form) => form.hole === hole && is(form.all));
    const unclear = holes.filter((hole) => some(hole, (all) => all.includes("unclear")));
    const unknown = holes.filter(
      (hole) => !some(hole, (all) => all.includes("open")) && some(hole, (all) => all.every((one) => one === "name")),
    );
    const neither = `${urlOf(this.#server)} answers neither yes nor no`;
    const nobody = "neither the key at hand nor a user of the specs may write where it was tried";
    return {
      untried: unknown.map((hole) => ({ hole, reason: nobody })),
      notTried: unclear.map((hole) => ({ hole, reason: neither })),
    };
  }

  #findings(): ForgedFinding[] {
    const found = Object.entries(ADVISORIES).map(([hole, advisory]) => {
      const mine = this.#letIn.filter((each) => each.hole === hole);
      const requests = mine.map(({ request, bucket, answer }) => ({ request, bucket, answer }));
      return { hole: hole as Hole, advisory, requests, left: mine.flatMap(({ left }) => left) };
    });
    return found.filter(({ requests }) => requests.length > 0);
  }

  #place(writer: Omit<Place, "key" | "region" | "now">): Place {
    return { ...writer, key: this.#key, region: this.#server.region, now: new Date() };
  }

  async #tryOut(request: ForgedRequest, { bucket, prefix }: { bucket: string; prefix: string }): Promise<Verdict> {
    const answer = await this.#sent(request);
    const verdict = verdictOf(request.hole, answer);
    if (verdict === "open") await this.#found(request.hole, request.what, { bucket, prefix, answer });
    return verdict;
  }

  /** An answer that the server is busy is none. */
  async #sent(request: Parameters<Sender["send"]>[0]): Promise<Answer> {
    this.#tries++;
    const answer = await this.#sender.send(request);
    if (answer.status >= 500 && !isUnknown(answer))
      throw answerFault(answer, this.#server, "its refusal of forged requests");
    return answer;
  }

  async #copy(own: Omit<Place, "key" | "region" | "now">): Promise<Verdict> {
    const { bucket } = own;
    const url = new URL(await this.#wire.presignedPut(bucket, this.#key));
    const place = this.#place(own);
    const answer = await this.#sent({ method: "PUT", path: url.pathname + url.search, ...copySource(place) });
    const hole = "unsigned copy source";
    const verdict = verdictOf(hole, answer);
    const what = "by a presigned URL for one object, with another object to copy from that its signer never named";
    if (verdict === "open") await this.#found(hole, what, { bucket, prefix: "", answer });
    return verdict;
  }

  async #found(
    hole: Hole,
    request: string,
    { bucket, prefix, answer }: { bucket: string; prefix: string; answer: Answer },
  ): Promise<void> {
    const objectName = prefix + this.#key;
    const isStored =
      answer.status < 300 && hole !== "snowball" && !(await this.#ground.remove(bucket, objectName, answer));
    this.#letIn.push({
      hole,
      request,
      bucket,
      answer: codeOf(answer) ?? String(answer.status),
      left: isStored ? [`${bucket}/${objectName}`] : [],
    });
  }
}
