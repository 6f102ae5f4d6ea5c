CREATE TABLE referral_fact (
  referral_id BINARY(16) NOT NULL,
  version BIGINT NOT NULL,
  kind TINYINT NOT NULL COMMENT '1 rejected, 2 returned, 3 no slot found',
  reason TINYINT NOT NULL,
  organization_id BINARY(16) NOT NULL,
  department_id BINARY(16) NOT NULL,
  day DATE NOT NULL,
  PRIMARY KEY (referral_id, version)
) DEFAULT CHARSET=utf8mb4
