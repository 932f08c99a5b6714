import { DATA_SOURCE } from "./dashboards/data-source.ts";

/** Where Grafana listens and where its files lie, as it sees them. */
export interface GrafanaPlace {
  readonly host: string;
  readonly port: number;
  /** Folder of its own database. */
  readonly data: string;
  /** Folder of what `grafanaProvisioning` makes. */
  readonly provisioning: string;
  /** File with the password of user admin and nothing else. */
  readonly passwordFile: string;
  /** URL under which a browser reaches it, where that is another than host and port. */
  readonly outside?: string;
  /** Files of its certificate; without them it speaks plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/**
 * `grafana.ini`: nobody comes in without a login, nobody signs up, nothing is told to its makers. The password is read
 * from its file, and taken at the first start alone.
 * @see https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 */
export function grafanaSettings(place: GrafanaPlace): string {
  const { host, port, data, provisioning, passwordFile, outside, tls } = place;
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    server: {
      http_addr: host,
      http_port: port,
      ...(outside !== undefined && { root_url: `${outside}/` }),
      ...(tls && {
        protocol: "https",
        cert_file: tls.certificate,
        cert_key: tls.key,
        // Without it a renewed certificate would wait for the next start.
        certs_watch_interval: "30s",
      }),
    },
    paths: { data, provisioning },
    security: {
      admin_user: "admin",
      admin_password: `$__file{${passwordFile}}`,
      disable_gravatar: true,
      cookie_samesite: "strict",
      ...(outside?.startsWith("https:") && { cookie_secure: true }),
    },
    users: { allow_sign_up: false, allow_org_create: false },
    "auth.anonymous": { enabled: false },
    analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
    // Later versions load some at their start.
    plugins: { preinstall_disabled: true },
    log: { mode: "console" },
    "log.console": { format: "json" },
  };
  return Object.entries(sections)
    .map(([name, settings]) => {
      const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
      return `[${name}]\n${lines.join("")}`;
    })
    .join("\n");
}

/** What Grafana provisions from. */
export interface GrafanaSources {
  /** Address of Prometheus, with scheme. */
  readonly prometheus: string;
  /** File of the authority by which that is known; absent without TLS. */
  readonly authorityFile?: string;
  /** How often it reads metrics, as `15s`: no rate looks at less than four of that. */
  readonly scrapeInterval: string;
  /** Folder of the dashboards' files, as Grafana sees it. */
  readonly dashboards: string;
}

/**
 * Documents of its provisioning folder by their files' names: the data source, and the dashboards in folders as their
 * files are. Nobody changes them in a browser: the next start would take it back.
 * @see https://grafana.com/docs/grafana/latest/administration/provisioning/
 */
export function grafanaProvisioning({
  prometheus,
  authorityFile,
  scrapeInterval,
  dashboards,
}: GrafanaSources): Readonly<Record<string, object>> {
  return {
    "datasources/prometheus.yml": {
      apiVersion: 1,
      prune: true,
      datasources: [
        {
          ...DATA_SOURCE,
          name: "Prometheus",
          access: "proxy",
          url: prometheus,
          isDefault: true,
          editable: false,
          jsonData: {
            httpMethod: "POST",
            timeInterval: scrapeInterval,
            ...(authorityFile !== undefined && { tlsAuthWithCACert: true }),
          },
          ...(authorityFile !== undefined && { secureJsonData: { tlsCACert: `$__file{${authorityFile}}` } }),
        },
      ],
    },
    "dashboards/bucketworks.yml": {
      apiVersion: 1,
      providers: [
        {
          name: "bucketworks",
          type: "file",
          allowUiUpdates: false,
          options: { path: dashboards, foldersFromFilesStructure: true },
        },
      ],
    },
  };
}
