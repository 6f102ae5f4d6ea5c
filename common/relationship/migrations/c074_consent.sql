-- What people have agreed to, as told by the directory's events; filled in services that ask for it. merge_id is zero for a
-- person's own consent, else the merge that brought it: its undoing takes the row away.
CREATE TABLE relationship_consent (
  data_subject_id BINARY(16) NOT NULL,
  consent_id BINARY(16) NOT NULL,
  merge_id BINARY(16) NOT NULL,
  purpose TINYINT NOT NULL,
  organizations VARBINARY(800) NOT NULL COMMENT '16 bytes each; empty: every one of the region',
  starts_at DATETIME(6) NOT NULL,
  ends_at DATETIME(6) NULL,
  revoked_at DATETIME(6) NULL,
  PRIMARY KEY (data_subject_id, consent_id),
  KEY ix_relationship_consent__consent (consent_id)
) ENGINE = InnoDB
