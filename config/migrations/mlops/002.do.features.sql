-- The feature store's own schema: Feast makes the tables of its registry, and one for each view that is online. Their values can be
-- made again from the files in the bucket; nobody else's tables are in it.
CREATE SCHEMA features;
GRANT USAGE, CREATE ON SCHEMA features TO mlops_feature_store;
