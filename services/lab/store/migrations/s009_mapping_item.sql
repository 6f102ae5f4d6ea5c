-- The mapping queue: one row for each term of a sender that nobody has mapped. No values: those are the patients'.
CREATE TABLE mapping_item (
  item_id BINARY(16) NOT NULL COMMENT 'that of the mapping it waits for',
  organization_id BINARY(16) NOT NULL,
  term_id BINARY(16) NOT NULL,
  kind TINYINT NOT NULL,
  code_system VARCHAR(32) NOT NULL,
  term VARCHAR(256) NOT NULL,
  display VARCHAR(256) NOT NULL,
  unit VARCHAR(64) NOT NULL,
  reference_range VARCHAR(256) NOT NULL,
  value_type TINYINT NOT NULL,
  first_seen_at DATETIME(6) NOT NULL,
  settled_at DATETIME(6) NULL COMMENT 'mapped since then; NULL: in the queue',
  PRIMARY KEY (item_id),
  KEY ix_mapping_item__organization (organization_id, settled_at, first_seen_at, item_id),
  KEY ix_mapping_item__term (term_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
