-- Which template a session was made from, for which date at the site, and in which shape (a hash of all that the plan
-- decides). The unique key says "one session a template and date" whatever the job does; template_date is NULL where there is
-- no template, or the session was withdrawn.
ALTER TABLE session
  ADD COLUMN template_id BINARY(16) NULL,
  ADD COLUMN template_date DATE NULL,
  ADD COLUMN template_shape BINARY(16) NULL,
  ADD COLUMN resource_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN resource_code VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD UNIQUE KEY uq_session__template_id_template_date (template_id, template_date),
  ADD KEY ix_session__site_id_resource_code_starts_at (site_id, resource_code, starts_at, session_id)
