-- Contracts with family-doctor teams; end_date is the last day.
CREATE TABLE contract (
  contract_id BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  start_date DATE NOT NULL,
  end_date DATE NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (contract_id),
  KEY ix_contract__patient (patient_id)
) ENGINE = InnoDB
