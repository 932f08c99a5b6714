/** Of a Job: the kubernetes plugin makes one that failed anew with the next update, else it would stay so for good. */
export const REPLACE_UNREADY = { "pulumi.com/replaceUnready": "true" } as const;
