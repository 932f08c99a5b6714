import { rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { alertmanagerSettings } from "../../../builders/services/alertmanager.ts";
import {
  localAlertGroups,
  PROMETHEUS_FILES,
  type PrometheusPeers,
  prometheusSettings,
} from "../../../builders/services/prometheus.ts";
import type { Platform, Services } from "../../../config/model.ts";
import type { Alerts } from "../../../config/stack/alerts.ts";
import type { ServiceProgram } from "../../../toolchain/pieces/service-programs.ts";
import type { Checkout } from "../../checkout.ts";
import { makePrivateFolder, readWhole, writePrivate } from "../private-files.ts";
import type { Settings } from "../service/local-service.ts";
import { folderOf } from "./program.ts";

/** What the settings of services are made from. */
export interface Given {
  readonly services: Services;
  /** Those whose alerts are judged. */
  readonly platforms: readonly Platform[];
  readonly alerts: Alerts | undefined;
  readonly peers: PrometheusPeers;
}

/** What a program is started with: another one starts it again. */
export function startedWith(name: ServiceProgram, { prometheus }: Services): Settings {
  if (name !== "prometheus" || prometheus === null) return {};
  return { retention: `${prometheus.retentionDays}d`, size: `${prometheus.maxBytes}B` };
}

/**
 * Writes the files that a program reads, for its owner alone.
 * @returns what puts back those of before; undefined where they were the same
 */
export function writeSettings(name: ServiceProgram, checkout: Checkout, given: Given): (() => void) | undefined {
  const folder = folderOf(name, checkout);
  makeFolders(name, checkout);
  const changed = Object.entries(documents(name, given)).flatMap(([file, document]) => {
    const path = join(folder, file);
    const [text, before] = [stringify(document, { lineWidth: 0 }), readWhole(path)];
    return before === text ? [] : [{ path, text, before }];
  });
  for (const { path, text } of changed) writePrivate(path, text);
  if (changed.length === 0) return undefined;
  return () => {
    for (const { path, before } of changed) {
      if (before === undefined) rmSync(path, { force: true });
      else writePrivate(path, before);
    }
  };
}

/** The folders of a program, which nobody else can read. */
export function makeFolders(name: ServiceProgram, checkout: Checkout): void {
  const folder = folderOf(name, checkout);
  for (const each of [checkout.services, folder, join(folder, name === "node_exporter" ? "textfile" : "data")])
    makePrivateFolder(each);
}

function documents(name: ServiceProgram, { services, platforms, alerts, peers }: Given): Record<string, object> {
  const { prometheus, alertmanager } = services;
  if (name === "prometheus" && prometheus !== null) {
    return {
      [PROMETHEUS_FILES.settings]: prometheusSettings(prometheus, peers),
      [PROMETHEUS_FILES.rules]: { groups: localAlertGroups(platforms) },
    };
  }
  if (name === "alertmanager" && alertmanager !== null)
    return { "alertmanager.yml": alertmanagerSettings(alertmanager, alerts) };
  return {};
}
