import * as pulumi from "@pulumi/pulumi";
import type { Needs } from "../../../builders/services/kubernetes/instance.ts";
import { stackServices } from "../../../builders/services/kubernetes/planned.ts";
import type { Platform } from "../../../config/model.ts";
import { formatSettingFault, setCommand } from "../../../config/stack/fault.ts";
import type { Cluster } from "../cluster.ts";
import { receiversFile } from "./receivers.ts";
import { type ServiceArgs, ServiceDeployment } from "./service-deployment.ts";

export interface StartServicesArgs {
  readonly cluster: Cluster;
  readonly platforms: readonly Platform[];
}

/** Tells the pods with which settings, key and login they run. */
const MARKS = { receivers: "bucketworks.io/receivers", key: "bucketworks.io/key", login: "bucketworks.io/login" };

/** The services that the platforms ask for, where the stack deploys them. One that lacks something is left out, and warned of. */
export function startServices(args: StartServicesArgs): void {
  const { cluster, platforms } = args;
  const { settings, provider } = cluster;
  const { services, server } = settings;
  if (services?.deploy !== true) {
    warnOfIdle(platforms);
    return;
  }
  for (const service of stackServices(platforms, { server, settings: services })) {
    new ServiceDeployment(service.instance.name, {
      service,
      provider,
      readyWithin: server.readyWithin,
      ...given(service.needs, args),
    });
  }
}

type Given = Pick<ServiceArgs, "secrets" | "marks" | "ready">;

function given(needs: Needs, { cluster, platforms }: StartServicesArgs): Given {
  const { ready, metrics, settings } = cluster;
  const first = [ready, ...(needs.metricsToken && metrics !== undefined ? [metrics] : [])];
  if (needs.receivers === undefined) return { secrets: [], marks: {}, ready: first };
  const file = receiversFile(platforms, settings.alerts);
  return {
    secrets: [{ metadata: needs.receivers, data: file }],
    marks: { [MARKS.receivers]: pulumi.jsonStringify(file) },
    ready: first,
  };
}

/** What nobody deploys is said where everybody looks. */
function warnOfIdle(platforms: readonly Platform[]): void {
  const asked = platforms.filter(({ services }) => Object.values(services).some((each) => each !== null));
  if (asked.length === 0) return;
  const names = asked.map(({ name }) => name).join(", ");
  const fault = {
    message: `services of ${names}: not deployed, the stack has no setting for them`,
    fix: [setCommand("--path bucketworks:services.deploy true"), " (docs/services-on-kubernetes.md)"],
  };
  pulumi.log.warn(formatSettingFault(fault, pulumi.getStack()));
}
