CREATE TABLE referral_statistic (
  grain CHAR(1) CHARACTER SET ascii NOT NULL COMMENT 'D day, M month',
  period DATE NOT NULL COMMENT 'its first day',
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL COMMENT 'zero: none',
  received BIGINT NOT NULL,
  answered_in_time BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  completed_in_time BIGINT NOT NULL,
  completed BIGINT NOT NULL,
  rated BIGINT NOT NULL,
  satisfied BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  returned BIGINT NOT NULL,
  slots_not_found BIGINT NOT NULL,
  PRIMARY KEY (grain, period, organization_id, department_id),
  KEY ix_referral_statistic__organization (organization_id, grain, period)
) DEFAULT CHARSET=utf8mb4
