import { randomBytes } from "node:crypto";
import type { ResolvedModel } from "../../config/model.ts";
import { LiveClient } from "../../live/client.ts";
import { answerFault } from "../../live/faults.ts";
import { ReadError } from "../../live/read-error.ts";
import { asText, type RawRequest } from "../../live/request.ts";
import { Sender } from "../../live/sender.ts";
import { type ServerAddress, urlOf } from "../../live/server-address.ts";
import { type Answered, ForgedOutcomes, type ForgedReport } from "./forged-report.ts";
import { anybodysPut, copySource, type ForgedRequest, forgedRequests, type Place } from "./requests.ts";
import { TestClient } from "./test-client.ts";
import { asksBeforeTheName, isUnknown, letsAnybodyPut, type Verdict } from "./verdict.ts";
import { writersOf } from "./writers.ts";

type Owner = Omit<Place, "key" | "region" | "now">;
type Where = Pick<Place, "bucket" | "prefix">;

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
  readonly #testClient: TestClient;
  readonly #sender: Sender;
  readonly #key = `bucketworks-verify-${randomBytes(6).toString("hex")}`;
  readonly #outcomes = new ForgedOutcomes();
  #tries = 0;

  constructor(client: LiveClient, sender: Sender) {
    this.#client = client;
    this.#testClient = new TestClient(client);
    this.#sender = sender;
  }

  async run(model: ResolvedModel): Promise<ForgedReport> {
    let fault: string | undefined;
    try {
      await this.#tryAll(model);
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      fault = error.message;
    }
    return this.#outcomes.report(this.#tries, urlOf(this.#client.server), fault);
  }

  async #tryAll({ platforms }: ResolvedModel): Promise<void> {
    const names = platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name));
    const found = await this.#testClient.openBuckets(names);
    const [bucket] = found;
    if (bucket === undefined) {
      this.#outcomes.leaveOut(
        "no bucket of the specs, as far as this key sees them, is there without object lock; with it no try could be cleaned up",
      );
      return;
    }
    const own = { accessKey: this.#client.server.accessKey, label: "of the key at hand", bucket, prefix: "" };
    const mayPut = await this.#testClient.mayPut(bucket, this.#key);
    for (const writer of [own, ...writersOf(platforms, found)]) {
      for (const request of forgedRequests(this.#place(writer))) {
        const verdict = await this.#tryOut(request, writer);
        const mayWrite = verdict === "name" && writer === own && mayPut;
        this.#outcomes.note(request.form, request.hole, mayWrite ? "name that may" : verdict);
      }
    }
    for (const request of forgedRequests(this.#place({ ...own, accessKey: this.#key }))) {
      const { answer, left } = await this.#sent(request, own);
      this.#outcomes.leave(left);
      if (asksBeforeTheName(answer)) this.#outcomes.note(request.form, request.hole, "closed");
    }
    await this.#tryNobody(found, own);
    const copied = await this.#copy(own);
    const mayCopy = mayPut && copied === "name" && (await this.#testClient.mayGet(bucket, `${this.#key}-source`));
    this.#outcomes.note("copy", "unsigned copy source", mayCopy ? "name that may" : copied);
  }

  /** Where anybody may put, a request by nobody is what the bucket's policy permits, and no hole. */
  async #tryNobody(buckets: readonly string[], own: Owner): Promise<void> {
    for (const bucket of buckets) {
      const place = this.#place({ ...own, bucket, accessKey: undefined });
      const { answer, left } = await this.#sent(anybodysPut(place), place);
      this.#outcomes.leave(left);
      if (letsAnybodyPut(answer)) continue;
      for (const request of forgedRequests(place)) await this.#tryOut(request, place);
      return;
    }
    this.#outcomes.leaveOut(
      `nobody's are left out: anybody may put objects into ${buckets.join(", ")}, so they prove nothing there`,
    );
  }

  #place(writer: Owner): Place {
    return { ...writer, key: this.#key, region: this.#client.server.region, now: new Date() };
  }

  async #tryOut(request: ForgedRequest, where: Where): Promise<Verdict> {
    return this.#outcomes.judge(request.hole, request.what, await this.#sent(request, where));
  }

  async #copy(own: Owner): Promise<Verdict> {
    const url = new URL(await this.#client.presignedPut(own.bucket, this.#key));
    const request: RawRequest = { method: "PUT", path: url.pathname + url.search, ...copySource(this.#place(own)) };
    const what = "by a presigned URL for one object, with another object to copy from that its signer never named";
    return this.#outcomes.judge("unsigned copy source", what, await this.#sent(request, own));
  }

  /**
   * Whatever was done is undone at once, as it was meant or not.
   * @throws ReadError where the server says that it can't now: that is no answer
   */
  async #sent(request: RawRequest, { bucket, prefix }: Where): Promise<Answered> {
    this.#tries++;
    const answer = asText(await this.#sender.send(request));
    if (answer.status >= 500 && !isUnknown(answer)) {
      throw answerFault(answer, this.#client.server, { what: "its refusal of forged requests" });
    }
    const objectName = prefix + this.#key;
    const isStored = answer.status < 300 && !(await this.#testClient.remove(bucket, objectName, answer));
    return { bucket, answer, left: isStored ? [`${bucket}/${objectName}`] : [] };
  }
}
