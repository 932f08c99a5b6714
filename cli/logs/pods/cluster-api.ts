import { readFileText } from "../../../config/system-fault.ts";
import type { StampedLine } from "./stamped-line.ts";
import { stampedLine } from "./stamped-line.ts";

/** Where the API server is, and whose token is shown to it. */
export interface ClusterPlace {
  /** URL; its certificate is verified by NODE_EXTRA_CA_CERTS. */
  readonly server: string;
  readonly namespace: string;
  /** Read anew each time: Kubernetes renews it. */
  readonly tokenFile: string;
}

/** A container of a pod that has been started, or had been. */
export interface PodContainer {
  readonly uid: string;
  readonly pod: string;
  readonly container: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly restarts: number;
  readonly isRunning: boolean;
}

/** Which lines of a container: of the one before it was started again, from a time on, and those to come. */
export interface Wanted {
  readonly previous?: boolean;
  readonly since?: string | undefined;
  readonly follow: boolean;
}

/** The API server doesn't answer, or not as it should. */
export class ClusterFault extends Error {
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = "ClusterFault";
    this.status = status;
  }
}

/** How long the list of pods may take, milliseconds. */
const LIMIT = 20_000;
/** A line that is longer comes in pieces. */
const LONGEST = 1024 * 1024;

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: { readonly running?: object; readonly terminated?: object };
  readonly lastState?: { readonly terminated?: object };
}

interface Pod {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Every container of the namespace that has lines, or had. @throws ClusterFault */
export async function listContainers(place: ClusterPlace, stop: AbortSignal): Promise<PodContainer[]> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(LIMIT)]);
  // What the API server has in its memory will do: it is asked again soon.
  const answer = await ask(place, "pods?resourceVersion=0", signal);
  const { items } = (await answer.json()) as { readonly items: readonly Pod[] };
  return items.flatMap(({ metadata: { uid, name: pod, labels = {} }, status = {} }) =>
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
      .filter(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated)
      .map(({ name: container, restartCount: restarts, state }) => {
        const isRunning = state?.running !== undefined;
        return { uid, pod, container, labels, restarts, isRunning };
      }),
  );
}

/** Lines of a container, until it ends or the signal comes. @throws ClusterFault */
export async function* containerLines(
  place: ClusterPlace,
  { pod, container }: Pick<PodContainer, "pod" | "container">,
  { previous = false, since, follow }: Wanted,
  stop: AbortSignal,
): AsyncGenerator<StampedLine> {
  const query = new URLSearchParams({
    container,
    timestamps: "true",
    ...(follow && { follow: "true" }),
    ...(previous && { previous: "true" }),
    ...(since !== undefined && { sinceTime: since }),
  });
  const { body } = await ask(place, `pods/${pod}/log?${query}`, stop);
  if (body === null) return;
  let rest = "";
  let isFurther = false;
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") yield lineOf(line, isFurther);
      isFurther = false;
    }
    if (rest.length > LONGEST) {
      yield lineOf(rest, isFurther);
      isFurther = true;
      rest = "";
    }
  }
  if (rest !== "") yield lineOf(rest, isFurther);
}

/** What stands where a further piece of a line begins is the program's own word: it may look like a time. */
function lineOf(text: string, isFurther: boolean): StampedLine {
  return isFurther ? { at: "", text } : stampedLine(text);
}

async function ask(
  { server, namespace, tokenFile }: ClusterPlace,
  path: string,
  signal: AbortSignal,
): Promise<Response> {
  const headers = { authorization: `Bearer ${readFileText(tokenFile).trim()}` };
  let answer: Response;
  try {
    answer = await fetch(`${server}/api/v1/namespaces/${namespace}/${path}`, { headers, signal });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    // Of a container that has written nothing yet the answer begins with its first line.
    const isQuiet = cause !== undefined && "code" in cause && cause.code === "UND_ERR_HEADERS_TIMEOUT";
    if (isQuiet || signal.aborted) throw error;
    throw new ClusterFault(`the API server at ${server} doesn't answer (${cause?.message ?? error})`, undefined, {
      cause: error,
    });
  }
  if (answer.ok) return answer;
  const said = (await answer.text()).trim();
  throw new ClusterFault(messageIn(said) ?? `the API server at ${server} answers ${answer.status}`, answer.status);
}

/** Of a Status of Kubernetes. */
function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message;
  } catch {
    return undefined;
  }
}
