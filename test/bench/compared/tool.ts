import type { Command } from "../measured.ts";
import type { Wanted } from "./platform.ts";

/** What is measured, in the order in which each tool does it, from an empty server to an empty one. */
export const STEPS = ["create", "preview", "refresh", "scan", "change", "destroy"] as const;

export type Step = (typeof STEPS)[number];

/** Where the server is for a run: itself, or what counts requests before it. */
export interface Target {
  /** host:port, no scheme. */
  readonly endpoint: string;
  readonly user: string;
  readonly password: string;
}

/** A tool that is ready to make a number of buckets, below names of its own. */
export interface Ready {
  /** Undefined where the tool has no such step. What a step reads is written by this call, outside the time. */
  command(step: Step, target: Target, all: readonly Wanted[]): Command | undefined;
  /** Of what it remembers of the server; undefined is nothing. */
  stateBytes(): number | undefined;
  remove(): Promise<void>;
}

/** A way to make buckets, compared with the others. */
export interface Tool {
  readonly name: string;
  /** With which version, for people. */
  readonly version: string;
  /** The most buckets that it is asked for: beyond, it takes too long to be repeated. */
  readonly most: number;
  /** @param folder an empty one of its own */
  prepare(folder: string, target: Target): Promise<Ready>;
}
