CREATE TABLE patient_rating (
  referral_id BINARY(16) NOT NULL,
  score TINYINT NOT NULL,
  respondent TINYINT NOT NULL COMMENT '1 patient, 2 family member, 3 guardian',
  organization_id BINARY(16) NOT NULL COMMENT 'asked',
  practitioner_id BINARY(16) NULL COMMENT 'asked',
  recorded_at DATETIME(6) NOT NULL,
  PRIMARY KEY (referral_id)
) DEFAULT CHARSET=utf8mb4
