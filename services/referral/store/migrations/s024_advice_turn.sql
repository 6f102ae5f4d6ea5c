CREATE TABLE advice_turn (
  advice_id BINARY(16) NOT NULL,
  number INT NOT NULL,
  kind TINYINT NOT NULL,
  text TEXT NOT NULL,
  organization_id BINARY(16) NOT NULL,
  practitioner_id BINARY(16) NULL,
  said_at DATETIME(6) NOT NULL,
  PRIMARY KEY (advice_id, number)
) DEFAULT CHARSET=utf8mb4
