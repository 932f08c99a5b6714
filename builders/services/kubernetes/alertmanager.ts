import type { Services } from "../../../config/model.ts";
import type { Manifest } from "../../kubernetes/manifest.ts";
import { type Instance, metadata, type PlannedService, selector, serviceAccount } from "./instance.ts";
import { networkPolicies, podsService, service } from "./network.ts";
import { oneWithVolume } from "./one-with-volume.ts";
import type { ServicePlace } from "./place.ts";
import { podTemplate } from "./pod.ts";
import { webConfig } from "./tls.ts";

/** nobody of the official image. */
const USER = 65_534;
const SETTINGS = "/etc/bucketworks/settings";
const DATA = "/alertmanager";

/** Its settings, in the Secret `<name>-settings`: who knows the URL of a webhook can write to it. */
export const ALERTMANAGER_FILE = "alertmanager.yml";

/** The stack's Alertmanager, without the Secret of its settings. Its volume holds silences, and what was told already. */
export function alertmanager({ port }: NonNullable<Services["alertmanager"]>, place: ServicePlace): PlannedService {
  const instance: Instance = { name: "alertmanager", platform: null, port };
  const receivers = metadata(instance, place, "settings");
  const web = webConfig(instance, place);
  const template = podTemplate(
    instance,
    {
      image: place.settings.images.alertmanager,
      user: USER,
      args: [
        `--config.file=${SETTINGS}/${ALERTMANAGER_FILE}`,
        `--storage.path=${DATA}`,
        `--web.listen-address=:${port}`,
        // It has no peers, and listens for none.
        "--cluster.listen-address=",
        ...web.args,
      ],
      health: { live: "/-/healthy", ready: "/-/ready" },
      cpu: "50m",
      memory: "128Mi",
      files: [
        { path: SETTINGS, volume: { name: "settings", secret: { secretName: receivers.name, defaultMode: 0o440 } } },
        ...web.files,
      ],
      data: DATA,
    },
    place,
  );
  // Receivers are anywhere.
  const traffic = { from: [selector({ name: "prometheus" })], to: undefined };
  const manifests: Manifest[] = [
    serviceAccount(instance, place),
    ...web.manifests,
    service(instance, place),
    podsService(instance, place),
    ...networkPolicies(instance, traffic, place),
    oneWithVolume(instance, { template, size: "1Gi" }, place),
  ];
  return { instance, manifests, needs: { receivers } };
}
