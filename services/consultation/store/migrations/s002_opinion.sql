CREATE TABLE opinion (
  consultation_id BINARY(16) NOT NULL,
  opinion_version INT NOT NULL,
  practitioner_id BINARY(16) NOT NULL,
  signed_at DATETIME(6) NOT NULL,
  signed_bytes MEDIUMBLOB NOT NULL COMMENT 'serialized OpinionStatement, exactly as signed',
  signature VARBINARY(256) NOT NULL,
  key_id BINARY(16) NOT NULL,
  PRIMARY KEY (consultation_id, opinion_version)
) DEFAULT CHARSET=utf8mb4
