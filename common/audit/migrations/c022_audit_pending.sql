-- Records that are durable and not linked yet, those of one commit packed into one row (common/audit/pending.h). The chainer
-- moves them to audit_entry. pending_id is a version 7 UUID: new rows land at the end of the clustered index.
CREATE TABLE audit_pending (
  pending_id BINARY(16) NOT NULL,
  record_count INT NOT NULL,
  records MEDIUMBLOB NOT NULL,
  PRIMARY KEY (pending_id)
) ENGINE = InnoDB
