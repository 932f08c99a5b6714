-- What units saw and did in experiments, by the model API, and which experiments were ended by hand. Both tables of records are only
-- ever added to: a record that is sent again has the id that it had. A unit is a hash, nobody's name.
CREATE SCHEMA experiments;

CREATE TABLE experiments.exposures (
  id UUID PRIMARY KEY,
  experiment TEXT NOT NULL,
  unit TEXT NOT NULL,
  variant TEXT NOT NULL,
  model_version TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE experiments.exposures IS 'a unit was answered by its variant; once or more for each replica, the first one counts';
COMMENT ON COLUMN experiments.exposures.unit IS 'SHA-256 of name, salt and unit, in hexadecimal digits';
CREATE INDEX ON experiments.exposures (experiment, unit, at);

CREATE TABLE experiments.outcomes (
  id UUID PRIMARY KEY,
  experiment TEXT NOT NULL,
  unit TEXT NOT NULL,
  event TEXT NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE experiments.outcomes IS 'an event of a unit; value is 1 where an event has none';
CREATE INDEX ON experiments.outcomes (experiment, event, unit, at);

CREATE TABLE experiments.stops (
  experiment TEXT PRIMARY KEY,
  stopped_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  stopped_by TEXT NOT NULL,
  reason TEXT NOT NULL
);
COMMENT ON TABLE experiments.stops IS 'experiments in which nobody takes part any more';

GRANT USAGE ON SCHEMA experiments TO mlops_model_api, mlops_experimenter;
GRANT INSERT ON experiments.exposures, experiments.outcomes TO mlops_model_api;
GRANT SELECT (experiment) ON experiments.stops TO mlops_model_api;
GRANT SELECT ON experiments.exposures, experiments.outcomes, experiments.stops TO mlops_experimenter;
GRANT INSERT (experiment, stopped_by, reason) ON experiments.stops TO mlops_experimenter;
