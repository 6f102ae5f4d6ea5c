-- What items cost, in fen.
CREATE TABLE item_price (
  price_id BINARY(16) NOT NULL COMMENT 'made of organization, item and first day',
  organization_id BINARY(16) NOT NULL COMMENT 'nil: the region',
  loinc VARCHAR(16) NOT NULL,
  effective_from DATE NOT NULL,
  price_fen BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (price_id),
  KEY ix_item_price__loinc (loinc, organization_id, effective_from)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
