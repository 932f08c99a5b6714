import type { Services } from "../../../config/model.ts";
import { BESIDE_LOGS } from "../../../config/resolve/services.ts";
import { LOG_STORE, logReaderArguments, logStoreArguments } from "../logs.ts";
import { type Instance, type PlannedService, selector, serviceAccount } from "./instance.ts";
import { LOGIN, loginSecret, passwordFile } from "./login.ts";
import { ingress, METRICS_CLIENT, networkPolicies, podsService, service } from "./network.ts";
import { oneWithVolume, sizeFor } from "./one-with-volume.ts";
import { hostOf, type ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { replicas } from "./replicas.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { hasTls, TLS_FILES } from "./tls.ts";

type Logs = NonNullable<Services["logs"]>;

/** Nobody's: the program needs no user of its own. */
const USER = 65_534;
const DATA = "/data";
const WRITER = "/etc/bucketworks/writer";
const READER = "/etc/bucketworks/reader";

/** The programs of the key `logs`, by the ports that they have on a laptop, too. */
export function logInstances({ port }: Pick<Logs, "port">): Readonly<Record<"store" | "shipper" | "reader", Instance>> {
  return {
    store: { name: "log-store", platform: null, port: port + BESIDE_LOGS.log_store },
    shipper: { name: "log-shipper", platform: null, port: port + BESIDE_LOGS.log_shipper },
    reader: { name: "logs", platform: null, port },
  };
}

/** Keeps lines on a volume that outlives it. It answers nothing without the writer's password. */
export function logStore(asked: Logs, place: ServicePlace): PlannedService {
  const { store: instance, shipper, reader } = logInstances(asked);
  const login = loginSecret(instance, place);
  const template = podTemplate(
    instance,
    {
      image: place.settings.images.logs,
      user: USER,
      args: [
        `-storageDataPath=${DATA}`,
        ...logStoreArguments({
          address: `:${instance.port}`,
          passwordFile: `${WRITER}/${LOGIN.password}`,
          retention: `${asked.retentionDays}d`,
          size: String(asked.maxBytes),
        }),
        ...tlsArguments(place),
      ],
      health: { live: "/health", ready: "/health" },
      cpu: "100m",
      memory: "512Mi",
      files: [passwordFile("writer", WRITER, login)],
      data: DATA,
      graceSeconds: 60,
    },
    place,
  );
  const traffic = { from: [METRICS_CLIENT, selector(shipper), selector(reader)], to: [] };
  const manifests = [
    serviceAccount(instance, place),
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...serviceMonitor(instance, place, login),
    oneWithVolume(instance, { template, size: sizeFor(asked.maxBytes) }, place),
  ];
  return { instance, manifests, needs: { ownLogin: { metadata: login, user: LOG_STORE.writer }, readsLogins: true } };
}

/** Where people search: it asks the store and takes no line itself, so a reader can't write. It keeps nothing. */
export function logReader(asked: Logs, place: ServicePlace): PlannedService {
  const { store, reader: instance } = logInstances(asked);
  const login = loginSecret(instance, place);
  const template = podTemplate(
    instance,
    {
      image: place.settings.images.logs,
      user: USER,
      args: [
        ...logReaderArguments(`:${instance.port}`, `${WRITER}/${LOGIN.password}`),
        `-httpAuth.password=file://${READER}/${LOGIN.password}`,
        ...storeArguments(store, place),
        ...tlsArguments(place),
      ],
      health: { live: "/health", ready: "/health" },
      cpu: "50m",
      memory: "256Mi",
      files: [passwordFile("writer", WRITER, loginSecret(store, place)), passwordFile("reader", READER, login)],
      // What it would keep, had it lines of its own.
      scratch: { "/victoria-logs-data": "64Mi" },
    },
    place,
  );
  const traffic = { from: [METRICS_CLIENT], to: [{ pods: selector(store), port: store.port }] };
  const manifests = [
    serviceAccount(instance, place),
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    ...ingress(instance, place),
    ...serviceMonitor(instance, place, login),
    ...replicas(instance, template, { min: 1, max: 1, awaited: true }, place),
  ];
  return {
    instance,
    manifests,
    needs: { ownLogin: { metadata: login, user: LOG_STORE.reader }, readsLogins: true },
  };
}

/** Both read the certificate again when it is another. */
function tlsArguments(place: ServicePlace): string[] {
  if (!hasTls(place)) return [];
  return ["-tls", `-tlsCertFile=${TLS_FILES.certificate}`, `-tlsKeyFile=${TLS_FILES.key}`];
}

function storeArguments({ name, port }: Instance, place: ServicePlace): string[] {
  if (!hasTls(place)) return [`-storageNode=${name}:${port}`];
  const node = "-storageNode";
  return [`${node}=${hostOf(name, place)}:${port}`, `${node}.tls`, `${node}.tlsCAFile=${TLS_FILES.authority}`];
}
