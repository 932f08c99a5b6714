import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pid } from "node:process";
import { readFileText } from "../../config/system-fault.ts";
import type { Entry } from "./deployment.ts";
import { type Asked, addToHistory } from "./history.ts";
import { digestOf, type Header, JournalWriter, readJournal } from "./journal-file.ts";
import { replay } from "./replay.ts";
import { Refusal, type Request } from "./service.ts";
import { type Checkpoint, settle, type UpdateFiles } from "./settle.ts";

/** Whose state a service answers for. */
export interface Stack {
  /** `.pulumi` of the file backend. */
  readonly folder: string;
  readonly project: string;
  readonly stack: string;
  /** The CLI. */
  readonly cli: number;
  readonly token: string;
}

/** The name that the file backend has for everybody's organization. */
const ORGANIZATION = "organization";
/** What the CLI calls the way of a command, and what its history is to say. */
const KINDS: Readonly<Record<string, string>> = {
  preview: "preview",
  update: "update",
  refresh: "refresh",
  destroy: "destroy",
};
/** Longer than any update. */
const LEASE_S = 30 * 24 * 3600;

/** What is going on. */
interface Running {
  readonly kind: string;
  readonly asked: Asked;
  readonly began: number;
  readonly writer: JournalWriter | undefined;
  readonly entries: Entry[];
  changes: Readonly<Record<string, number>> | undefined;
}

/**
 * The part of the API of Pulumi's service by which the CLI keeps the state of one stack while it updates it (routes of
 * pulumi/pkg/v3/backend/httpstate/client). Each step is a line of the journal, on the disk before it is acknowledged; the
 * state is made of it once, at the end.
 */
export class StackUpdates {
  readonly #stack: Stack;
  readonly #files: UpdateFiles;
  readonly #released: () => void;
  /** Version of the CLI, as `v3.258.0`. */
  #engine = "";
  #asked: { readonly kind: string; readonly asked: Asked } = { kind: "preview", asked: {} };
  #running: Running | undefined;

  /** @param released called when an update has ended, before the CLI is told so: the next one may begin at once */
  constructor(stack: Stack, released: () => void) {
    this.#stack = stack;
    this.#released = released;
    this.#files = updateFiles(stack);
  }

  /** Whether a preview or an update has begun and has no end. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** @returns undefined for what isn't known here */
  answer({ method, path, agent, body }: Request): unknown {
    const { project, stack } = this.#stack;
    const [head, ...rest] = path;
    if (head === "capabilities") return { capabilities: [] };
    if (head === "user") return rest.length === 0 ? USER : { GitHubLogin: ORGANIZATION };
    if (head !== "stacks" || rest[0] !== ORGANIZATION || rest[1] !== project) return undefined;
    if (rest.length === 2) return {};
    if (rest[2] !== stack) return undefined;
    const [what = "", id, step = ""] = rest.slice(3);
    if (what === "") return { id: stack, orgName: ORGANIZATION, projectName: project, stackName: stack, version: 0 };
    if (what === "export") return this.#export();
    const kind = KINDS[what];
    if (kind === undefined) return undefined;
    if (id === undefined) return this.#create(kind, body as Asked);
    if (method === "POST" && step === "") return this.#start(agent);
    if (step === "journalentries") return this.#journal(body as { entries?: Entry[] });
    if (step === "events") return this.#events(body as EventBatch);
    if (step === "renew_lease") return { token: this.#stack.token };
    if (step === "complete") return this.#complete(body as { status?: string });
    return undefined;
  }

  /** The CLI is gone. What it had begun and not ended is pending in the state then. */
  end(): void {
    const running = this.#running;
    if (running?.writer === undefined) return;
    this.#close(running);
  }

  #export(): unknown {
    const { version, features, checkpoint } = this.#state();
    const running = this.#running;
    if (running === undefined || running.entries.length === 0) {
      return { version, ...(features && { features }), deployment: checkpoint.latest ?? {} };
    }
    return replay(checkpoint.latest ?? {}, running.entries, this.#engine, new Date());
  }

  #create(kind: string, asked: Asked): unknown {
    this.#asked = { kind, asked };
    return { updateID: kind };
  }

  #start(agent: string): unknown {
    const { kind, asked } = this.#asked;
    // pulumi-cli/1 (v3.258.0; linux)
    this.#engine = /\((v[^;)\s]+)/.exec(agent)?.[1] ?? "";
    const isPreview = kind === "preview";
    const writer = isPreview ? undefined : this.#begin();
    this.#running = { kind, asked, began: seconds(), writer, entries: [], changes: undefined };
    const { token } = this.#stack;
    return { version: 1, token, tokenExpiration: seconds() + LEASE_S, journalVersion: isPreview ? 0 : 1 };
  }

  #begin(): JournalWriter {
    const { journal, state } = this.#files;
    if (existsSync(journal)) throw new Refusal(409, `another update of this stack goes on; its journal is ${journal}`);
    const base = digestOf(readFileText(state));
    const header: Header = { journal: 1, base, pid, cli: this.#stack.cli, engine: this.#engine };
    return JournalWriter.begin(journal, header);
  }

  #journal({ entries = [] }: { entries?: Entry[] }): unknown {
    const running = this.#running;
    if (running?.writer === undefined) throw new Refusal(409, "no update is going on that has a journal");
    running.writer.entries(entries);
    running.entries.push(...entries);
    return {};
  }

  #events({ events = [] }: EventBatch): unknown {
    const summary = events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
    if (summary && this.#running) this.#running.changes = summary.resourceChanges ?? {};
    return {};
  }

  #complete({ status }: { status?: string }): unknown {
    const running = this.#running;
    if (running === undefined) return {};
    if (running.writer !== undefined) {
      this.#close(running);
      const { folder, project, stack } = this.#stack;
      const ended = { ...running, ended: seconds(), succeeded: status === "succeeded" };
      addToHistory(folder, project, stack, ended, new Date());
      this.#released();
    }
    this.#running = undefined;
    return {};
  }

  #close({ writer, entries }: Running): void {
    writer?.close();
    const { journal } = this.#files;
    const read = existsSync(journal) ? readJournal(journal) : undefined;
    if (read === undefined || entries.length === 0) rmSync(journal, { force: true });
    else settle(this.#files, read, new Date());
  }

  #state(): Checkpoint {
    return JSON.parse(readFileText(this.#files.state)) as Checkpoint;
  }
}

interface EventBatch {
  readonly events?: readonly { summaryEvent?: { resourceChanges?: Record<string, number> } }[];
}

const USER = {
  id: ORGANIZATION,
  githubLogin: ORGANIZATION,
  name: ORGANIZATION,
  organizations: [{ githubLogin: ORGANIZATION, name: ORGANIZATION }],
};

/** Where the state of a stack lies, and where its journal does. */
function updateFiles({ folder, project, stack }: Pick<Stack, "folder" | "project" | "stack">): UpdateFiles {
  return {
    state: join(folder, "stacks", project, `${stack}.json`),
    journal: join(folder, "journals", project, `${stack}.jsonl`),
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
