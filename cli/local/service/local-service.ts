import type { ChildProcess } from "node:child_process";
import type { Running } from "./running.ts";

/** Loopback only: a local server is never offered to the network. */
export const HOST = "127.0.0.1";

/** Port numbers on loopback, by their use. */
export type Ports<Use extends string = string> = Readonly<Record<Use, number>>;

/** What a server is started with besides its ports. It stands on a command line: no secret is in it. */
export type Settings = Readonly<Record<string, string>>;

export interface StartedWith<Use extends string = string> {
  readonly ports: Ports<Use>;
  readonly settings: Settings;
}

/** One port of a service. */
export interface PortUse {
  /** For people: `the S3 API`. */
  readonly purpose: string;
  /** The variable that sets it, from the environment or as `make up NAME=value`. */
  readonly setting: string;
  /** The file that remembers it, as host:port; scripts read it, too. */
  readonly file: string;
  /** What a checkout takes that remembers none. */
  readonly first: number;
  /** How far from one that is taken the next is looked for. */
  readonly step: number;
}

/**
 * A server of one checkout, which a supervisor keeps running. All that differs from one to the next is here, as plain data
 * and three functions; start, stop, record, ports, log and supervision are written once, in this folder.
 */
export interface LocalService<Use extends string = string> {
  /** By which `services.ts` finds it, and its name on its supervisor's command line. */
  readonly name: string;
  /** For people: `the local server`. */
  readonly title: string;
  /** Root of the checkout. */
  readonly root: string;
  readonly ports: Readonly<Record<Use, PortUse>>;
  /** The command that starts it, for people. */
  readonly startedBy: string;
  /** Paths of its log and of the record of its processes. */
  readonly log: string;
  readonly run: string;
  /** How long it may take until it answers, milliseconds; absent is a minute. */
  readonly patience?: number | undefined;
  /** What asks it to end in good order, without waiting for its clients. */
  readonly endSignal: NodeJS.Signals;
  /** The program that supervised it before `supervise.ts` did so for all, and what followed the root in its arguments. */
  readonly formerSupervisor?: { readonly program: string; readonly rest: RegExp };
  /** Those of the processes that serve this checkout, found by what they are: a record may be lost. Children come last. */
  processes(running: readonly Running[]): readonly Running[];
  /**
   * Starts the program; the supervisor calls it, each time again.
   * @param output descriptor of the log
   * @returns a text where it must not be started, to follow "not starting"
   */
  spawn(how: StartedWith<Use>, output: number): ChildProcess | string;
  /**
   * Whether it takes requests with our credentials.
   * @throws CommandError where it answers, and refuses them
   */
  answers(ports: Ports<Use>): Promise<boolean>;
}
