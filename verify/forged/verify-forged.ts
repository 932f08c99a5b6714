import { randomBytes } from "node:crypto";
import type { ResolvedModel } from "../../config/model.ts";
import { LiveClient } from "../../live/client.ts";
import { answerFault, codeOf } from "../../live/faults.ts";
import { ReadError } from "../../live/read-error.ts";
import { type Answer, asText, type RawRequest } from "../../live/request.ts";
import { Sender } from "../../live/sender.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { urlOf } from "../../live/server-address.ts";
import {
  ADVISORIES,
  anybodysPut,
  copySource,
  type ForgedRequest,
  forgedRequests,
  type Hole,
  type Place,
} from "./requests.ts";
import { Ground } from "./test-objects.ts";
import { asksBeforeTheName, isUnknown, letsAnybodyPut, type Verdict, verdictOf } from "./verdict.ts";
import { writersOf } from "./writers.ts";

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
  /** What may be stored still of requests that are no finding, `bucket/key`. */
  readonly left: readonly string[];
}

type Owner = Omit<Place, "key" | "region" | "now">;
type Where = Pick<Place, "bucket" | "prefix">;
type Outcome = Verdict | "name that may";

/** Of one form of request, in the names it was tried with. */
interface Outcomes {
  readonly hole: Hole;
  readonly all: readonly Outcome[];
}

/**
 * Sends forged requests in the names of who may write: somebody who knows a name must not get in by it. Nothing is stored
 * by a server that we know, open or not (`requests.ts`), and what another may have stored is removed; buckets with object lock
 * are left out, there nothing could be. Names of users stand in the specs; that of the key at hand goes to its own server, in
 * queries too. Where the server stops answering the rest counts as not tried.
 */
export async function verifyForged(model: ResolvedModel, server: ServerAddress): Promise<ForgedReport> {
  const client = new LiveClient(server);
  // A socket each: a server that refuses a request before it has read it closes the connection.
  const sender = new Sender(server, { keepAlive: false });
  try {
    return await new Trial(client, sender).run(model);
  } finally {
    client.close();
    sender.close();
  }
}

class Trial {
  readonly #client: LiveClient;
  readonly #ground: Ground;
  readonly #sender: Sender;
  readonly #key = `bucketworks-verify-${randomBytes(6).toString("hex")}`;
  readonly #outcomes = new Map<string, Outcomes>();
  readonly #untried: Untried[] = [];
  readonly #left: string[] = [];
  #tries = 0;
  readonly #letIn: (LetIn & { readonly hole: Hole; readonly left: readonly string[] })[] = [];

  constructor(client: LiveClient, sender: Sender) {
    this.#client = client;
    this.#ground = new Ground(client);
    this.#sender = sender;
  }

  async run(model: ResolvedModel): Promise<ForgedReport> {
    const fault = await this.#tryAll(model).catch((error) => {
      if (error instanceof ReadError) return error;
      throw error;
    });
    const { untried, notTried } = this.#doubts();
    return {
      tries: this.#tries,
      findings: this.#findings(),
      untried: fault === undefined ? [...this.#untried, ...untried] : this.#untried,
      left: [...new Set(this.#left)],
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
    const own = { accessKey: this.#client.server.accessKey, label: "of the key at hand", bucket, prefix: "" };
    const mayPut = await this.#ground.mayPut(bucket, this.#key);
    for (const writer of [own, ...writersOf(platforms, found)]) {
      for (const request of forgedRequests(this.#place(writer))) {
        const verdict = await this.#tryOut(request, writer);
        this.#note(request, verdict === "name" && writer === own && mayPut ? "name that may" : verdict);
      }
    }
    for (const request of forgedRequests(this.#place({ ...own, accessKey: this.#key }))) {
      const { answer, left } = await this.#sent(request, own);
      this.#left.push(...left);
      if (asksBeforeTheName(answer)) this.#note(request, "closed");
    }
    await this.#tryNobody(found, own);
    const copied = await this.#copy(own);
    const mayCopy = mayPut && copied === "name" && (await this.#ground.mayGet(bucket, `${this.#key}-source`));
    this.#note({ hole: "unsigned copy source", form: "copy" }, mayCopy ? "name that may" : copied);
  }

  /** Where anybody may put, a request by nobody is what the bucket's policy permits, and no hole. */
  async #tryNobody(buckets: readonly string[], own: Owner): Promise<void> {
    for (const bucket of buckets) {
      const place = this.#place({ ...own, bucket, accessKey: undefined });
      const { answer, left } = await this.#sent(anybodysPut(place), place);
      this.#left.push(...left);
      if (letsAnybodyPut(answer)) continue;
      for (const request of forgedRequests(place)) await this.#tryOut(request, place);
      return;
    }
    const reason = `nobody's are left out: anybody may put objects into ${buckets.join(", ")}, so they prove nothing there`;
    this.#untried.push({ hole: null, reason });
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
    const neither = `${urlOf(this.#client.server)} answers neither yes nor no`;
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
      return { hole: hole as Hole, advisory, requests, left: [...new Set(mine.flatMap(({ left }) => left))] };
    });
    return found.filter(({ requests }) => requests.length > 0);
  }

  #place(writer: Owner): Place {
    return { ...writer, key: this.#key, region: this.#client.server.region, now: new Date() };
  }

  async #tryOut(request: ForgedRequest, where: Where): Promise<Verdict> {
    return this.#judge(request.hole, request.what, { ...where, ...(await this.#sent(request, where)) });
  }

  async #copy(own: Owner): Promise<Verdict> {
    const url = new URL(await this.#client.presignedPut(own.bucket, this.#key));
    const request: RawRequest = { method: "PUT", path: url.pathname + url.search, ...copySource(this.#place(own)) };
    const what = "by a presigned URL for one object, with another object to copy from that its signer never named";
    return this.#judge("unsigned copy source", what, { ...own, ...(await this.#sent(request, own)) });
  }

  /**
   * Whatever was done is undone at once, as it was meant or not.
   * @throws ReadError where the server says that it can't now: that is no answer
   */
  async #sent(request: RawRequest, { bucket, prefix }: Where): Promise<{ answer: Answer; left: string[] }> {
    this.#tries++;
    const answer = asText(await this.#sender.send(request));
    if (answer.status >= 500 && !isUnknown(answer)) {
      throw answerFault(answer, this.#client.server, "its refusal of forged requests");
    }
    const objectName = prefix + this.#key;
    const isStored = answer.status < 300 && !(await this.#ground.remove(bucket, objectName, answer));
    return { answer, left: isStored ? [`${bucket}/${objectName}`] : [] };
  }

  #judge(
    hole: Hole,
    request: string,
    { bucket, answer, left }: { bucket: string; answer: Answer; left: string[] },
  ): Verdict {
    const verdict = verdictOf(hole, answer);
    if (verdict === "open") {
      this.#letIn.push({ hole, request, bucket, answer: codeOf(answer) ?? String(answer.status), left });
    } else this.#left.push(...left);
    return verdict;
  }
}
