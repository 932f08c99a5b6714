/** Names of the platforms this project is for, and of some of their buckets. */
export const NAMES: Readonly<Record<string, readonly string[]>> = {
  usdcop: [
    "00-raw-usdcop-marketdata",
    "01-l1-ds-usdcop-standardize",
    "02-l2-ds-usdcop-prep",
    "03-l3-ds-usdcop-feature",
    "04-l4-ds-usdcop-rlready",
    "05-l5-ds-usdcop-serving",
    "06-l6-ds-usdcop-backtest",
    "99-common-trading-backups",
    "99-common-trading-models",
    "99-common-trading-reports",
  ],
  cybersec: ["cybersec-raw", "cybersec-silver", "cybersec-gold", "cybersec-models", "cybersec-quarantine"],
  dataops: ["dataops-raw", "dataops-staging", "dataops-production", "dataops-validation"],
  mlops: ["mlflow-artifacts", "mlops-data", "mlops-features", "mlops-models"],
  "ml-security": ["mlsec-datasets", "mlsec-models", "mlsec-reports"],
};
