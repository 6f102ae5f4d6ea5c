-- One centre of an organization reads a kind, so that organization and kind say whose worklist a study is on.
CREATE TABLE reading_centre_kind (
  organization_id BINARY(16) NOT NULL,
  kind TINYINT NOT NULL,
  centre_id BINARY(16) NOT NULL,
  PRIMARY KEY (organization_id, kind),
  KEY ix_reading_centre_kind__centre (centre_id)
) DEFAULT CHARSET=utf8mb4
