CREATE TABLE referral_statistic_bucket (
  grain CHAR(1) CHARACTER SET ascii NOT NULL COMMENT 'D day, M month',
  period DATE NOT NULL COMMENT 'its first day',
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL COMMENT 'zero: none',
  kind TINYINT NOT NULL COMMENT '1 response time, 2 reason of rejections, 3 reason of returns',
  bucket INT NOT NULL COMMENT 'of the histogram, or the reason',
  occurrences BIGINT NOT NULL,
  PRIMARY KEY (grain, period, organization_id, department_id, kind, bucket),
  KEY ix_referral_statistic_bucket__organization (organization_id, grain, period)
) DEFAULT CHARSET=utf8mb4
