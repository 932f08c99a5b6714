import { ClusterServicesConfig } from "../../config/cluster-services/schema.ts";
import type { Instance, ServiceKind } from "../services/declared.ts";
import { INIT, MINIO, OWNER, POSTGRES } from "./names.ts";
import { type Network, outsideOf } from "./networks.ts";
import {
  type Build,
  COMPLETED,
  type ComposeService,
  HEALTHY,
  healthcheck,
  literal,
  ownImage,
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
  /** A folder of the checkout, and where the image has it. */
  readonly moved?: readonly [string, string];
  readonly networks: readonly Network[];
  readonly memory: string;
  /** Services of ours that it waits for, beside the initialiser. */
  readonly waits: readonly string[];
  /** Whether this machine reaches it, and it other machines. */
  readonly published: boolean;
  /** It listens where its documents say, and not where its arguments do. */
  readonly listensByDocument?: true;
  readonly volumes?: readonly string[];
  /** Variables of the image that would say otherwise than the service's documents. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments that a laptop has no use for. */
  readonly arguments?: readonly string[];
  /** Arguments of a laptop's release that the image's doesn't know. */
  readonly without?: readonly string[];
}

/** Where images have the checkout. */
export const CHECKOUT = "/opt/bucketworks";
/** Where a service's volume is mounted: its documents and what it keeps. */
export const FOLDER = "/service";
/** Variables of its environment, which the initialiser writes for a shell. */
export const ENVIRONMENT = "environment.sh";

const { images } = ClusterServicesConfig.parse({});
const official = { source: "/", waits: [] } as const;

/** Kinds that Compose runs; images that a cluster runs, too, are the same. */
export const PLACES: Partial<Readonly<Record<ServiceKind, Place>>> = {
  node_exporter: {
    ...official,
    image: "docker.io/prom/node-exporter:v1.9.1",
    networks: ["monitoring"],
    memory: "64Mi",
    published: false,
    // Processors and memory of the machine; of its disks it sees the one on which containers are.
    volumes: ["/proc:/host/proc:ro", "/sys:/host/sys:ro"],
    arguments: ["--path.procfs=/host/proc", "--path.sysfs=/host/sys"],
  },
  postgres_exporter: {
    ...official,
    image: images.postgresExporter,
    networks: ["monitoring", "database"],
    memory: "64Mi",
    waits: [POSTGRES],
    published: false,
    // Its release reads PostgreSQL 17, and that collector has another name in it: it ends at a flag that it doesn't know.
    without: ["--no-collector.bgwriter"],
  },
  alertmanager: {
    ...official,
    image: images.alertmanager,
    networks: ["monitoring"],
    memory: "128Mi",
    published: true,
  },
  prometheus: {
    ...official,
    image: images.prometheus,
    networks: ["monitoring", "storage"],
    memory: "1Gi",
    waits: [MINIO],
    published: true,
  },
  grafana: {
    ...official,
    image: images.grafana,
    source: "/usr/share/grafana",
    networks: ["monitoring"],
    memory: "512Mi",
    published: true,
    listensByDocument: true,
    // Its own, which win over the file and name folders that nobody writes to here.
    environment: {
      GF_PATHS_DATA: `${FOLDER}/data`,
      GF_PATHS_LOGS: `${FOLDER}/data/log`,
      GF_PATHS_PLUGINS: `${FOLDER}/data/plugins`,
      GF_PATHS_PROVISIONING: `${FOLDER}/provisioning`,
    },
  },
  mlflow: {
    image: ownImage("mlflow-server"),
    build: { context: "pipelines", dockerfile: "mlflow-server/Dockerfile" },
    source: "/opt/pipeline",
    moved: [`${CHECKOUT}/pipelines/mlflow-server`, "/opt/mlflow-server"],
    networks: ["models", "storage", "database", "monitoring"],
    memory: "1Gi",
    waits: [MINIO, POSTGRES],
    published: true,
  },
  model_api: {
    image: ownImage("mlops"),
    build: { context: "pipelines", dockerfile: "mlops/Dockerfile" },
    source: "/opt/pipeline",
    networks: ["models", "storage", "database", "monitoring"],
    memory: "512Mi",
    waits: [MINIO, POSTGRES],
    published: true,
  },
};

/** Its environment, then the program in the shell's place. */
const START = `[ ! -f ${FOLDER}/${ENVIRONMENT} ] || . ${FOLDER}/${ENVIRONMENT}\nexec "$$@"`;

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
  const { image, build, networks, memory, waits, volumes = [], environment } = place;
  const own = portVariable(instance.name);
  const url = `http://127.0.0.1:${instance.port}${ready}`;
  return service({
    image,
    ...(build !== undefined && { build }),
    memory,
    entrypoint: ["/bin/sh", "-euc", START, "sh"],
    command: [...command, ...(place.arguments ?? [])].map(literal),
    ...(workingFolder !== undefined && { working_dir: workingFolder }),
    environment: { HOME: "/tmp", TZ: "UTC", ...environment },
    volumes: [`${instance.name}:${FOLDER}`, ...volumes],
    networks: place.published ? [...networks, outsideOf(hostOf(instance.name))] : networks,
    ...(place.published && { ports: [published(own, instance.port)] }),
    depends_on: {
      [OWNER]: COMPLETED,
      [INIT]: PREPARED,
      ...Object.fromEntries(waits.map((name) => [name, HEALTHY])),
    },
    healthcheck: healthcheck(
      build !== undefined
        ? [`${place.source}/bin/python`, "-c", `import urllib.request; urllib.request.urlopen("${url}", timeout=15)`]
        : ["wget", "-q", "-O", "/dev/null", url],
    ),
  });
}
