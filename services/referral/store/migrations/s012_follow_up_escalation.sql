-- Both organizations are repeated here, so that the report of what nobody acted on is one range of one index.
ALTER TABLE follow_up_task
  ADD COLUMN receiving_organization_id BINARY(16) NULL,
  ADD COLUMN referring_organization_id BINARY(16) NULL,
  ADD COLUMN escalation_tier TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN reschedule_count INT NOT NULL DEFAULT 0,
  ADD COLUMN reschedule_reason TEXT NULL,
  ADD KEY ix_follow_up_task__receiving (receiving_organization_id, state, due_date, task_id),
  ADD KEY ix_follow_up_task__referring (referring_organization_id, state, due_date, task_id),
  ADD KEY ix_follow_up_task__state (state, due_date, task_id)
