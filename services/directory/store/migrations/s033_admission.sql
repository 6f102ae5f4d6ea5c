-- Stays in hospitals. visit_index is the blind index of the hospital's own number, which is not kept.
CREATE TABLE admission (
  admission_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  visit_index BINARY(16) NOT NULL,
  patient_id BINARY(16) NOT NULL,
  admitted_at DATETIME(6) NOT NULL,
  discharged_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (admission_id),
  UNIQUE KEY uq_admission__visit (organization_id, visit_index),
  KEY ix_admission__patient (patient_id, admitted_at)
) ENGINE = InnoDB
