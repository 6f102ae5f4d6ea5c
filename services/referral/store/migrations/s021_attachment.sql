CREATE TABLE attachment (
  attachment_id BINARY(16) NOT NULL,
  referral_id BINARY(16) NULL,
  advice_id BINARY(16) NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  name VARBINARY(600) NOT NULL COMMENT 'encrypted: people write the name of the patient into it',
  media_type TINYINT NOT NULL,
  size BIGINT NOT NULL,
  sha256 BINARY(32) NOT NULL,
  blob_id BINARY(16) NOT NULL,
  added_at DATETIME(6) NOT NULL,
  PRIMARY KEY (attachment_id),
  KEY ix_attachment__referral (referral_id, added_at, attachment_id),
  KEY ix_attachment__advice (advice_id, added_at, attachment_id)
) DEFAULT CHARSET=utf8mb4
