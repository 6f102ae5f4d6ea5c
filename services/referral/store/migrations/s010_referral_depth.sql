-- open_key: patient, department and complaint of a submitted referral that is not closed; NULL otherwise, so that the
-- unique key says "one open referral" whatever the code does. source_key: the same for the draft of an episode.
-- responsible: the first receiver, until a redirect is accepted. clock_ran, clock_left: microseconds of a clock that was
-- stopped and may go on. region: the health authority that an escalation was addressed to.
ALTER TABLE referral
  ADD COLUMN responsible_organization_id BINARY(16) NULL,
  ADD COLUMN responsible_department_id BINARY(16) NULL,
  ADD COLUMN booking_saga_id BINARY(16) NULL,
  ADD COLUMN urgency_reason TEXT NULL,
  ADD COLUMN cancellation_reason TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN cancellation_comment TEXT NULL,
  ADD COLUMN cancellation_asked_at DATETIME(6) NULL,
  ADD COLUMN readmission BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN replaces_referral_id BINARY(16) NULL,
  ADD COLUMN source_kind TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN source_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN source_key BINARY(16) NULL,
  ADD COLUMN open_key BINARY(16) NULL,
  ADD COLUMN clock_ran BIGINT NULL,
  ADD COLUMN clock_left BIGINT NULL,
  ADD COLUMN region_organization_id BINARY(16) NULL,
  ADD COLUMN redirect_count INT NOT NULL DEFAULT 0,
  ADD UNIQUE KEY uq_referral__open_key (open_key),
  ADD UNIQUE KEY uq_referral__source_key (source_key)
