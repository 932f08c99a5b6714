/** Of a Job: the kubernetes plugin makes one that failed anew with the next update, else it would stay so for good. */
export const ANEW_AFTER_FAILURE = { "pulumi.com/replaceUnready": "true" } as const;
