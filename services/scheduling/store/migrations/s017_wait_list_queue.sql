-- How far the turns of a department's wait list have come; locked by who joins, so that two get different turns.
CREATE TABLE wait_list_queue (
  department_id BINARY(16) NOT NULL,
  served_turn BIGINT NOT NULL,
  PRIMARY KEY (department_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
