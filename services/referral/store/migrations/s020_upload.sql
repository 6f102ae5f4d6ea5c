CREATE TABLE upload (
  upload_id BINARY(16) NOT NULL COMMENT 'also the id of its blob',
  referral_id BINARY(16) NULL,
  advice_id BINARY(16) NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  name VARBINARY(600) NOT NULL COMMENT 'encrypted: people write the name of the patient into it',
  media_type TINYINT NOT NULL,
  size BIGINT NOT NULL,
  sha256 BINARY(32) NOT NULL,
  received BIGINT NOT NULL,
  is_over BOOLEAN NOT NULL COMMENT 'expired or refused: its bytes are being thrown away',
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (upload_id),
  KEY ix_upload__referral (referral_id),
  KEY ix_upload__advice (advice_id)
) DEFAULT CHARSET=utf8mb4
