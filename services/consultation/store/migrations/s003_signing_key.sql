CREATE TABLE signing_key (
  practitioner_id BINARY(16) NOT NULL,
  key_id BINARY(16) NOT NULL,
  private_key VARBINARY(1024) NOT NULL COMMENT 'PKCS 8 PEM under the field cipher',
  public_key VARCHAR(512) CHARACTER SET ascii NOT NULL COMMENT 'PEM',
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (practitioner_id),
  UNIQUE KEY uq_signing_key__key (key_id)
) DEFAULT CHARSET=utf8mb4
