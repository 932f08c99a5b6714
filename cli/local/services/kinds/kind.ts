import type { ServerKey } from "../../../../builders/key-variables.ts";
import type { Instance } from "../../../../builders/services/declared.ts";
import type { Peers } from "../../../../builders/services/prometheus.ts";
import type { Platform, SharedServices } from "../../../../config/model.ts";
import type { Alerts } from "../../../../config/stack/alerts.ts";
import type { ServiceProgram } from "../../../../toolchain/pieces/service-programs.ts";
import type { Checkout } from "../../../checkout.ts";
import type { Progress } from "../../../terminal/progress.ts";
import type { Settings } from "../../service/local-service.ts";

/** Environments of Python's packages, by the option of `toolchain/pipelines.sh` that installs one. */
export type PythonEnvironment =
  | "mlflow-server"
  | "jupyter"
  | "mlops"
  | "database-backup"
  | "experiments"
  | "features"
  | "hopsworks";

/** Where a service's program comes from: one that the toolchain has, or an environment of Python's packages, or PATH alone. */
export type Source = { readonly program: ServiceProgram } | { readonly environment: PythonEnvironment } | OnPath;

/**
 * A program that nothing gets: it runs where somebody has installed it. Where it isn't on PATH, the service's documents are
 * written anyway.
 */
export interface OnPath {
  readonly onPath: string;
  /** Folders in which it may have what belongs to it, beside the one above its own. */
  readonly homes: readonly string[];
  /** File by which such a folder is known. */
  readonly homeHas: string;
}

/** What a service's documents are made from. */
export interface Given {
  /** Of the instance: its documents, data and log. */
  readonly folder: string;
  readonly instance: Instance;
  /** Of the whole stack. */
  readonly shared: SharedServices;
  /** Of the stack. */
  readonly platforms: readonly Platform[];
  /** False where the server of the stack isn't the local one: nothing of it is read, and no alert is judged. */
  readonly isJudged: boolean;
  readonly alerts: Alerts | undefined;
  readonly peers: Peers;
  readonly logins: Logins;
  /** What else it is called by who asks for it, host:port; `*` stands for any text. */
  readonly alsoCalled?: readonly string[];
}

/** How services log in to the local servers; secrets. */
export interface Logins {
  /**
   * The key of a service account.
   * @throws CommandError where the stack has none yet
   */
  readonly key: (account: string) => ServerKey;
  /**
   * Variables with which a role logs in to PostgreSQL, as `connectionVariables` makes them.
   * @throws CommandError where there is no such role yet
   */
  readonly role: (role: string) => Readonly<Record<string, string>>;
  /** The password of a login of an MLflow, made where there is none yet. */
  readonly mlflow: (instance: string, login: string) => string;
}

/** Folders that a command is made of. */
export interface Place {
  readonly root: string;
  /** Of the instance: its documents, data and log. */
  readonly folder: string;
  /** Of its program (`bin/<program>` in it) or environment (`bin/python` in it); of one on PATH, what belongs to it. */
  readonly source: string;
}

export interface Command {
  readonly file: string;
  /** What comes before `mark`: a subcommand, or an interpreter's own options and its script. */
  readonly before?: readonly string[];
  /** What follows it. No secret is in them. */
  readonly args: readonly string[];
  /** Where it starts; @default the checkout */
  readonly cwd?: string;
}

/** With what people log in. */
interface Login {
  readonly user?: string;
  readonly secret: "token" | "password";
  /** Holds the secret, in the instance's folder. */
  readonly file: string;
  /** Whether it asks for it; absent is always. */
  readonly isAsked?: (instance: Instance) => boolean;
  /** Names of who else logs in; absent is nobody. */
  readonly others?: (instance: Instance, shared: SharedServices) => readonly string[];
}

/** What differs from one service to the next. */
export interface Kind {
  /** For people: `Prometheus`. */
  readonly title: string;
  readonly source: Source;
  /** Path that answers 200 when it takes requests. */
  readonly ready: string;
  /** How long it may take until it answers, milliseconds; absent is a minute. */
  readonly patience?: number;
  /** The last segment of the file that it runs as, by the system: an interpreter's, where it is a script. */
  readonly executable: string;
  /** The argument by which it is known whose it is, and the path that follows it, from the instance's folder. */
  readonly mark: readonly [string, string];
  /** Folders below the instance's own that have to be there. */
  readonly folders: readonly string[];
  readonly command: (place: Place, address: string, settings: Settings) => Command;
  /** What stands on its command line and can change: another one starts it again. */
  readonly startedWith: (given: Omit<Given, "peers" | "logins">) => Settings;
  /**
   * Files that it reads, text by name, for their owner alone; secrets may be in them. `environment.json` holds variables of
   * its environment.
   * @param address its own host:port
   */
  readonly documents: (given: Given, address: string) => Promise<Readonly<Record<string, string>>>;
  /** How it takes other documents: it reads them again on SIGHUP and tells of it in its metrics, or starts again. */
  readonly takes: "SIGHUP" | "restart";
  /** How people log in, where it asks them to. */
  readonly login?: Login;
  /** Whether other programs alone speak with it: nobody opens it. */
  readonly isForPrograms?: boolean;
  /**
   * Done each time before it is started or brought up to date; may speak with the local servers.
   * @throws CommandError where it can't start now, with what to do
   */
  readonly prepare?: (context: Prepared) => Promise<void>;
  /**
   * Whether one that runs still has what a start gave it beside its documents; false starts it again.
   * @param address its own host:port
   */
  readonly isAsGiven?: (context: Prepared, address: string) => Promise<boolean>;
}

/** What `prepare` works with. */
export interface Prepared {
  readonly checkout: Checkout;
  readonly given: Given;
  readonly folder: string;
  readonly progress: Progress;
}
