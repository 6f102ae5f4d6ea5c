-- Who has opened which person's data in an emergency, as told by the directory's events: one reader, for reads only. Kept
-- apart from `relationship`, which writes look at too, and which a binary of an earlier release would take it for.
CREATE TABLE relationship_broken_glass (
  data_subject_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  broken_glass_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  PRIMARY KEY (data_subject_id, user_id, broken_glass_id)
) ENGINE = InnoDB
