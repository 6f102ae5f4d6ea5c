CREATE TABLE referral_counted (
  referral_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL,
  day DATE NOT NULL,
  answered BOOLEAN NOT NULL,
  answered_in_time BOOLEAN NOT NULL,
  completed BOOLEAN NOT NULL,
  completed_in_time BOOLEAN NOT NULL,
  rated TINYINT NOT NULL,
  satisfied TINYINT NOT NULL,
  response_bucket INT NULL,
  PRIMARY KEY (referral_id)
) DEFAULT CHARSET=utf8mb4
