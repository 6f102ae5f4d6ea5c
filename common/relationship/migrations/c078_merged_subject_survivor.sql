-- Leads from a survivor to the records that were merged into it: what was noted under their ids is the survivor's.
ALTER TABLE merged_subject ADD KEY ix_merged_subject__survivor (survivor_id)
