CREATE TABLE closing_contact (
  referral_id BINARY(16) NOT NULL,
  ordinal INT NOT NULL,
  organization_id BINARY(16) NOT NULL COMMENT 'made it',
  practitioner_id BINARY(16) NULL COMMENT 'made it',
  contacted_at DATETIME(6) NOT NULL,
  reached BOOLEAN NOT NULL,
  satisfaction TINYINT NOT NULL COMMENT '0 not said, 1 satisfied, 2 dissatisfied',
  remarks TEXT NOT NULL,
  PRIMARY KEY (referral_id, ordinal)
) DEFAULT CHARSET=utf8mb4
