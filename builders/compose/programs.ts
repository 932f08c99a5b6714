import type { Instance, ServiceKind } from "../services/declared.ts";
import { INIT, MINIO, OWNER } from "./names.ts";
import { type Network, outsideOf } from "./networks.ts";
import {
  type Build,
  COMPLETED,
  type ComposeService,
  HEALTHY,
  healthcheck,
  literal,
  PREPARED,
  published,
  service,
} from "./service.ts";
import type { Variable } from "./variables.ts";

/** How a service of a platform is started in its container, as on a laptop. */
export interface Program {
  readonly instance: Instance;
  readonly title: string;
  readonly command: readonly string[];
  readonly workingFolder: string | undefined;
  /** Path that answers 200 when it takes requests. */
  readonly ready: string;
}

/** Where one kind of them runs. */
interface Place {
  readonly image: string;
  readonly build?: Build;
  /** Where the image has the program: `bin/<program>` or `bin/python` below it. */
  readonly source: string;
  readonly networks: readonly Network[];
  readonly memory: string;
  /** Services of ours that it waits for, beside the initialiser. */
  readonly waits: readonly string[];
  /** Whether this machine reaches it, and it other machines. */
  readonly published: boolean;
  readonly volumes?: readonly string[];
}

/** Where a service's volume is mounted: its documents and what it keeps. */
export const FOLDER = "/service";
/** Variables of its environment, which the initialiser writes for a shell. */
export const ENVIRONMENT = "environment.sh";

/** Kinds that Compose runs; the images of others' programs are those of the cluster. */
export const PLACES: Partial<Readonly<Record<ServiceKind, Place>>> = {
  prometheus: {
    image: "docker.io/prom/prometheus:v3.5.0",
    source: "/",
    networks: ["monitoring", "storage"],
    memory: "1Gi",
    waits: [MINIO],
    published: true,
  },
  alertmanager: {
    image: "docker.io/prom/alertmanager:v0.28.1",
    source: "/",
    networks: ["monitoring"],
    memory: "128Mi",
    waits: [],
    published: true,
  },
  node_exporter: {
    image: "docker.io/prom/node-exporter:v1.9.1",
    source: "/",
    networks: ["monitoring"],
    memory: "64Mi",
    waits: [],
    published: false,
    // Processors and memory of the machine; of its disks it sees the one on which containers are.
    volumes: ["/proc:/host/proc:ro", "/sys:/host/sys:ro"],
  },
};

/** Host name of an instance, by which the others reach it. */
export function hostOf(instance: string): string {
  return instance.replaceAll("_", "-");
}

/** The variable that sets an instance's port on this machine, as on a laptop. */
export function portVariable(instance: string): Variable {
  return `BUCKETWORKS_${instance.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_PORT`;
}

/** A service that the platforms ask for. It waits until the initialiser has written what it reads. */
export function programService(program: Program, place: Place): ComposeService {
  const { instance, command, workingFolder, ready } = program;
  const { image, build, networks, memory, waits, volumes = [] } = place;
  const own = portVariable(instance.name);
  const isPython = build !== undefined;
  const url = `http://127.0.0.1:${instance.port}${ready}`;
  return service({
    image,
    ...(build !== undefined && { build }),
    memory,
    entrypoint: isPython
      ? ["/bin/sh", "-euc", `. ${FOLDER}/${ENVIRONMENT}\nexec "$$@"`, "sh"]
      : command.slice(0, 1).map(literal),
    command: (isPython ? command : command.slice(1)).map(literal),
    ...(workingFolder !== undefined && { working_dir: workingFolder }),
    environment: { HOME: "/tmp", TZ: "UTC" },
    volumes: [`${instance.name}:${FOLDER}`, ...volumes],
    networks: place.published ? [...networks, outsideOf(hostOf(instance.name))] : networks,
    ...(place.published && { ports: [published(own, instance.port)] }),
    depends_on: {
      [OWNER]: COMPLETED,
      [INIT]: PREPARED,
      ...Object.fromEntries(waits.map((name) => [name, HEALTHY])),
    },
    healthcheck: healthcheck(
      isPython
        ? [`${place.source}/bin/python`, "-c", `import urllib.request; urllib.request.urlopen("${url}", timeout=15)`]
        : ["wget", "-q", "-O", "/dev/null", url],
    ),
  });
}
