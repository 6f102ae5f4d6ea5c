-- Which session an entry was offered: it is not asked for the same one twice.
CREATE TABLE wait_list_offer (
  entry_id BINARY(16) NOT NULL,
  session_id BINARY(16) NOT NULL,
  offered_at DATETIME(6) NOT NULL,
  PRIMARY KEY (entry_id, session_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
