-- A study's reading centre, its clocks and what parks it. queue_id is whose worklist it is on, the centre's or else the consulted
-- organization's; offer_kind tells the kinds of a centre's apart, readers differ in what they read; on_worklist is what is not
-- answered yet. The database computes them, so that a row of an earlier release is on the right list.
ALTER TABLE consultation
  ADD COLUMN centre_id BINARY(16) NULL,
  ADD COLUMN draft_practitioner_id BINARY(16) NULL,
  ADD COLUMN clock_seconds INT NULL COMMENT 'how long the clock that ends at due_at runs; NULL: since requested_at',
  ADD COLUMN tier TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN receipt_due_at DATETIME(6) NULL,
  ADD COLUMN received_at DATETIME(6) NULL,
  ADD COLUMN receipt_overdue BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN parked_at DATETIME(6) NULL,
  ADD COLUMN queue_id BINARY(16) GENERATED ALWAYS AS (COALESCE(centre_id, consulted_organization_id)) STORED,
  ADD COLUMN offer_kind TINYINT GENERATED ALWAYS AS (CASE WHEN centre_id IS NULL THEN 0 ELSE kind END) STORED,
  ADD COLUMN on_worklist BOOLEAN GENERATED ALWAYS AS (state IN ('REQUESTED', 'ASSIGNED', 'OPINION_DRAFTED')) STORED,
  ADD KEY ix_consultation__offer (queue_id, offer_kind, state, worklist_rank, worklist_at, consultation_id),
  ADD KEY ix_consultation__worklist (queue_id, on_worklist, worklist_rank, worklist_at, consultation_id),
  ADD KEY ix_consultation__lease (queue_id, lease_until, expert_practitioner_id, offer_kind, worklist_rank, worklist_at, parked_at)
