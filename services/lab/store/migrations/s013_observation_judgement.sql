-- What the service itself says of the value, beside what the laboratory says.
ALTER TABLE observation
  ADD COLUMN method VARCHAR(64) NULL COMMENT 'as sent',
  ADD COLUMN interpretation TINYINT NOT NULL DEFAULT 0 COMMENT 'ours; 0: not judged',
  ADD COLUMN applied_interval VARCHAR(160) NULL COMMENT 'the one by which it was judged, as text',
  ADD COLUMN disagrees BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'with the laboratory''s flags'
