CREATE TABLE inbound_message_chunk (
  message_id BINARY(16) NOT NULL,
  chunk_number INT NOT NULL COMMENT 'from 1; the message itself holds chunk 0',
  content MEDIUMBLOB NOT NULL COMMENT 'encrypted',
  PRIMARY KEY (message_id, chunk_number)
) DEFAULT CHARSET=utf8mb4
