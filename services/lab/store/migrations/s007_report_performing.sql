-- Leads through all reports of one laboratory, where a mapping of it changes.
ALTER TABLE report ADD KEY ix_report__performing (performing_organization_id, report_id)
