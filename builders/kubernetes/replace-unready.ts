/** Of a Job: the kubernetes plugin replaces one that failed with the next update; else it would never run again. */
export const REPLACE_UNREADY = { "pulumi.com/replaceUnready": "true" } as const;
