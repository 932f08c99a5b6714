-- Staging is where data is loaded, transformed and reviewed; production is what consumers read.
CREATE SCHEMA staging;
CREATE SCHEMA production;

GRANT USAGE ON SCHEMA staging TO dataops_loader, dataops_promoter;
GRANT USAGE ON SCHEMA production TO dataops_promoter, dataops_consumer;

-- Tables of later migrations have these rights by themselves. TRUNCATE is the loader's write mode.
ALTER DEFAULT PRIVILEGES IN SCHEMA staging GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO dataops_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA staging GRANT USAGE ON SEQUENCES TO dataops_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA staging GRANT SELECT ON TABLES TO dataops_promoter;
ALTER DEFAULT PRIVILEGES IN SCHEMA production GRANT SELECT, INSERT, UPDATE ON TABLES TO dataops_promoter;
ALTER DEFAULT PRIVILEGES IN SCHEMA production GRANT USAGE ON SEQUENCES TO dataops_promoter;
ALTER DEFAULT PRIVILEGES IN SCHEMA production GRANT SELECT ON TABLES TO dataops_consumer;
