CREATE TABLE blob_chunk (
  blob_id BINARY(16) NOT NULL,
  chunk INT NOT NULL,
  sha256 BINARY(32) NOT NULL,
  content MEDIUMBLOB NOT NULL,
  PRIMARY KEY (blob_id, chunk)
) DEFAULT CHARSET=utf8mb4
