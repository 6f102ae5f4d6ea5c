-- The worklists of an open referral, computed by the database from the row, so that whatever writes the row, an earlier
-- release too, leaves it on the right list. worklist: numbers of the proto's WorklistKind; NULL: closed. Setting 3 is an
-- emergency, whose patient just comes; direction 2 is a down-referral.
ALTER TABLE referral
  ADD COLUMN worklist TINYINT GENERATED ALWAYS AS (CASE
    WHEN state = 'DRAFT' THEN 8
    WHEN state = 'SUBMITTED' THEN 1
    WHEN state = 'RETURNED' THEN 2
    WHEN state = 'ACCEPTED' AND direction = 2 THEN 9
    WHEN state = 'ACCEPTED' AND channel = 2 AND setting = 3 THEN 4
    WHEN state IN ('ACCEPTED', 'SLOT_HELD', 'NO_SHOW') THEN 3
    WHEN state = 'SCHEDULED' THEN 4
    WHEN state IN ('ARRIVED', 'IN_CARE') AND cancellation_asked_at IS NOT NULL THEN 1
    WHEN state IN ('ARRIVED', 'IN_CARE') AND due_at IS NOT NULL THEN 5
    WHEN state IN ('ARRIVED', 'IN_CARE') THEN 9
    END) STORED,
  ADD COLUMN worklist_organization_id BINARY(16) GENERATED ALWAYS AS (CASE
    WHEN state IN ('DRAFT', 'RETURNED', 'NO_SHOW') THEN referring_organization_id
    WHEN state IN ('COMPLETED', 'REJECTED', 'CANCELLED') THEN NULL
    ELSE receiving_organization_id
    END) STORED,
  ADD COLUMN worklist_clock DATETIME(6) GENERATED ALWAYS AS (CASE
    WHEN state = 'SCHEDULED' AND booking_starts_at IS NOT NULL THEN booking_starts_at
    ELSE worklist_at
    END) STORED,
  ADD KEY ix_referral__worklist (worklist_organization_id, worklist, worklist_clock, referral_id),
  ADD KEY ix_referral__worklist_due (worklist_organization_id, due_at, referral_id),
  ADD KEY ix_referral__region_due (region_organization_id, due_at, referral_id)
