/** Keys of the database's roles that experiments need: who adds what was seen and done, and who reads it and ends one. */
export const EXPERIMENT_ROLES = { records: "model_api", reads: "experimenter" } as const;
