/** The one data source, as provisioned. Apart from panels: who needs its name alone doesn't load Grafana's types. */
export const DATA_SOURCE = { type: "prometheus", uid: "prometheus" } as const;
