-- The community centre that owes a follow-up now: set while its down-referral is in care and the task is not done.
ALTER TABLE follow_up_task
  ADD COLUMN owed_by_organization_id BINARY(16) NULL,
  ADD KEY ix_follow_up_task__owed (owed_by_organization_id, due_date, task_id)
