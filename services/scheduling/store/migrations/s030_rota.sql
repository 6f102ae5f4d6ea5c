-- A rota of outreach visits. problem and plan are RotaProblem and RotaPlan of rota.proto; plan is NULL before there is one.
-- published_first_day: first_day while it is the published one, else NULL. claim_*: which planner works at it, and until when
-- nobody else may, by the database's clock.
CREATE TABLE rota (
  rota_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  first_day DATE NOT NULL,
  weeks SMALLINT NOT NULL,
  state VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phase SMALLINT NOT NULL,
  failure VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cost BIGINT NOT NULL,
  bound BIGINT NOT NULL,
  visits INT NOT NULL,
  unmet INT NOT NULL,
  violations INT NOT NULL,
  problem MEDIUMBLOB NOT NULL,
  plan MEDIUMBLOB NULL,
  published_first_day DATE NULL,
  published_at DATETIME(6) NULL,
  claim_epoch BIGINT NOT NULL,
  claim_until DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (rota_id),
  UNIQUE KEY uq_rota__organization_id_code_published_first_day (organization_id, code, published_first_day),
  KEY ix_rota__organization_id (organization_id, rota_id),
  KEY ix_rota__state_claim_until (state, claim_until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
