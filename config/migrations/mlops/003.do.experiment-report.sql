-- What experiments say is reported by the clock, by a role that reads what the verdict is made from and can end none.
GRANT USAGE ON SCHEMA experiments TO mlops_experiment_report;
GRANT SELECT ON experiments.exposures, experiments.outcomes, experiments.stops TO mlops_experiment_report;
