-- A site's sessions by time, for its calendar.
ALTER TABLE session ADD KEY ix_session__site_id_starts_at (site_id, starts_at, session_id)
